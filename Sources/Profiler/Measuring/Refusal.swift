/// A measurement that does not go into a table, and why.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// Zero, negative or not a number.
        case notATime(ms: Double)
        /// Faster than the arithmetic can be done.
        case belowLimit(ms: Double, limitMs: Double)
        /// The 95 % confidence interval of the median is wider than `limit`, a fraction of the median.
        case unstable(ms: Double, from: Double, to: Double, limit: Double)
        /// Too few visits for a confidence interval.
        case tooFew(visits: Int, needed: Int)

        public var description: String {
            switch self {
            case .notATime(let ms):
                "\(ms) ms is no time"
            case .belowLimit(let ms, let limitMs):
                "\(ms) ms is less than the \(limitMs) ms that its arithmetic takes at the least"
            case .unstable(let ms, let from, let to, let limit):
                "\(ms) ms, but anything from \(from) to \(to) ms at 95 % confidence, which is more than "
                    + "\(Int((100 * limit).rounded())) % wide"
            case .tooFew(let visits, let needed):
                "measured \(visits) times, \(needed) are needed"
            }
        }
    }

    /// Of the operator, block or network.
    public let name: String
    public let reason: Reason

    public init(name: String, reason: Reason) {
        self.name = name
        self.reason = reason
    }

    /// "convolution k1 s1 …: 0.0 ms is no time".
    public var description: String { "\(name): \(reason)" }
}

extension Refusal.Reason {
    /// Why `ms` milliseconds for so many multiply-accumulates cannot be right; nil if they can.
    public init?(ms: Double, macs: Int, limit: ArithmeticLimit) {
        guard ms.isFinite, ms > 0 else {
            self = .notATime(ms: ms)
            return
        }
        let least = limit.leastMs(macs: macs)
        guard ms < least else { return nil }
        self = .belowLimit(ms: ms, limitMs: least)
    }

    /// Why what the visits came to, in nanoseconds, is not to be used; nil if it is.
    init?(_ sample: SampleMedian?, macs: Int, limit: ArithmeticLimit, settings: ProfilingSettings) {
        guard let sample, sample.count >= settings.minimumVisits, let interval = sample.interval else {
            self = .tooFew(visits: sample?.count ?? 0, needed: settings.minimumVisits)
            return
        }
        let ms = sample.median / 1e6
        if let reason = Refusal.Reason(ms: ms, macs: macs, limit: limit) {
            self = reason
            return
        }
        guard sample.relativeWidth > settings.widestInterval else { return nil }
        self = .unstable(
            ms: ms, from: interval.lowerBound / 1e6, to: interval.upperBound / 1e6, limit: settings.widestInterval)
    }
}
