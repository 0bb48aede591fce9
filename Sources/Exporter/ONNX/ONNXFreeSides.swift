/// What settles the sides of an image that a model leaves free.
public struct FreeSides: Hashable, Sendable {
    /// The number of images; nil for one, where the model leaves it free.
    public var batch: Int?
    /// All sides of the input, as in "1x3x224x224"; nil for those that the model gives.
    public var input: [Int]?
    /// The sides of inputs by their names, for an ncnn model with several.
    public var named: [String: [Int]]

    public init(batch: Int? = nil, input: [Int]? = nil, named: [String: [Int]] = [:]) {
        self.batch = batch
        self.input = input
        self.named = named
    }
}
