import Files
import HardwareProfiles

/// What ncnn's `benchncnn` prints: its settings, then a network a line, "mobilenet min = 19.56 max = 19.73 avg = 19.65".
/// Several runs may follow each other in one file, each with its settings; a log or a mail may be around the lines. Of
/// a network with the same threads on the same cores the first line counts.
public struct BenchncnnReport: Sendable {
    /// The networks that were run in float on the CPU, and those in int8 ("mobilenet_int8"), each with the fastest of
    /// its loops.
    public private(set) var float: [MeasuredNetwork] = []
    public private(set) var int8: [MeasuredNetwork] = []
    /// The networks that are neither: those that ran on a GPU, that have no latency, or another one already, and one whose
    /// line breaks off.
    public private(set) var unmatched: [ImportedTable.Unmatched] = []
    /// The networks that are read, each with its threads and cores.
    private var keys: Set<String> = []

    /// - Throws: `FileError`, also where no network is found, or one comes before the number of threads.
    public init(contentsOf path: String) throws {
        try self.init(text: TextFile.read(path, what: "output of benchncnn"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages and as the source of the latencies.
    public init(text: String, path: String) throws {
        var settings = Settings()
        for line in LogLine.lines(of: text) {
            do throws(Problem) {
                for words in Self.rows(in: line.text.reportWords) {
                    if let network = Self.network(in: words) {
                        try read(network, settings, path: path)
                    } else if words.count >= 3, words[words.count - 2] == "=" {
                        try settings.read(words[words.count - 3], words[words.count - 1])
                    } else if settings.threads != nil, words.count == 2, words[1] == "min" {
                        unmatched.append(Self.brokenOff(words[0], settings))
                    }
                }
            } catch {
                throw FileError.invalid(path: path, place: "line \(line.number)", problem: error.text)
            }
        }
        if float.isEmpty && int8.isEmpty && unmatched.isEmpty {
            if let other = ForeignTable(text, besides: .ncnn) { throw other.problem(path: path) }
            throw FileError.invalid(
                path: path, place: "", problem: "expected lines like \"mobilenet min = 19.56 max = 19.73 avg = 19.65\", found none")
        }
    }

    private struct Problem: Error {
        let text: String
    }

    /// What a line of text has in rows of `benchncnn`: several where a page lost the ends of lines. A table's rules are no words.
    private static func rows(in words: [String]) -> [[String]] {
        let words = words.filter { $0 != "|" }
        var rows: [[String]] = [[]], hasNetwork = false
        for (place, word) in words.enumerated() {
            let rest = words[(place + 1)...]
            // The text before a first network may be of anybody; after one, only networks and settings follow.
            let isWhole = rest.dropFirst().first == "=" && rest.dropFirst(3).starts(with: ["max", "="])
            let isNetwork = rest.first == "min" && (hasNetwork || isWhole)
            if isNetwork || Settings.names.contains(word) && rest.first == "=" { rows.append([]) }
            hasNetwork = hasNetwork || isNetwork
            rows[rows.count - 1].append(word)
        }
        return rows
    }

    /// The words of the line of a network from its name on; nil for another line. Before a line that has its largest latency
    /// too, a log may have put anything.
    private static func network(in words: [String]) -> [String]? {
        guard let place = words.dropFirst().firstIndex(of: "min"), place + 1 < words.count, words[place + 1] == "=" else { return nil }
        guard place == 1 || place + 4 < words.count && words[place + 3] == "max" && words[place + 4] == "=" else { return nil }
        return Array(words[(place - 1)...])
    }

    /// What a run prints of itself.
    private struct Settings {
        static let names: Set<String> = ["loop_count", "num_threads", "powersave", "gpu_device", "cooling_down"]

        var threads: Int?
        var cores: String?
        /// The GPU that ran the networks with Vulkan; nil on the CPU, and where an older version does not say.
        var gpu: Int?

        mutating func read(_ name: String, _ value: String) throws(Problem) {
            switch name {
            case "loop_count":
                // The first line of a run.
                self = Settings()
            case "num_threads":
                guard let count = Int(value), (1...1024).contains(count) else {
                    throw Problem(text: "expected a number of threads from 1 to 1024, found \(value)")
                }
                threads = count
            case "powersave":
                guard let found = ["0": "all", "1": "little", "2": "big"][value] else {
                    throw Problem(text: "expected powersave to be 0, 1 or 2, found \(value)")
                }
                cores = found
            case "gpu_device":
                guard let device = Int(value), device >= -1 else {
                    throw Problem(text: "expected gpu_device to be -1 for the CPU, or a GPU from 0, found \(value)")
                }
                gpu = device < 0 ? nil : device
            default: break
            }
        }

        /// A network with what is known of its run, for people.
        func key(of network: String) -> String { network + (threads.map { ", \($0) threads" } ?? "") }
    }

    /// Reads the line of a network: its name, "min", "=" and a latency, then "max" and more.
    private mutating func read(_ words: [String], _ settings: Settings, path: String) throws(Problem) {
        if let gpu = settings.gpu {
            unmatched.append(
                .init(
                    key: settings.key(of: words[0]),
                    reason: "ran on GPU \(gpu) with Vulkan (gpu_device = \(gpu)), and a profile is of a CPU"))
            return
        }
        // Without what follows, the number may be the start of a longer one.
        guard words.count >= 5 else {
            unmatched.append(Self.brokenOff(words[0], settings))
            return
        }
        guard let latency = Double(words[3]), LatencyTable.latenciesMs.contains(latency) else {
            unmatched.append(
                .init(key: settings.key(of: words[0]), reason: "expected a latency above 0, found \(words[3].prefix(60))"))
            return
        }
        guard let threads = settings.threads else {
            throw Problem(text: "expected num_threads before the first network, found none")
        }
        // Versions of 2019 and earlier wrote "mobilenet-int8".
        let isInt8 = words[0].hasSuffix("_int8") || words[0].hasSuffix("-int8")
        let architecture = isInt8 ? String(words[0].dropLast(5)) : words[0], cores = settings.cores ?? "all"
        guard keys.insert("\(architecture), \(isInt8), \(threads), \(cores)").inserted else {
            unmatched.append(
                .init(key: settings.key(of: words[0]), reason: "a second latency of this network with as many threads, \(latency) ms"))
            return
        }
        let network = MeasuredNetwork(
            architecture: architecture, threads: threads, cores: cores,
            latencyMs: latency, source: "benchncnn: \(path), the fastest of its loops")
        if isInt8 { int8.append(network) } else { float.append(network) }
    }

    private static func brokenOff(_ network: String, _ settings: Settings) -> ImportedTable.Unmatched {
        .init(key: settings.key(of: network), reason: "the line breaks off before its largest latency")
    }

    /// The networks in a data type whose names are known, and all others with their reasons.
    ///
    /// - Parameters:
    ///   - dataType: of the profile that they go into.
    ///   - known: the names of networks that have a meaning here.
    ///   - cores: the most threads that a network of the profile may have.
    public func selected(
        in dataType: Runtime.DataType, known: [String], cores: Int
    ) -> (networks: [MeasuredNetwork], unmatched: [ImportedTable.Unmatched]) {
        var networks: [MeasuredNetwork] = []
        var unmatched = self.unmatched
        // The names are said once.
        var names = "; known: \(known.joined(separator: ", "))"
        for (type, measured) in [(Runtime.DataType.float32, float), (.int8, int8)] {
            for network in measured {
                let key = "\(network.architecture)\(type == .int8 ? "_int8" : ""), \(network.threads) threads"
                if type != dataType {
                    unmatched.append(
                        .init(key: key, reason: "is \(type.rawValue), and the profile is \(dataType.rawValue)"))
                } else if network.threads > cores {
                    unmatched.append(
                        .init(key: key, reason: "ran with \(network.threads.counted("thread")), and the profile has \(cores.counted("core"))"))
                } else if !known.contains(network.architecture) {
                    unmatched.append(.init(key: key, reason: "no network of this name\(names)"))
                    names = ""
                } else {
                    networks.append(network)
                }
            }
        }
        return (networks, unmatched)
    }
}
