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

    public let subject: MeasuredSubject
    public let reason: Reason

    public init(subject: MeasuredSubject, reason: Reason) {
        self.subject = subject
        self.reason = reason
    }

    /// "convolution k1 s1 …: 0.0 ms is no time".
    public var description: String { "\(subject.key): \(reason)" }
}
