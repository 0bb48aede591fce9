import Files

/// The latency of one block or operator.
public struct Measurement: Hashable, Sendable {
    public let subject: MeasuredSubject
    /// The median; the mean where others measured and published only that.
    public let latencyMs: Double
    /// The median absolute deviation; nil where it is not known.
    public let deviationMs: Double?
    /// How many times it was measured; nil where it is not known.
    public let count: Int?
    /// The 95 % confidence interval of the median; nil where it is not known.
    public let intervalMs: ClosedRange<Double>?
    /// Whether the interval is wide, or the machine was not steady.
    public let isUncertain: Bool

    public init(
        subject: MeasuredSubject, latencyMs: Double, deviationMs: Double? = nil, count: Int? = nil,
        intervalMs: ClosedRange<Double>? = nil, isUncertain: Bool = false
    ) {
        self.subject = subject
        self.latencyMs = latencyMs
        self.deviationMs = deviationMs
        self.count = count
        self.intervalMs = intervalMs
        self.isUncertain = isUncertain
    }

    /// A measurement by others, with its standard deviation.
    ///
    /// The deviation is scaled to a median absolute deviation, which for normally distributed values is 0.6745 standard
    /// deviations.
    public init(subject: MeasuredSubject, latencyMs: Double, standardDeviationMs: Double?, count: Int?) {
        self.init(
            subject: subject, latencyMs: latencyMs, deviationMs: standardDeviationMs.map { 0.6745 * $0 }, count: count)
    }

    /// The fields of the subject, "latency_ms", and what is known of "deviation_ms", "count", "latency_low_ms" and
    /// "latency_high_ms"; "uncertain" where it is uncertain.
    public var json: JSON {
        .object(
            subject.members + [.init(key: "latency_ms", value: .number(latencyMs))]
                + (deviationMs.map { [.init(key: "deviation_ms", value: .number($0))] } ?? [])
                + (count.map { [.init(key: "count", value: .integer($0))] } ?? [])
                + (intervalMs.map {
                    [
                        .init(key: "latency_low_ms", value: .number($0.lowerBound)),
                        .init(key: "latency_high_ms", value: .number($0.upperBound)),
                    ]
                } ?? []) + (isUncertain ? [.init(key: "uncertain", value: true)] : []))
    }
}
