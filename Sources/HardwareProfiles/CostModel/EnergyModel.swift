/// The energy of a piece of work: operations and bytes at their published energies, scaled to the device's process,
/// plus the static power of the cores and their cluster while it lasts.
struct EnergyModel: Hashable, Sendable {
    /// Picojoules; for operations and caches, at the device's process.
    private let mac, instruction, l1Byte, l2Byte, l3Byte, memoryByte: Double
    private let staticMW: Double

    /// nil where the device's hardware has no energies.
    init?(device: DeviceProfile) {
        guard let figures = device.hardware.energy,
            let memory = figures.dramPJPerByte[device.hardware.memory.kind], let process = device.hardware.processNm
        else { return nil }
        let factor = figures.factor(nm: process.value)
        mac = factor * (device.runtime.dataType == .float32 ? figures.fmaF32PJ : figures.macInt8PJ).value
        instruction = factor * figures.instructionOverheadPJ.value
        l1Byte = factor * figures.l1PJPerByte.value
        l2Byte = factor * figures.l2PJPerByte.value
        l3Byte = factor * figures.l3PJPerByte.value
        memoryByte = memory.value
        let core = device.cluster.inOrder.value ? figures.staticMWPerLittleCore : figures.staticMWPerCore
        staticMW = core.value * Double(device.runtime.threads) + figures.staticMWPerCluster.value
    }

    func millijoules(_ work: OperatorCost, macs: Int, latencyMs: Double) -> Double {
        let picojoules = Double(macs) * mac + work.instructions * instruction + work.l1Bytes * l1Byte
            + work.l2Bytes * l2Byte + work.l3Bytes * l3Byte + work.memoryBytes * memoryByte
        // Milliwatts for milliseconds are microjoules.
        return picojoules * 1e-9 + staticMW * latencyMs * 1e-3
    }
}
