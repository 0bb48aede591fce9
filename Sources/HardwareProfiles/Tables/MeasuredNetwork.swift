import Architectures

/// The latency of a whole network that was measured on a device.
public struct MeasuredNetwork: Hashable, Sendable {
    /// The name of a reference architecture, or the path of a file.
    public let architecture: String
    public let threads: Int
    /// Which cores the threads were bound to; nil for those of the runtime's cluster.
    var cores: TransferMachine.Cores?
    /// Whether it is unlike what all other devices suggest, so that it teaches nothing of others.
    var isOdd = false
    /// Milliseconds for one image, above 0.
    public let latencyMs: Double
    /// Who measured, how, and where it was published, for people.
    public let source: String
}

extension DeviceProfile {
    /// What this whole network takes on the device with as many threads as it computes with; nil where that was not measured.
    ///
    /// - Parameters:
    ///   - network: compared layer by layer, whatever it is called.
    ///   - architecture: returns the architecture for the name of a measured network; nil where it is not at hand.
    public func measurement(of network: Network, architecture: (String) -> Architecture?) -> MeasuredNetwork? {
        networks.first { measured in
            guard measured.threads == runtime.threads, let other = architecture(measured.architecture)?.network else { return false }
            return other.input == network.input && other.layers == network.layers
        }
    }
}
