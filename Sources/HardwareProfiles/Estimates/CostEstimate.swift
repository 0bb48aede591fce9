import Files

/// The cost of a network on a device, and of each of its layers.
public struct CostEstimate: Hashable, Sendable {
    /// In the order of the network; layers that were measured together come first, as one row.
    public let layers: [LayerCost]
    public let memory: MemoryFootprint
    /// What the model's answers are based on, for people.
    public let basisOfModel: String
    /// What the network takes on the device as a whole; nil where that was not measured. The sum over the layers does not
    /// follow from it.
    public var measuredWhole: MeasuredNetwork?

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

    /// How many layers have a latency from a table of the device. A row for several layers that were measured together
    /// counts as that many.
    public var measuredLayers: Int { count(.measured) }

    /// How many layers have a latency that the model predicts, from measurements of similar ones.
    public var modelledLayers: Int { count(.modelled) }

    /// How many layers have a latency that the model predicts although nothing like them was measured.
    public var extrapolatedLayers: Int { count(.extrapolated) }

    /// The number of the network's layers.
    public var layerCount: Int { layers.reduce(0) { $0 + $1.layerCount } }

    private func count(_ source: CostSource) -> Int {
        layers.reduce(0) { $0 + ($1.source == source ? $1.layerCount : 0) }
    }

    /// How many layers are far from what the model was fitted to, in a sentence for people; nil where none is.
    public static func extrapolation(in estimates: [CostEstimate]) -> String? {
        let far = estimates.map(\.extrapolatedLayers), all = estimates.map(\.layerCount)
        guard far.contains(where: { $0 > 0 }) else { return nil }
        return "\(far.span) of \(all.span) layers are extrapolated: nothing like them was measured, and errors can be larger"
    }

    /// The sums, `"model"` and `"layers"`, of a network all of whose operators are known.
    public var json: JSON { json(isComplete: true) }

    /// The sums, `"model"` and `"layers"`.
    ///
    /// - Parameter isComplete: whether every operator of the network is known, so that all of its time is counted.
    public func json(isComplete: Bool) -> JSON {
        [
            "latency_ms": .number(latencyMs), "complete": .bool(isComplete),
            "measured_layers": .integer(measuredLayers), "modelled_layers": .integer(modelledLayers),
            "extrapolated_layers": .integer(extrapolatedLayers),
            "measured_network": measuredWhole.map { ["latency_ms": .number($0.latencyMs), "source": .string($0.source)] } ?? .null,
            "energy_mj": energyMj.map(JSON.number) ?? .null,
            "peak_memory_bytes": .integer(memory.peakBytes), "arena_bytes": .integer(memory.arenaBytes),
            "weight_bytes": .integer(memory.weightBytes), "macs": .integer(macs), "parameters": .integer(parameters),
            "model": .string(basisOfModel), "layers": .array(layers.map(\.json)),
        ]
    }
}

extension [Int] {
    /// The smallest and the largest, for people: "8 to 14", or "16" where they are one.
    package var span: String {
        let least = self.min() ?? 0, most = self.max() ?? 0
        return least == most ? "\(least)" : "\(least) to \(most)"
    }
}
