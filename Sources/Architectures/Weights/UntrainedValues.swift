/// Untrained weights, always the same: for measuring speed, not for classification.
package struct UntrainedValues {
    private var random = SplitMix64(seed: 0)

    package init() {}

    /// Uniform weights with std √(2 / inputs) (He et al., 2015, arXiv:1502.01852), none of them 0.
    ///
    /// - Parameter inputs: the fan-in.
    package mutating func kernel(inputs: Int, count: Int) -> [Float] {
        let limit = (6 / Float(inputs)).squareRoot()
        return (0..<count).map { _ in
            // An odd multiple of 2⁻²⁴ between -1 and 1, and therefore never 0.
            limit * Float(Int(random.next() >> 40) * 2 + 1 - (1 << 24)) / Float(1 << 24)
        }
    }
}
