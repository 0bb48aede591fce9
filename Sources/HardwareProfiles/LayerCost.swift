import JSONDocuments

/// What one layer of a network costs on a device, or several layers that were measured as one.
public struct LayerCost: Hashable, Sendable {
    public let name: String
    /// What stands in the layer, for people: "3x3 e6", "skip".
    public let choice: String
    /// Milliseconds for one image.
    public let latencyMs: Double
    public let source: CostSource
    public let bound: CostBound
    /// Multiply-accumulates for one image.
    public let macs: Int
    /// Weights, biases, and the two trained vectors of every batch normalisation.
    public let parameters: Int

    public var json: JSON {
        [
            "name": .string(name), "choice": .string(choice), "latency_ms": .number(latencyMs),
            "source": .string(source.rawValue), "bound": .string(bound.rawValue), "macs": .integer(macs),
            "parameters": .integer(parameters),
        ]
    }
}
