/// The parts of a device that matter for the cost of a network.
public struct Hardware: Hashable, Sendable {
    /// A group of identical cores that share a clock.
    public struct Cluster: Hashable, Sendable {
        public let name: String
        /// The microarchitecture of the cores.
        public let core: String
        /// What is known of these cores in any chip; nil where the hardware file names none.
        public let facts: Core?
        public let cores: Figure<Int>
        /// The highest clock that the device runs, GHz.
        public let clockGHz: Figure<Double>
        /// Whether the core issues instructions in program order.
        public let inOrder: Figure<Bool>
        /// The width of a vector register, bits.
        public let vectorBits: Figure<Int>
        /// Fused multiply-adds of single float32 values that one core completes in a cycle.
        public let fmaPerCycleF32: Figure<Double>
        /// Multiply-accumulates of single int8 values that one core completes in a cycle.
        public let fmaPerCycleInt8: Figure<Double>
        /// First-level data cache of one core, KiB.
        public let l1KiB: Figure<Int>
        /// Bytes that one core loads from its first level in a cycle.
        public let l1BytesPerCycle: Figure<Double>
        /// Second-level cache as one core sees it, KiB; not smaller than the first level.
        public let l2KiB: Figure<Int>
        /// Whether the cores of the cluster share the second level.
        public let l2Shared: Figure<Bool>
        /// Bytes that one core moves from or to its second level in a cycle.
        public let l2BytesPerCycle: Figure<Double>
    }

    /// The memory that all clusters share.
    public struct Memory: Hashable, Sendable {
        /// The standard that it follows ("LPDDR4").
        public let kind: String
        /// MHz; two transfers are made in a cycle. nil where it is not known.
        public let clockMHz: Figure<Double>?
        /// The width of all channels together, bits; nil where it is not known.
        public let busBits: Figure<Int>?
        /// The highest rate of transfer, 10⁹ bytes a second.
        public let bandwidthGBPerSecond: Figure<Double>
        /// The bandwidth of one core, 10⁹ bytes a second; not above the highest rate.
        public let coreBandwidthGBPerSecond: Figure<Double>
        /// What all cores together get in a stream, 10⁹ bytes a second: what the controller gives, which on small boards
        /// is far below the highest rate. nil where it is not known.
        public let streamGBPerSecond: Figure<Double>?
    }

    /// What the device is called.
    public let name: String
    /// What the device is called where others published its latencies; nil where it is not in a list.
    public let publishedAs: String?
    /// The chip as its maker calls it.
    public let chip: String
    /// The manufacturing process, nm; nil where it is not known, and then there are no energies either.
    public let processNm: Figure<Double>?
    /// At least one, with different names; the first is the one that a single thread runs on.
    public let clusters: [Cluster]
    /// Third-level cache that the clusters share, KiB; nil for none.
    public let l3KiB: Figure<Int>?
    /// Cache in front of the memory that the whole chip shares, KiB; nil for none.
    public let systemCacheKiB: Figure<Int>?
    /// The bandwidth between one core and the third level, 10⁹ bytes a second; nil where there is none.
    public let l3GBPerSecond: Figure<Double>?
    public let memory: Memory
    /// The energies of operations and transfers; nil where they are not known.
    public let energy: EnergyFigures?

    /// Says of each core that is not described which one stands in for it.
    var standIns: [String] {
        clusters.compactMap { cluster in
            // A name may add the core that it is made from: "Kryo 385 Gold (Cortex-A75)".
            guard let facts = cluster.facts, cluster.core != facts.title, !cluster.core.hasSuffix("(\(facts.title))"),
                CoreNames.canonical(cluster.core) != facts.name
            else { return nil }
            return DeviceFacts.standIn(facts.name, for: cluster.core)
        }
    }
}
