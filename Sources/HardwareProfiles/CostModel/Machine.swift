import Architectures

/// The part of a device that a runtime's threads use, in the units of the cost model.
struct Machine: Hashable, Sendable {
    let kernels: RuntimeKernels
    private(set) var valueBytes: Double
    /// The data type of the runtime.
    let type: ValueType
    let inOrder: Bool
    /// All threads' cycles in a millisecond.
    let cyclesPerMs: Double
    /// Whether nobody published or measured the rate of its arithmetic.
    let isArithmeticInferred: Bool
    /// Of one core.
    let multiplyAddsPerCycle, l1BytesPerCycle, l2BytesPerCycle: Double
    let vectorBytes: Double
    let l1Bytes, l2Bytes, lastLevelBytes: Double
    /// Between the second and a third level; nil where there is none.
    let l3BytesPerMs: Double?
    let memoryBytesPerMs: Double

    init(hardware: Hardware, cluster: Hardware.Cluster, runtime: Runtime) {
        let threads = Double(runtime.threads)
        kernels = RuntimeKernels(runtime.name)
        valueBytes = Double(runtime.dataType.bytes)
        type = runtime.dataType == .float32 ? .float32 : .int8
        inOrder = cluster.inOrder.value
        cyclesPerMs = cluster.clockGHz.value * 1e6 * threads
        let rate = runtime.dataType == .float32 ? cluster.fmaPerCycleF32 : cluster.fmaPerCycleInt8
        multiplyAddsPerCycle = rate.value
        isArithmeticInferred = rate.isInferred || cluster.clockGHz.isInferred
        l1BytesPerCycle = cluster.l1BytesPerCycle.value
        l2BytesPerCycle = cluster.l2BytesPerCycle.value
        vectorBytes = Double(cluster.vectorBits.value) / 8
        l1Bytes = Double(cluster.l1KiB.value) * 1024
        l2Bytes = Double(cluster.l2KiB.value) * 1024 * (cluster.l2Shared.value ? 1 : threads)
        lastLevelBytes = l2Bytes + Double((hardware.l3KiB?.value ?? 0) + (hardware.systemCacheKiB?.value ?? 0)) * 1024
        // More threads get no more bandwidth from a shared level than its total.
        let peak = hardware.memory.bandwidthGBPerSecond.value
        l3BytesPerMs = (hardware.l3GBPerSecond?.value).map { $0 * threads * 1e6 }
        memoryBytesPerMs = min(hardware.memory.coreBandwidthGBPerSecond.value * threads, peak) * 1e6
    }

    /// This machine where values have the bytes of that type, or of the runtime's where it is nil. Its arithmetic stays
    /// that of the runtime's type, for which alone parameters were fitted.
    func moving(_ type: ValueType?) -> Machine {
        guard let type else { return self }
        var machine = self
        machine.valueBytes = Double(type.bytes)
        return machine
    }

    /// The peak of all threads, multiply-accumulates in a millisecond.
    var peakMacsPerMs: Double { multiplyAddsPerCycle * cyclesPerMs }

    /// The part of a stream of so many bytes that exceeds a cache of that size.
    static func missed(_ bytes: Double, cache: Double) -> Double { bytes > cache ? 1 - cache / bytes : 0 }
}
