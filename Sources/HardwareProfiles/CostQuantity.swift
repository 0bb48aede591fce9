import Architectures

/// What a network's cost is counted in.
public enum CostQuantity: String, Hashable, Sendable, CaseIterable {
    /// Milliseconds for one image.
    case latency
    /// Millijoules for one image.
    case energy
    /// Bytes: weights and the arena of maps.
    case memory
    /// Multiply-accumulates for one image.
    case macs

    /// A value with its unit, for people: "3.291 ms".
    public func text(_ value: Double) -> String {
        func rounded(_ value: Double, by unit: Double) -> String { "\((value / unit * 1000).rounded() / 1000)" }
        return switch self {
        case .latency: rounded(value, by: 1) + " ms"
        case .energy: rounded(value, by: 1) + " mJ"
        case .memory: rounded(value, by: 1_048_576) + " MiB"
        case .macs: rounded(value, by: 1e6) + " million"
        }
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
    /// Nil where the device does not know.
    public func value(of quantity: CostQuantity) -> Double? {
        switch quantity {
        case .latency: latencyMs
        case .energy: energyMj
        case .memory: Double(memory.peakBytes)
        case .macs: Double(macs)
        }
    }
}
