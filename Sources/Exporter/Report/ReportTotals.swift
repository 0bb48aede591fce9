import Architectures

/// The sums of a network that another one is compared with.
public struct ReportTotals: Hashable, Sendable {
    public let name: String
    public let macs: Int
    public let parameters: Int
    /// Milliseconds for one image; nil without a device.
    public let latencyMs: Double?

    public init(name: String, network: Network, latencyMs: Double?) {
        self.name = name
        macs = network.macs
        parameters = network.parameters
        self.latencyMs = latencyMs
    }
}
