import Glibc
import HardwareProfiles

/// The median of a sample, with its confidence interval.
public struct SampleMedian: Hashable, Sendable {
    public let median: Double
    /// The median of the distances to the median.
    public let deviation: Double
    public let count: Int
    /// A confidence interval of the median of at least 95 %, between two order statistics (for a continuous
    /// distribution of any shape; e.g. Hahn and Meeker, 1991, "Statistical Intervals", section 5.2).
    ///
    /// nil below six values, which cannot give it.
    public let interval: ClosedRange<Double>?

    /// The median of at least one value.
    public init(_ values: [Double]) {
        let sorted = values.sorted()
        let middle = sorted.median
        median = middle
        deviation = sorted.map { abs($0 - middle) }.median
        count = values.count
        let rank = Self.rank(count: count)
        interval = rank > 0 ? sorted[rank - 1]...sorted[count - rank] : nil
    }

    /// The width of the interval divided by the median; infinite where there is no interval.
    public var relativeWidth: Double {
        guard let interval, median > 0 else { return .infinity }
        return (interval.upperBound - interval.lowerBound) / median
    }

    /// The largest r for which the r-th smallest and the r-th largest of `count` values enclose the median with a
    /// probability of 95 %: fewer than r of them lie below it with a probability of at most 2.5 %. 0 if there is none.
    static func rank(count: Int) -> Int {
        var cumulative = 0.0
        for below in 0..<count {
            let logChoose = lgamma(Double(count + 1)) - lgamma(Double(below + 1)) - lgamma(Double(count - below + 1))
            cumulative += exp(logChoose - Double(count) * log(2))
            if cumulative > 0.025 { return below }
        }
        return 0
    }
}
