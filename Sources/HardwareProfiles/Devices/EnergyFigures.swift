import Glibc

/// Published energies of operations and transfers for one manufacturing process, and how they scale to others.
public struct EnergyFigures: Hashable, Sendable {
    /// The energy at a process divided by that at `nodeNm`.
    public struct ProcessFactor: Hashable, Sendable {
        public let nm: Double
        public let factor: Figure<Double>
    }

    /// The process of the figures below, nm.
    public let nodeNm: Double
    /// One float32 multiplication and addition, pJ.
    public let fmaF32PJ: Figure<Double>
    /// One int8 multiplication and its accumulation, pJ.
    public let macInt8PJ: Figure<Double>
    /// Fetch, decoding and control of one instruction, pJ.
    public let instructionOverheadPJ: Figure<Double>
    /// One byte from or to a cache of the first, second and third level, pJ.
    public let l1PJPerByte, l2PJPerByte, l3PJPerByte: Figure<Double>
    /// At least one, by falling nm.
    public let processFactors: [ProcessFactor]
    /// One byte from or to a memory, for each memory standard, pJ; not scaled with the process.
    public let dramPJPerByte: [String: Figure<Double>]
    /// The static power of a core, of a small in-order core and of the rest of a cluster, mW.
    public let staticMWPerCore, staticMWPerLittleCore, staticMWPerCluster: Figure<Double>

    /// The factor for a process: between two listed nodes by log-log interpolation, else that of the nearest node.
    public func factor(nm: Double) -> Double {
        guard let below = processFactors.firstIndex(where: { $0.nm <= nm }) else {
            return processFactors[processFactors.count - 1].factor.value
        }
        guard below > 0 else { return processFactors[0].factor.value }
        let (low, high) = (processFactors[below], processFactors[below - 1])
        let share = log(nm / low.nm) / log(high.nm / low.nm)
        return low.factor.value * pow(high.factor.value / low.factor.value, share)
    }
}
