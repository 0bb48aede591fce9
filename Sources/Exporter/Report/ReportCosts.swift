/// What a network costs on a device.
public struct ReportCosts: Hashable, Sendable {
    /// The name of the device.
    public let device: String
    public let layers: [ReportLayerCost]
    /// What else is to know of the latencies, in whole sentences.
    public let note: String?
    /// What holds the latency with a confidence of 90 %, milliseconds; nil where all of it was measured without doubt.
    public var interval: ClosedRange<Double>?

    public init(device: String, layers: [ReportLayerCost], note: String? = nil) {
        self.device = device
        self.layers = layers
        self.note = note
    }

    /// The sum over the layers, with how many of them are known in which way.
    public var latency: KnownLatency {
        var counts = KnownLatency.Counts()
        // That a skipped layer takes nothing is known as well as all else is.
        let sources = Set(layers.filter { $0.latencyMs > 0 }.map(\.source)), only = sources.count == 1 ? sources.first : nil
        for layer in layers {
            switch layer.latencyMs > 0 ? layer.source : only ?? layer.source {
            case .measured: counts.measured += layer.layerCount
            case .modelled: counts.modelled += layer.layerCount
            case .extrapolated: counts.extrapolated += layer.layerCount
            }
        }
        return KnownLatency(milliseconds: layers.reduce(0) { $0 + $1.latencyMs }, layers: counts)
    }

    /// "90 % interval: 2.05 to 2.32 ms"; nil where all was measured.
    var intervalText: String? {
        interval.map { "90 % interval: \($0.lowerBound.significant(3)) to \($0.upperBound.significant(3)) ms" }
    }
}
