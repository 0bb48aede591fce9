import Architectures
import HardwareProfiles

/// ncnn's program that times a network: its command line, and what it prints (benchmark/README.md of ncnn). Versions since
/// 2023 take a network of one's own.
///
/// It prints hundredths of a millisecond and no operators: it is of use for whole networks.
public struct Benchncnn: RemoteRunner, Hashable {
    public let path: String
    public let threads: Int
    public let cores: String?

    public init(path: String, threads: Int, cores: String?) {
        self.path = path
        self.threads = threads
        self.cores = cores
    }

    public var facts: RuntimeFacts { RuntimeFacts(name: "ncnn", version: nil, threads: threads, dataType: .float32) }
    public var modelExtension: String { "param" }
    public var operatorProblem: String? { "benchncnn lists no operators" }

    /// So many multiply-accumulates a second take no slow core too long.
    private static let rate = 2e9

    public func options(model: String, of network: Network, seconds: Double, eachOperator: Bool) -> String {
        let loops = min(max(Int(seconds * Self.rate / Double(max(network.macs, 1))), 4), 1000)
        let input = network.input
        // Its own choice of cores would undo that of taskset; and there is nothing to wait for between networks.
        let options = [
            "\(loops)", "\(threads)", cores == nil ? "2" : "0", "-1", "0", "param=\(model)",
            "shape=[\(input.width),\(input.height),\(input.channels)]",
        ]
        return options.map(\.quotedForShell).joined(separator: " ")
    }

    /// The fastest of the loops, as the published lists of ncnn's networks have it.
    public func latencyMs(in text: String) -> Double? {
        let words = text[...].reportWords
        guard let place = words.lastIndex(of: "min"), place + 2 < words.count, words[place + 1] == "=",
            let latency = Double(words[place + 2]), latency > 0, latency.isFinite
        else { return nil }
        return latency
    }
}
