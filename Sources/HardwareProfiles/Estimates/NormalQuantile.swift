import Glibc

/// Quantiles of the standard normal distribution.
package enum NormalQuantile {
    /// The value below which the magnitude stays with a probability, above 0 and below 1, by bisection of the error
    /// function.
    package static func twoSided(_ probability: Double) -> Double {
        precondition(0 < probability && probability < 1, "a probability lies between 0 and 1, got \(probability)")
        var low = 0.0, high = 10.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erf(middle / 2.0.squareRoot()) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
