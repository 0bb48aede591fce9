/// The weights of an architecture as plain values: one float32 tensor for each of its `weightTensors`.
public struct TrainedWeights: Hashable, Sendable {
    public let architecture: Architecture
    /// By the names of `architecture.weightTensors`.
    private let values: [String: [Float]]

    /// - Parameters:
    ///   - architecture: what the weights are for.
    ///   - values: returns the shape and the values of the tensor with a name; nil where there is none.
    /// - Throws: `WeightsError` where a tensor is missing, has another shape, a value that is not finite, or, for a
    ///   variance, one below zero.
    public init(
        for architecture: Architecture, values: (WeightTensor) throws -> (shape: [Int], values: [Float])?
    ) throws {
        var all: [String: [Float]] = [:]
        for tensor in architecture.weightTensors {
            guard let (shape, found) = try values(tensor) else { throw WeightsError.missing(tensor: tensor) }
            guard shape == tensor.shape, found.count == tensor.count else {
                throw WeightsError.wrongShape(tensor: tensor, found: shape)
            }
            if let bad = found.firstIndex(where: { !$0.isFinite || tensor.role == .runningVar && $0 < 0 }) {
                throw WeightsError.badValue(tensor: tensor, index: bad, value: found[bad])
            }
            all[tensor.name] = found
        }
        self.architecture = architecture
        self.values = all
    }

    /// The same weights for an architecture with the same tensors, such as one for images of another size.
    public func adopted(by architecture: Architecture) -> TrainedWeights {
        precondition(
            architecture.weightTensors == self.architecture.weightTensors,
            "TrainedWeights: those of \(self.architecture.name) do not fit \(architecture.name)")
        return TrainedWeights(architecture: architecture, values: values)
    }

    private init(architecture: Architecture, values: [String: [Float]]) {
        self.architecture = architecture
        self.values = values
    }

    /// The values of the tensor with that name, in the order of its layout; the architecture must have such a tensor.
    public subscript(name: String) -> [Float] {
        guard let found = values[name] else { preconditionFailure("TrainedWeights: there is no tensor \(name)") }
        return found
    }
}
