/// The reason, as one sentence, why a list of choices is no point of a search space.
public enum ArchitectureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There must be one choice for every searchable layer.
    case wrongCount(space: String, expected: Int, found: Int)
    /// An index vector outside the layer's axes, which have `options` options.
    case notAChoice(space: String, layer: String, options: [Int])
    /// An architecture has something in a layer that the space does not offer there, only `choices`.
    case notOffered(space: String, layer: String, content: String, choices: [String])

    public var description: String {
        switch self {
        case .wrongCount(let space, let expected, let found):
            "the search space \(space) needs \(expected) choices, one for each searchable layer, found \(found)"
        case .notAChoice(let space, let layer, let options):
            "layer \(layer) of the search space \(space) has no such choice; its axes have "
                + options.map(String.init).joined(separator: ", ") + " options"
        case .notOffered(let space, let layer, let content, let choices):
            "layer \(layer) of the search space \(space) cannot be \(content), only " + choices.joined(separator: ", ")
        }
    }
}
