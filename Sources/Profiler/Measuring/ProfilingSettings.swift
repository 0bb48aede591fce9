/// How carefully to measure.
public struct ProfilingSettings: Hashable, Sendable {
    /// Measuring ends after so many seconds at the latest; those do not count in which a hot device is waited for.
    public var budgetSeconds = 300.0
    /// Measuring ends when the 95 % confidence interval of every median is no wider than this part of the median.
    public var precision = 0.01
    /// A median whose interval is still wider than this part of it is marked as uncertain.
    public var widestInterval = 0.10
    /// A median needs at least so many visits.
    public var minimumVisits = 6
    /// Passes at the start of a visit that are not timed.
    public var warmUpPasses = 2
    /// The smallest number of timed passes of a visit.
    public var minimumPasses = 5
    /// How long a visit times passes.
    public var visitSeconds = 0.02
    /// For how long passes are timed before the reference operator is timed again.
    public var segmentSeconds = 0.004
    /// Passes do not count if the reference operator, timed before and after them, differs from its usual time by more
    /// than this part of it.
    public var driftLimit = 0.05
    /// Passes do not count either if the thread waited for its core for more than this part of their time.
    public var waitingLimit = 0.005
    /// If more than this part of the visits have no pass that counts, all passes of all visits count, and every median
    /// is uncertain.
    public var disturbedLimit = 0.75
    /// How long to measure before reporting that the machine is not steady.
    public var steadinessSeconds = 5.0
    /// The seed of the order of measuring.
    public var seed: UInt64 = 0

    public init() {}
}
