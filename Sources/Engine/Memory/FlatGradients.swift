import CKernels

/// The gradients of all parameters of a network in one piece of memory, one after the other: what machines that train
/// together add up in one go.
///
///     let gradients = FlatGradients(of: network.parameters)
///     network.backward()
///     sum(gradients.storage)     // every parameter's gradient is the sum now
///
/// Each gradient begins at a cache line, as in memory of its own; what lies between two is zero and stays zero.
public struct FlatGradients {
    /// All of them, in the order of the parameters.
    public let storage: Storage
    /// Where each parameter's gradient lies in `storage`.
    public let ranges: [Range<Int>]

    /// Moves the gradients of parameters here, with the values that they have.
    ///
    /// - Parameter parameters: each once.
    public init(of parameters: [Parameter]) {
        require(
            Set(parameters.map(ObjectIdentifier.init)).count == parameters.count,
            "FlatGradients: a parameter is given more than once")
        var end = 0
        ranges = parameters.map { parameter in
            defer { end += Self.paddedCount(parameter.gradient.count) }
            return end..<end + parameter.gradient.count
        }
        storage = Storage(count: end)
        for (parameter, range) in zip(parameters, ranges) {
            parameter.moveGradient(to: storage, from: range.lowerBound)
        }
    }

    /// How many values the gradient of so many takes up here: whole cache lines.
    public static func paddedCount(_ count: Int) -> Int {
        let line = Int(ONEPATH_LANES)
        return (count + line - 1) / line * line
    }
}
