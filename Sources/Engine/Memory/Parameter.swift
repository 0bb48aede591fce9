/// A trained tensor: its values, the gradient of the loss with respect to them, and how it is trained.
public final class Parameter: @unchecked Sendable {
    /// Its place in the network, for example "stage1.2.expand".
    public let name: String
    /// Its dimensions, outermost first.
    public let shape: [Int]
    /// Whether weight decay applies (not to batch normalisation).
    public let decays: Bool
    /// What an optimiser multiplies the learning rate with.
    public var learningRateFactor: Float = 1
    public let value: Storage
    /// In separate memory, or a piece of a `FlatGradients`.
    public private(set) var gradient: Storage

    public init(name: String, shape: [Int], decays: Bool = true) {
        self.name = name
        self.shape = shape
        self.decays = decays
        let count = shape.reduce(1, *)
        value = Storage(count: count)
        gradient = Storage(count: count)
    }

    /// Moves the gradient, with its values, into another storage, from a given value on.
    func moveGradient(to storage: Storage, from first: Int) {
        let moved = Storage(in: storage, from: first, count: gradient.count)
        moved.copy(from: gradient)
        gradient = moved
    }

    /// Draws the values from a normal distribution of mean 0 and std √(2 / fan): He et al., 2015,
    /// "Delving Deep into Rectifiers".
    ///
    /// - Parameters:
    ///   - fan: fan-in or fan-out: the number of inputs of an output, or of outputs of an input.
    ///   - random: the source of the values.
    public func initializeHe(fan: Int, random: inout RandomSource) {
        let deviation = (2 / Float(fan)).squareRoot()
        for index in 0..<value.count { value.pointer[index] = deviation * random.normal() }
    }
}
