import Files

/// What LiteRT's benchmark tools leave of whole networks in JSON: one result of benchmark_model (the fields of its
/// message BenchmarkResult, as protoc and the protobuf libraries print them), or rows of LiteRT's list of results, as
/// one array or one a line.
///
///     {"latency_metrics": {"avg_ms": 21.9, "median_ms": 21.8}, "misc_metrics": {"num_runs": 50}}
///     {"model": "x/MobileNet-v2", "device": "Pixel 9", "accelerator": "cpu", "latency_ms": {"median": 9.1}}
///
/// The median counts where there is one, else the mean.
public struct LiteRTResults {
    public let networks: ImportedNetworks

    /// - Throws: `FileError`, also where nothing in the file is a result.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "results of LiteRT"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws(FileError) {
        if let other = ForeignTable(text, besides: .liteRT) { throw other.problem(path: path) }
        var networks = ImportedNetworks(path: path)
        for (key, value) in try JSONValues.all(in: text, path: path) {
            do throws(Mismatch) {
                networks.rows.append(try Self.row(value, key: key))
            } catch {
                networks.unmatched.append(.init(key: key, reason: error.reason))
            }
        }
        guard !networks.rows.isEmpty else {
            let found = networks.unmatched.lazy.map(\.reason).first { $0 != Self.withoutLatency }
            throw .invalid(
                path: path, place: "",
                problem: "expected \"latency_metrics\" with \"avg_ms\", or rows with \"latency_ms\", found "
                    + (found.map { "none that can be read: \($0)" } ?? "neither"))
        }
        self.networks = networks
    }

    private static let withoutLatency = "no latency of a network in milliseconds"

    private static func row(_ value: Result<JSON, FileError>, key: String) throws(Mismatch) -> ImportedNetworks.Row {
        switch value {
        case .success(let value):
            if let metrics = value["latency_metrics"] ?? value["latencyMetrics"] { return try result(metrics, key: key) }
            return try listed(value)
        case .failure(.invalid(_, _, let problem)): throw Mismatch(problem)
        case .failure(let error): throw Mismatch(error.description)
        }
    }

    /// A result of benchmark_model, whose names some writers spell as protobuf's JSON does, and whose latencies are 0 where
    /// there are none.
    private static func result(_ metrics: JSON, key: String) throws(Mismatch) -> ImportedNetworks.Row {
        let names = ["median_ms", "medianMs", "avg_ms", "avgMs"]
        guard let latency = names.lazy.compactMap({ metrics[$0]?.numberValue }).first(where: { $0 > 0 }) else {
            guard let name = names.last(where: { metrics[$0] != nil }) else { throw Mismatch(withoutLatency) }
            throw Mismatch("\"\(name)\" is no latency above 0: \((metrics[name] ?? .null).shown)")
        }
        return ImportedNetworks.Row(key: key, runtime: "LiteRT", latencyMs: latency)
    }

    /// A row of LiteRT's list.
    private static func listed(_ value: JSON) throws(Mismatch) -> ImportedNetworks.Row {
        guard let latencies = value["latency_ms"] else { throw Mismatch(withoutLatency) }
        guard let latency = latencies["median"]?.numberValue ?? latencies["avg"]?.numberValue ?? latencies.numberValue else {
            throw Mismatch("\"latency_ms\" is no number: \(latencies.shown)")
        }
        let network = value["model"]?.textValue ?? value["file"]?.textValue
        let unit = value["accelerator"]?.textValue?.uppercased()
        return ImportedNetworks.Row(
            key: value["row_id"]?.textValue ?? [network, value["device"]?.textValue, unit].compactMap { $0 }.joined(separator: ", "),
            network: network, device: value["device"]?.textValue, runtime: value["runtime"]?.textValue ?? "LiteRT",
            computeUnit: unit, threads: try threads(value), precision: value["precision"]?.textValue, latencyMs: latency)
    }

    /// nil where the row does not say how many threads ran.
    private static func threads(_ row: JSON) throws(Mismatch) -> Int? {
        guard let value = row["threads"], value != .null else { return nil }
        guard let count = value.integerValue ?? value.textValue.flatMap({ Int($0) }), count > 0 else {
            throw Mismatch("\"threads\" is no number of threads: \(value.shown)")
        }
        return count
    }
}
