/// A float32 tensor with its name.
public struct NamedTensor: Hashable, Sendable {
    public let name: String
    /// Its dimensions, outermost first; empty for a single value.
    public let shape: [Int]
    /// The values in row-major order.
    public let values: [Float]

    /// The number of values must fit the shape.
    public init(name: String, shape: [Int], values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count, "tensor \(name) of shape \(shape), given \(values.count) values")
        self.name = name
        self.shape = shape
        self.values = values
    }
}
