import CKernels

/// The gradients of all parameters of a network in one flat buffer, which several machines can sum in one all-reduce.
///
///     let gradients = FlatGradients(of: network.parameters)
///     network.backward()
///     sum(gradients.storage)     // every parameter's gradient is the sum now
///
/// Each gradient begins at a cache line, as it would in separate memory; the padding between two is always zero.
public struct FlatGradients {
    /// All gradients, in the order of the parameters.
    public let storage: Storage
    /// The place of each parameter's gradient in `storage`.
    public let ranges: [Range<Int>]

    /// Moves the gradients of parameters here, with their values.
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

    /// The number of values that a gradient occupies: whole cache lines.
    public static func paddedCount(_ count: Int) -> Int {
        let line = Int(ONEPATH_LANES)
        return (count + line - 1) / line * line
    }
}
