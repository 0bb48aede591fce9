/// What a layer costs on a device, or several layers that were measured as one.
public struct ReportLayerCost: Hashable, Sendable {
    /// How a latency is known.
    public enum Source: String, Hashable, Sendable, CaseIterable {
        case measured, modelled
        /// Modelled, and far from anything that was measured.
        case extrapolated
    }

    /// What most of the time goes to.
    public enum Bound: String, Hashable, Sendable { case compute, memory, overhead }

    public let name: String
    /// What stands in the layer: "3x3 e6", "skip".
    public let choice: String
    /// Milliseconds for one image.
    public let latencyMs: Double
    public let source: Source
    public let bound: Bound
    /// Of how many layers of the network this is the latency.
    public var layerCount = 1

    public init(name: String, choice: String, latencyMs: Double, source: Source, bound: Bound) {
        self.name = name
        self.choice = choice
        self.latencyMs = latencyMs
        self.source = source
        self.bound = bound
    }
}
