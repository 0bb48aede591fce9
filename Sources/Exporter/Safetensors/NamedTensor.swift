/// A float32 tensor with its name.
public struct NamedTensor: Hashable, Sendable {
    public let name: String
    /// Its sides, outermost first; none for a single value.
    public let shape: [Int]
    /// In row-major order.
    public let values: [Float]

    /// There must be as many values as the shape says.
    public init(name: String, shape: [Int], values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count, "tensor \(name) of shape \(shape), given \(values.count) values")
        self.name = name
        self.shape = shape
        self.values = values
    }
}
