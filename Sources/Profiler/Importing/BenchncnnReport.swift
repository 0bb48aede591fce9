import Files
import HardwareProfiles

/// What ncnn's `benchncnn` prints: its settings, then a network a line, "mobilenet min = 19.56 max = 19.73 avg = 19.65".
/// Several runs may follow each other in one file, each with its settings.
public struct BenchncnnReport: Sendable {
    /// The networks that were run in float, and those in int8 ("mobilenet_int8"), each with the fastest of its loops.
    public private(set) var float: [MeasuredNetwork] = []
    public private(set) var int8: [MeasuredNetwork] = []

    /// - Throws: `FileError`, also where no network is found, or one comes before the number of threads.
    public init(contentsOf path: String) throws {
        try self.init(text: TextFile.read(path, what: "output of benchncnn"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages and as the source of the latencies.
    public init(text: String, path: String) throws {
        var threads: Int?, cores: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func problem(_ problem: String) -> FileError {
                .invalid(path: path, place: "line \(index + 1)", problem: problem)
            }
            let words = line.replacing("=", with: " = ").split(whereSeparator: \.isWhitespace).map(String.init)
            if words.count == 3, words[1] == "=" {
                switch words[0] {
                case "num_threads":
                    guard let count = Int(words[2]), (1...1024).contains(count) else {
                        throw problem("expected a number of threads from 1 to 1024, found \(words[2])")
                    }
                    threads = count
                case "powersave":
                    guard let found = ["0": "all", "1": "little", "2": "big"][words[2]] else {
                        throw problem("expected powersave to be 0, 1 or 2, found \(words[2])")
                    }
                    cores = found
                default: break
                }
                continue
            }
            guard words.count >= 4, words[1] == "min", words[2] == "=" else { continue }
            guard let latency = Double(words[3]), latency > 0, latency.isFinite else {
                throw problem("expected a latency above 0, found \(words[3])")
            }
            guard let threads else { throw problem("expected num_threads before the first network, found none") }
            let isInt8 = words[0].hasSuffix("_int8")
            let network = MeasuredNetwork(
                architecture: isInt8 ? String(words[0].dropLast(5)) : words[0], threads: threads, cores: cores ?? "all",
                latencyMs: latency, source: "benchncnn: \(path), the fastest of its loops")
            if isInt8 { int8.append(network) } else { float.append(network) }
        }
        if float.isEmpty && int8.isEmpty {
            throw FileError.invalid(
                path: path, place: "", problem: "expected lines like \"mobilenet min = 19.56 max = 19.73 avg = 19.65\", found none")
        }
    }

    /// The networks in a data type whose names are known, and all others with their reasons.
    ///
    /// - Parameters:
    ///   - dataType: of the profile that they go into.
    ///   - known: the names of networks that have a meaning here.
    public func selected(
        in dataType: Runtime.DataType, known: [String]
    ) -> (networks: [MeasuredNetwork], unmatched: [ImportedTable.Unmatched]) {
        var networks: [MeasuredNetwork] = []
        var unmatched: [ImportedTable.Unmatched] = []
        for (type, measured) in [(Runtime.DataType.float32, float), (.int8, int8)] {
            for network in measured {
                let key = "\(network.architecture)\(type == .int8 ? "_int8" : ""), \(network.threads) threads"
                if type != dataType {
                    unmatched.append(
                        .init(key: key, reason: "is \(type.rawValue), and the profile is \(dataType.rawValue)"))
                } else if !known.contains(network.architecture) {
                    unmatched.append(
                        .init(key: key, reason: "no network of this name; known: \(known.joined(separator: ", "))"))
                } else {
                    networks.append(network)
                }
            }
        }
        return (networks, unmatched)
    }
}
