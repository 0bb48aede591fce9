import Architectures

/// Latencies measured on a device, each of a block, an operator or a group of layers.
public struct LatencyTable: Hashable, Sendable {
    /// The latency of one block.
    public struct Entry: Hashable, Sendable {
        /// The layer of the table's space that the block was measured as; nil for a block in no particular place.
        public let layer: String?
        /// The map that the block reads.
        public let input: FeatureShape
        public let block: Block
        /// Milliseconds, above 0.
        public let latencyMs: Double
        /// The median absolute deviation, milliseconds, and how many times the block was measured; nil where unknown.
        public let deviationMs: Double?, count: Int?
        /// The 95 % confidence interval of the median, milliseconds; nil where unknown.
        public let intervalMs: ClosedRange<Double>?
        /// Whether the interval is wide, or the machine was not steady when the block was measured.
        public let isUncertain: Bool

        /// The key of a layer that consists of this block: `Network.Layer.key`.
        public var key: String { block.key(input: input) }
    }

    /// The latency of one operator, in any network.
    public struct OperatorEntry: Hashable, Sendable {
        public let step: Operator
        /// Milliseconds, above 0.
        public let latencyMs: Double
        /// As of a block.
        public let deviationMs: Double?, count: Int?
        /// As of a block.
        public let intervalMs: ClosedRange<Double>?
        /// As of a block.
        public let isUncertain: Bool
    }

    /// The latency of several layers that were measured together.
    public struct Group: Hashable, Sendable {
        /// The keys of the layers (`Network.Layer.key`), at least one, in any order.
        public let keys: [String]
        /// Milliseconds, above 0.
        public let latencyMs: Double
    }

    /// The allowed latencies, in milliseconds: from a nanosecond to a quarter of an hour.
    public static let latenciesMs = 1e-6...1e6
    /// The allowed standard or median absolute deviations, in milliseconds.
    public static let deviationsMs = 0...1e6
    /// The allowed numbers of measurements.
    public static let counts = 1...1_000_000_000

    /// The search space whose layers the entries name; nil for none.
    public let space: String?
    /// Who measured, how, and where it was published, for people.
    public let source: String
    public let entries: [Entry]
    public let operators: [OperatorEntry]
    public let groups: [Group]
}
