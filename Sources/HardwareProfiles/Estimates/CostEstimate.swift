import Files

/// What a network costs on a device, and each of its layers.
public struct CostEstimate: Hashable, Sendable {
    /// In the order of the network; what was measured as one comes first.
    public let layers: [LayerCost]
    public let memory: MemoryFootprint
    /// How the model knows what it says, for people.
    public let basisOfModel: String

    /// Milliseconds for one image: the sum over the layers.
    public var latencyMs: Double { layers.reduce(0) { $0 + $1.latencyMs } }

    /// Millijoules for one image: the sum over the layers; nil where the device has no energies.
    public var energyMj: Double? {
        layers.reduce(0.0) { sum, layer in sum.flatMap { sum in layer.energyMj.map { sum + $0 } } }
    }

    /// Multiply-accumulates for one image: the sum over the layers.
    public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

    /// Weights, biases, and the two trained vectors of every batch normalisation: the sum over the layers.
    public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

    /// The sums, `"model"` and `"layers"`.
    public var json: JSON {
        [
            "latency_ms": .number(latencyMs), "energy_mj": energyMj.map(JSON.number) ?? .null,
            "peak_memory_bytes": .integer(memory.peakBytes), "arena_bytes": .integer(memory.arenaBytes),
            "weight_bytes": .integer(memory.weightBytes), "macs": .integer(macs), "parameters": .integer(parameters),
            "model": .string(basisOfModel), "layers": .array(layers.map(\.json)),
        ]
    }
}
