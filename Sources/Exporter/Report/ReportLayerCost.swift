/// What a layer costs on a device, or several layers that were measured as one.
public struct ReportLayerCost: Hashable, Sendable {
    public enum Source: String, Hashable, Sendable { case measured, modelled }

    /// What most of the time goes to.
    public enum Bound: String, Hashable, Sendable, CaseIterable { case compute, memory, overhead }

    public let name: String
    /// What stands in the layer: "3x3 e6", "skip".
    public let choice: String
    /// Milliseconds for one image.
    public let latencyMs: Double
    public let source: Source
    public let bound: Bound

    public init(name: String, choice: String, latencyMs: Double, source: Source, bound: Bound) {
        self.name = name
        self.choice = choice
        self.latencyMs = latencyMs
        self.source = source
        self.bound = bound
    }
}
