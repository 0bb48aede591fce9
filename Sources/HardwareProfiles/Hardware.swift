/// What a device is made of, as far as it bears on the time a network takes.
public struct Hardware: Hashable, Sendable {
    /// A group of like cores that share a clock and a second-level cache.
    public struct Cluster: Hashable, Sendable {
        public let name: String
        /// The microarchitecture of the cores.
        public let core: String
        public let cores: Figure<Int>
        /// The highest clock that the device runs, GHz.
        public let clockGHz: Figure<Double>
        /// The width of a vector register, bits.
        public let vectorBits: Figure<Int>
        /// Fused multiply-adds of single float32 values that one core completes in a cycle.
        public let fmaPerCycleF32: Figure<Double>
        /// First-level data cache of one core, KiB.
        public let l1KiB: Figure<Int>
        /// Second-level cache of the cluster, KiB; not smaller than the first level.
        public let l2KiB: Figure<Int>
    }

    /// The memory that all clusters share.
    public struct Memory: Hashable, Sendable {
        /// The standard that it follows ("LPDDR4").
        public let kind: String
        /// MHz; two transfers are made in a cycle.
        public let clockMHz: Figure<Double>
        /// The width of all channels together, bits.
        public let busBits: Figure<Int>
        /// The highest rate of transfer, 10⁹ bytes a second.
        public let bandwidthGBPerSecond: Figure<Double>
    }

    /// The chip as its maker calls it.
    public let chip: String
    /// The manufacturing process, nm.
    public let processNm: Figure<Double>
    /// One at least, each name once.
    public let clusters: [Cluster]
    public let memory: Memory
}
