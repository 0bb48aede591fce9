import Glibc

/// The part of a device that a runtime's threads use, in the units of `PartTimes`.
///
/// All threads of a layer start together and the layer ends with the last one, so the slowest of the cores that are used
/// counts for all. The memory gives each core what one core can take, until its controller is at its limit.
struct TransferMachine: Hashable, Sendable {
    /// Which cores the threads are bound to.
    enum Cores: String, Hashable, Sendable, CaseIterable {
        case all, big, little
    }

    let threads: Int
    /// Whether there are more threads than cores.
    let isOversubscribed: Bool
    let cyclesPerMs: Double
    /// Of one core, in the data type that the runtime computes in, and in float32.
    let multiplyAdds, multiplyAddsF32: Double
    let valueBytes: Double
    let isInt8: Bool
    /// Whether the runtime computes dense 3×3 convolutions in Winograd's form, as ncnn does; XNNPACK has no such kernel.
    let hasWinograd: Bool
    /// What its int8 kernels are made of; nil in other data types, and of a core that is not described.
    let int8Instructions: Core.Int8Instructions?
    let l2BytesPerCycle: Double
    /// Of all cores that are used together, and of one alone.
    let memoryBytesPerMs, coreBytesPerMs: Double
    let lastLevelBytes: Double
    /// The time that goes with a fixed number of scalar instructions.
    let launchMs: Double
    /// The name of the slowest core, its family, its group, and its instruction set without a version.
    let core, family, group, architecture: String

    /// A core of 2 GHz with four multiply-adds a cycle: what networks are compared on.
    static let reference = TransferMachine()

    private init() {
        threads = 1
        isOversubscribed = false
        cyclesPerMs = 2e6
        (multiplyAdds, multiplyAddsF32) = (4, 4)
        valueBytes = 4
        isInt8 = false
        hasWinograd = true
        int8Instructions = nil
        l2BytesPerCycle = 8
        (memoryBytesPerMs, coreBytesPerMs) = (8e6, 8e6)
        lastLevelBytes = 1_048_576
        launchMs = 0.5e-3
        (core, family, group, architecture) = ("", "", "", "")
    }

    /// - Parameters:
    ///   - clusters: those whose cores may be used, at least one.
    ///   - threads: how many run; more than cores share them.
    init(hardware: Hardware, clusters: [Hardware.Cluster], runtime: Runtime, threads: Int) {
        func rate(_ cluster: Hardware.Cluster) -> Double { cluster.fmaPerCycleF32.value * cluster.clockGHz.value }
        let sorted = clusters.sorted { rate($0) > rate($1) }
        let cores = sorted.reduce(0) { $0 + $1.cores.value }
        var left = min(threads, cores), slowest = sorted[0]
        for cluster in sorted where left > 0 {
            slowest = cluster
            left -= cluster.cores.value
        }
        let facts = slowest.facts, used = min(threads, cores)
        let half = facts?.fmaPerCycleF16.value ?? 0
        let isHalf = runtime.name == .ncnn && runtime.dataType == .float32 && half > 0
        let single = facts?.fmaPerCycleF32.value ?? slowest.fmaPerCycleF32.value
        self.threads = used
        isOversubscribed = threads > cores
        cyclesPerMs = slowest.clockGHz.value * 1e6
        isInt8 = runtime.dataType == .int8
        hasWinograd = runtime.name == .ncnn
        int8Instructions = isInt8 ? facts?.int8Instructions : nil
        multiplyAddsF32 = single
        multiplyAdds = isInt8 ? facts?.fmaPerCycleInt8.value ?? slowest.fmaPerCycleInt8.value : isHalf ? half : single
        valueBytes = isInt8 ? 1 : isHalf ? 2 : 4
        l2BytesPerCycle = facts?.l2BytesPerCycle.value ?? slowest.l2BytesPerCycle.value
        let memory = hardware.memory
        let stream = memory.streamGBPerSecond?.value ?? memory.bandwidthGBPerSecond.value * Self.usualStreamShare
        coreBytesPerMs = memory.coreBandwidthGBPerSecond.value * 1e6
        memoryBytesPerMs = min(max(stream * 1e6, coreBytesPerMs), coreBytesPerMs * Double(used))
        let shared = (hardware.l3KiB?.value ?? 0) + (hardware.systemCacheKiB?.value ?? 0)
        lastLevelBytes = Double(sorted[0].l2KiB.value + shared) * 1024
        let inOrder = facts?.inOrder.value ?? slowest.inOrder.value
        launchMs = 1e-3 / (slowest.clockGHz.value * (inOrder ? 0.5 : 1))
        core = facts?.name ?? slowest.core
        // A core that computes in float32 is like those that can do nothing else, whatever it could.
        let isSingle = half > 0 && !isHalf && !isInt8
        let ownFamily = isSingle ? facts?.familyInSingle : facts?.family
        family = ownFamily ?? (inOrder ? "in-order" : "arm-out-of-order")
        group = facts?.group(half: half > 0 && !isSingle) ?? (inOrder ? "in-order-f32" : "out-of-order-f32")
        architecture = facts?.architecture ?? Core.armArchitecture
    }

    /// The share of the highest rate that a stream reaches where nothing is known.
    static let usualStreamShare = 0.6

    /// What distinguishes machines of one kind: logarithms of the arithmetic of a core, of its share of the memory's
    /// bandwidth, of the number of threads, and of the bandwidth of a core alone. The last says how much a core has under
    /// way at once. It orders Arm cores, which nobody measured too; between cores of other makers it misleads.
    var covariates: SIMD4<Double> {
        SIMD4(
            log2(multiplyAdds / 4), log2(memoryBytesPerMs / 5e6 / Double(threads)), log2(Double(threads)),
            architecture == Core.armArchitecture ? log2(coreBytesPerMs / 5e6) : 0)
    }
}

extension Hardware {
    /// The clusters that threads on the given cores may use.
    func clusters(_ cores: TransferMachine.Cores) -> [Cluster] {
        guard clusters.count > 1, let last = clusters.last else { return clusters }
        switch cores {
        case .all: return clusters
        case .little: return [last]
        case .big:
            let other = clusters.filter { $0.core != last.core }
            if !other.isEmpty { return other }
            let clocks = clusters.map(\.clockGHz.value)
            let middle = ((clocks.max() ?? 0) + (clocks.min() ?? 0)) / 2
            let fast = clusters.filter { $0.clockGHz.value > middle }
            return fast.isEmpty ? clusters : fast
        }
    }
}
