/// How carefully to measure.
public struct ProfilingSettings: Hashable, Sendable {
    /// After so many seconds nothing more is measured, whatever is known by then.
    public var budgetSeconds = 300.0
    /// Measuring ends when the 95 % confidence interval of every median is no wider than this part of the median.
    public var precision = 0.01
    /// A median whose interval is still wider than this part of it is marked as uncertain.
    public var widestInterval = 0.10
    /// A median of fewer visits is not known.
    public var minimumVisits = 6
    /// Passes at the start of a visit that are not timed.
    public var warmUpPasses = 2
    /// Passes that a visit times at the least.
    public var minimumPasses = 5
    /// How long a visit goes on timing passes.
    public var visitSeconds = 0.02
    /// For how long passes are timed before the reference operator is timed again.
    public var segmentSeconds = 0.004
    /// Passes do not count if the reference operator, measured before and after them, took longer or shorter than it
    /// mostly does by more than this part of it.
    public var driftLimit = 0.05
    /// Passes do not count either if the thread waited for its core for more than this part of their time.
    public var waitingLimit = 0.005
    /// If of more than this part of the visits no pass counts, all passes of all visits do, and every median is uncertain.
    public var disturbedLimit = 0.75
    /// For how long is measured before it is told that the machine is not steady.
    public var steadinessSeconds = 5.0
    /// Of the order in which things are measured.
    public var seed: UInt64 = 0

    public init() {}
}
