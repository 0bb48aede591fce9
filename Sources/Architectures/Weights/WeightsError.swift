/// The reason, as one sentence, why tensors are not the weights of an architecture.
public enum WeightsError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(tensor: WeightTensor)
    case wrongShape(tensor: WeightTensor, found: [Int])
    /// A value that is not finite, or a variance below zero.
    case badValue(tensor: WeightTensor, index: Int, value: Float)

    public var tensor: WeightTensor {
        switch self {
        case .missing(let tensor), .wrongShape(let tensor, _), .badValue(let tensor, _, _): tensor
        }
    }

    /// The sentence without the tensor's name.
    public var problem: String {
        switch self {
        case .missing(let tensor): "expected a tensor of shape \(tensor.shape), found none"
        case .wrongShape(let tensor, let found): "expected shape \(tensor.shape), found \(found)"
        case .badValue(let tensor, let index, let value):
            "expected finite values\(tensor.role == .runningVar ? " of at least 0" : ""), "
                + "found \(value) at index \(index)"
        }
    }

    public var description: String { "tensor \(tensor.name): \(problem)" }
}
