import HardwareProfiles

/// The errors of predictions against measurements.
public struct PredictionError: Hashable, Sendable {
    /// The mean of |predicted − measured| / measured.
    public let meanAbsolute: Double
    /// The mean of (predicted − measured) / measured.
    public let meanSigned: Double
    /// The largest |predicted − measured| / measured.
    public let largest: Double
    /// Spearman's rank correlation; equal values share their rank.
    public let rankCorrelation: Double

    /// - Parameters:
    ///   - predicted: one for each of `measured`.
    ///   - measured: at least two.
    public init(predicted: [Double], measured: [Double]) {
        precondition(predicted.count == measured.count && measured.count > 1, "one prediction for each of two or more")
        let errors = zip(predicted, measured).map { ($0 - $1) / $1 }
        let count = Double(errors.count)
        meanAbsolute = errors.reduce(0) { $0 + abs($1) } / count
        meanSigned = errors.reduce(0, +) / count
        largest = errors.map(abs).max() ?? 0
        rankCorrelation = RankCorrelation.spearman(predicted, measured)
    }
}
