import Architectures

/// The latency of a whole network that was measured on a device.
public struct MeasuredNetwork: Hashable, Sendable {
    /// The name of a reference architecture, or the path of a file.
    public let architecture: String
    public let threads: Int
    /// Which cores the threads were bound to; nil for those of the runtime's cluster.
    var cores: TransferMachine.Cores?
    /// Whether it is unlike what all other devices suggest, so that it teaches nothing of others.
    public internal(set) var isOdd = false
    /// Milliseconds for one image, above 0.
    public let latencyMs: Double
    /// Who measured, how, and where it was published, for people.
    public let source: String

    /// The words for the cores that threads may be bound to: "all", "big", "little".
    public static let coreWords = TransferMachine.Cores.allCases.map(\.rawValue)

    /// Whether another is of the same network, threads and cores.
    public func isRepeated(by other: MeasuredNetwork) -> Bool {
        architecture == other.architecture && threads == other.threads && cores == other.cores
    }
}

extension DeviceProfile {
    /// What this whole network takes on the device with as many threads as it computes with; nil where that was not measured.
    /// Of several runs it is the first that is like what other devices suggest.
    ///
    /// - Parameters:
    ///   - network: compared layer by layer, whatever it is called.
    ///   - known: returns the network for the name of a measured one; nil where it is not at hand.
    public func measurement(of network: Network, known: (String) -> Network?) -> MeasuredNetwork? {
        let same = networks.filter { measured in
            guard measured.threads == runtime.threads, isOnUsualCores(measured), let other = known(measured.architecture) else {
                return false
            }
            return other.input == network.input && other.layers == network.layers
        }
        return same.first { !$0.isOdd } ?? same.first
    }

    /// Whether a network was measured on the cores that the runtime's threads run on, of which the profile tells latencies.
    public func isOnUsualCores(_ measured: MeasuredNetwork) -> Bool {
        isOnUsualCores(threads: measured.threads, boundTo: measured.cores)
    }

    /// The same for threads that are bound to "all", "big" or "little" cores, or by no word.
    public func isOnUsualCores(threads: Int, boundTo word: String?) -> Bool {
        isOnUsualCores(threads: threads, boundTo: word.flatMap(TransferMachine.Cores.init))
    }

    private func isOnUsualCores(threads: Int, boundTo bound: TransferMachine.Cores?) -> Bool {
        guard let bound else { return true }
        // One thread that is bound to the big cores runs on the fastest of them, as one bound to that alone does.
        return transferMachine(threads: threads, cores: bound) == transferMachine(threads: threads, cores: usualCores)
    }

    /// How many cores threads may run on that are bound to "all", "big" or "little" cores; without a word, those of the
    /// runtime's cluster. nil for other words.
    public func coreCount(boundTo word: String?) -> Int? {
        guard let word else { return bigCores }
        return TransferMachine.Cores(rawValue: word).map { hardware.clusters($0).reduce(0) { $0 + $1.cores.value } }
    }
}
