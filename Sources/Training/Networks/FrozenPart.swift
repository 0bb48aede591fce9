import Architectures

/// The first layers of a network where a training leaves them as they are: the stem and what follows it, up to and
/// with one layer.
///
///     let frozen = try FrozenPart(of: architecture, through: "stage1")
///     frozen.layers          // ["stem", "stage1.1", "stage1.2"]
///
/// Features of the first layers are general, and those of the last ones belong to the task (Yosinski et al., 2014, "How
/// transferable are features in deep neural networks?").
public struct FrozenPart: Hashable, Sendable {
    /// The names of its layers with weights, in the order of the forward pass.
    public let layers: [String]
    /// How many layers with weights the whole network has, with the classifier.
    public let layersOfNetwork: Int
    /// The tensors of its layers: weights and running statistics.
    public let tensors: [WeightTensor]

    /// How many weights it has.
    public var parameters: Int { tensors.reduce(0) { $0 + ($1.role.isTrained ? $1.count : 0) } }
    /// How many running means and variances it has.
    package var statistics: Int { tensors.reduce(0) { $0 + $1.count } - parameters }

    /// - Parameters:
    ///   - architecture: the network.
    ///   - name: a stage ("stage3", whose layers are "stage3.1", …), "stem", "head", or a layer ("stage3.2"). A layer that
    ///     is skipped counts as the place where it would be. The classifier is always trained.
    /// - Throws: `ConfigurationError`, with the stages that there are, where there is no such stage or layer.
    public init(of architecture: Architecture, through name: String) throws(ConfigurationError) {
        let layers = architecture.network.layers, candidates = layers.dropLast()
        let last = candidates.firstIndex { $0.name == name } ?? candidates.lastIndex { Self.stage(of: $0.name) == name }
        guard let last else {
            var stages: [String] = []
            for layer in candidates where stages.last != Self.stage(of: layer.name) {
                stages.append(Self.stage(of: layer.name))
            }
            throw ConfigurationError(
                setting: "freeze",
                expected: "a stage of \(architecture.name) (\(stages.joined(separator: ", "))) or the name of a layer",
                found: name.isEmpty ? "nothing" : name)
        }
        let names = candidates[...last].filter { $0.content != .skip }.map(\.name), frozen = Set(names)
        self.layers = names
        layersOfNetwork = layers.count { $0.content != .skip }
        tensors = architecture.weightTensors.filter { frozen.contains(Self.stage(of: $0.operatorName)) }
    }

    /// What stands before the last dot of a name, or all of it.
    private static func stage(of name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}
