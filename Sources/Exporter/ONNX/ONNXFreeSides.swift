/// What settles the sides of an image, and of what stands beside it, that a model leaves free.
public struct FreeSides: Hashable, Sendable {
    /// The number of images; nil for one, where the model leaves it free.
    public var batch: Int?
    /// All sides of the input, as in "1x3x224x224"; nil for those that the model gives.
    public var input: [Int]?
    /// All sides of inputs, by their names. Of an input of an ONNX model without sides, its value.
    public var named: [String: [Int]]

    public init(batch: Int? = nil, input: [Int]? = nil, named: [String: [Int]] = [:]) {
        self.batch = batch
        self.input = input
        self.named = named
    }
}
