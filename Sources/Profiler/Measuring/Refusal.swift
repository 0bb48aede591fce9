import HardwareProfiles

/// A measurement that does not go into a table, and why.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// Zero, negative, not a number, or outside of the range of a latency table.
        case notATime(ms: Double)
        /// Faster than the arithmetic is possible.
        case belowLimit(ms: Double, limitMs: Double)
        /// Too few visits for a confidence interval.
        case tooFew(visits: Int, needed: Int)

        public var description: String {
            switch self {
            case .notATime(let ms):
                "\(ms) ms is not between a nanosecond and a quarter of an hour"
            case .belowLimit(let ms, let limitMs):
                "\(ms) ms is less than the \(limitMs) ms that its arithmetic takes at least"
            case .tooFew(let visits, let needed):
                "measured \(visits) times, expected at least \(needed)"
            }
        }
    }

    /// The name of the operator, block or network.
    public let name: String
    public let reason: Reason

    public init(name: String, reason: Reason) {
        self.name = name
        self.reason = reason
    }

    /// "convolution k1 s1 …: 0.0 ms is not between …".
    public var description: String { "\(name): \(reason)" }
}

extension Refusal.Reason {
    /// Why `ms` milliseconds for so many multiply-accumulates cannot be right; nil if they can.
    public init?(ms: Double, macs: Int, limit: ArithmeticLimit) {
        guard LatencyTable.latenciesMs.contains(ms) else {
            self = .notATime(ms: ms)
            return
        }
        let least = limit.leastMs(macs: macs)
        guard ms < least else { return nil }
        self = .belowLimit(ms: ms, limitMs: least)
    }
}

extension ProfilingSettings {
    /// The state of a measured subject.
    enum Outcome {
        /// Nanoseconds, and whether the interval is wider than it should be or the machine was not steady.
        case known(SampleMedian, ClosedRange<Double>, isUncertain: Bool)
        /// Too few visits to know it.
        case unknown(Refusal)
        /// A value that cannot be right.
        case impossible(Refusal)
    }

    /// The outcome of the visits to a subject, in nanoseconds.
    func outcome(
        _ visits: VisitLog.Statistics.Sample, of name: String, macs: Int, limit: ArithmeticLimit
    ) -> Outcome {
        let sample = visits.median
        guard let sample, sample.count >= minimumVisits, let interval = sample.interval else {
            return .unknown(
                Refusal(name: name, reason: .tooFew(visits: sample?.count ?? 0, needed: minimumVisits)))
        }
        if let reason = Refusal.Reason(ms: sample.median / 1e6, macs: macs, limit: limit) {
            return .impossible(Refusal(name: name, reason: reason))
        }
        return .known(sample, interval, isUncertain: visits.isDisturbed || sample.relativeWidth > widestInterval)
    }
}
