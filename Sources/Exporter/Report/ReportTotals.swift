import Architectures

/// The sums of a network that another one is compared with.
public struct ReportTotals: Hashable, Sendable {
    public let name: String
    public let macs: Int
    public let parameters: Int
    /// For one image; nil without a device.
    public let latency: KnownLatency?

    public init(name: String, network: Network, latency: KnownLatency?) {
        self.name = name
        macs = network.macs
        parameters = network.parameters
        self.latency = latency
    }
}
