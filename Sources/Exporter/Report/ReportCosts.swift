/// What a network costs on a device.
public struct ReportCosts: Hashable, Sendable {
    /// The name of the device.
    public let device: String
    public let layers: [ReportLayerCost]
    /// What else is to know of the latencies, in whole sentences.
    public let note: String?

    public init(device: String, layers: [ReportLayerCost], note: String? = nil) {
        self.device = device
        self.layers = layers
        self.note = note
    }

    /// Milliseconds for one image.
    public var latencyMs: Double { layers.reduce(0) { $0 + $1.latencyMs } }
}
