/// The latency of a whole network that was measured on a device.
public struct MeasuredNetwork: Hashable, Sendable {
    /// The name of a reference architecture, or the path of a file.
    public let architecture: String
    public let threads: Int
    /// Milliseconds for one image, above 0.
    public let latencyMs: Double
    /// Who measured, how, and where it was published, for people.
    public let source: String
}
