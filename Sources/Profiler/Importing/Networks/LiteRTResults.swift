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
        let values = try JSONValues.all(in: text, path: path)
        var networks = ImportedNetworks(path: path)
        for (key, value) in values {
            if let row = Self.result(value, key: key) ?? Self.listed(value, key: key) {
                networks.rows.append(row)
            } else {
                networks.unmatched.append(.init(key: key, reason: "no latency of a network in milliseconds"))
            }
        }
        guard !networks.rows.isEmpty else {
            if let other = ForeignTable(text, besides: .liteRT) { throw other.problem(path: path) }
            throw .invalid(
                path: path, place: "",
                problem: "expected \"latency_metrics\" with \"avg_ms\", or rows with \"latency_ms\", found neither")
        }
        self.networks = networks
    }

    /// A result of benchmark_model, whose names some writers spell as protobuf's JSON does.
    private static func result(_ value: JSON, key: String) -> ImportedNetworks.Row? {
        guard let metrics = value["latency_metrics"] ?? value["latencyMetrics"] else { return nil }
        func number(_ names: String...) -> Double? { names.lazy.compactMap { metrics[$0]?.numberValue }.first { $0 > 0 } }
        guard let latency = number("median_ms", "medianMs") ?? number("avg_ms", "avgMs") else { return nil }
        return ImportedNetworks.Row(key: key, runtime: "LiteRT", latencyMs: latency)
    }

    /// A row of LiteRT's list.
    private static func listed(_ value: JSON, key: String) -> ImportedNetworks.Row? {
        guard let latencies = value["latency_ms"],
            let latency = latencies["median"]?.numberValue ?? latencies["avg"]?.numberValue ?? latencies.numberValue
        else { return nil }
        let network = value["model"]?.textValue ?? value["file"]?.textValue
        let unit = value["accelerator"]?.textValue?.uppercased()
        return ImportedNetworks.Row(
            key: value["row_id"]?.textValue ?? [network, value["device"]?.textValue, unit].compactMap { $0 }.joined(separator: ", "),
            network: network, device: value["device"]?.textValue, runtime: value["runtime"]?.textValue ?? "LiteRT",
            computeUnit: unit, threads: value["threads"]?.integerValue, precision: value["precision"]?.textValue, latencyMs: latency)
    }
}
