import Architectures

/// A quantity in which a network's cost is counted.
public enum CostQuantity: String, Hashable, Sendable, CaseIterable {
    /// Milliseconds for one image.
    case latency
    /// Millijoules for one image.
    case energy
    /// Bytes: weights and the arena of maps.
    case memory
    /// Multiply-accumulates for one image.
    case macs

    /// The unit for people: its size in the value's own unit, and its name.
    public var unit: (size: Double, name: String) {
        switch self {
        case .latency: (1, "ms")
        case .energy: (1, "mJ")
        case .memory: (1_048_576, "MiB")
        case .macs: (1e6, "million")
        }
    }

    /// A value with its unit, for people: "3.291 ms", with three decimals or, below one, four significant digits.
    ///
    /// - Parameters:
    ///   - value: in the cost model's unit: ms, mJ, bytes, or multiply-accumulates.
    ///   - rule: to the nearest, or in the direction that keeps a printed limit valid.
    public func text(_ value: Double, _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero) -> String {
        let (unit, name) = unit
        var scale = 1000.0
        while value > 0, value / unit * scale < 1000, scale < 1e12 { scale *= 10 }
        return "\((value / unit * scale).rounded(rule) / scale) \(name)"
    }

    /// The name of a JSON field that holds it, unit included.
    public var field: String {
        switch self {
        case .latency: "latency_ms"
        case .energy: "energy_mj"
        case .memory: "peak_memory_bytes"
        case .macs: "macs"
        }
    }
}

extension CostEstimate {
    /// nil where the device profile has no energies.
    public func value(of quantity: CostQuantity) -> Double? {
        switch quantity {
        case .latency: latencyMs
        case .energy: energyMj
        case .memory: Double(memory.peakBytes)
        case .macs: Double(macs)
        }
    }
}
