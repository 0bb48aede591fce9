import Architectures

/// Weights that nobody trained, the same every time: for measuring how fast something runs, not for classifying.
struct UntrainedValues {
    private var random = SplitMix64(seed: 0)

    /// Weights that are uniform with the deviation √(2 / inputs) (He et al., 2015, arXiv:1502.01852), none of them 0.
    ///
    /// - Parameter inputs: how many products an output is the sum of.
    mutating func kernel(inputs: Int, count: Int) -> [Float] {
        let limit = (6 / Float(inputs)).squareRoot()
        return (0..<count).map { _ in
            // An odd multiple of 2⁻²⁴ between -1 and 1, and so never 0.
            limit * Float(Int(random.next() >> 40) * 2 + 1 - (1 << 24)) / Float(1 << 24)
        }
    }
}
