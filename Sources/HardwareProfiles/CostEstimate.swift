import JSONDocuments

/// What a network costs on a device, and each of its layers.
public struct CostEstimate: Hashable, Sendable {
    /// In the order of the network; what was measured as one comes first.
    public let layers: [LayerCost]

    /// Milliseconds for one image: the sum over the layers.
    public var latencyMs: Double { layers.reduce(0) { $0 + $1.latencyMs } }

    /// Multiply-accumulates for one image: the sum over the layers.
    public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

    /// Weights, biases, and the two trained vectors of every batch normalisation: the sum over the layers.
    public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

    /// `{"latency_ms", "macs", "parameters", "layers": [{"name", "choice", "latency_ms", "source", "bound", "macs",
    /// "parameters"}]}`.
    public var json: JSON {
        [
            "latency_ms": .number(latencyMs), "macs": .integer(macs), "parameters": .integer(parameters),
            "layers": .array(layers.map(\.json)),
        ]
    }
}
