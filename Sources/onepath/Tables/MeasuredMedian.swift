import Exporter
import Foundation

/// A measured latency and the interval around it, for people.
struct MeasuredMedian {
    let latencyMs: Double
    let intervalMs: ClosedRange<Double>

    /// "0.00412 ms, between 0.00410 and 0.00415 ms at 95 % confidence": with enough digits to tell the ends apart, four at
    /// the least.
    var text: String {
        let width = intervalMs.upperBound - intervalMs.lowerBound
        let digits = width > 0 ? min(8, max(4, Int((1 - log10(width)).rounded(.up)))) : 4
        return "\(latencyMs.fixed(digits)) ms, between \(intervalMs.lowerBound.fixed(digits)) and "
            + "\(intervalMs.upperBound.fixed(digits)) ms at 95 % confidence"
    }
}
