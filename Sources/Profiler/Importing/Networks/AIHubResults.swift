import Files

/// Latencies of whole networks that Qualcomm AI Hub measured.
///
/// Two kinds of file are read:
///
/// - `perf.yaml` of a model in AI Hub Models: networks by precision, device and runtime, in milliseconds
///   ("inference_time_milliseconds"), and in older files in microseconds ("inference_time");
/// - the JSON of one job, as `download_profile()` of its Python client returns it: "execution_summary" with
///   "estimated_inference_time" in microseconds, and "execution_detail" with the layers and where each one ran.
public struct AIHubResults {
    public let networks: ImportedNetworks

    /// - Throws: `FileError`, also where nothing in the file is a latency.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "results of AI Hub"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws(FileError) {
        if let other = ForeignTable(text, besides: .aiHub) { throw other.problem(path: path) }
        let first = text.utf8.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        let value: JSON
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            value = try JSON(parsing: text, path: path)
        } else {
            value = JSON(yaml: try YAMLText.root(of: text, path: path))
        }
        var networks = ImportedNetworks(path: path)
        if value["execution_summary"] != nil {
            Self.readJob(value, into: &networks)
        } else {
            var place = Place()
            Self.read(value, &place, into: &networks)
        }
        guard !(networks.rows.isEmpty && networks.unmatched.isEmpty) else {
            throw .invalid(
                path: path, place: "",
                problem: "expected \"performance_metrics\" of networks, or the \"execution_summary\" of a job, found neither")
        }
        self.networks = networks
    }

    /// A network that runs on a phone's NPU where it can is not taken for one of the CPU.
    private static let withoutUnit = "the file does not say which processor computed, and AI Hub prefers the NPU"

    // MARK: One job

    private static func readJob(_ value: JSON, into networks: inout ImportedNetworks) {
        let layers = value["execution_detail"]?.elements ?? []
        var units: [(name: String, count: Int)] = []
        for layer in layers {
            let unit = layer["compute_unit"]?.textValue ?? "unknown unit"
            if let index = units.firstIndex(where: { $0.name == unit }) {
                units[index].count += 1
            } else {
                units.append((unit, 1))
            }
        }
        let summary = value["execution_summary"] ?? .null
        do throws(Mismatch) {
            guard let microseconds = try summary.numberMember("estimated_inference_time") else {
                throw Mismatch("no \"estimated_inference_time\"")
            }
            guard let unit = name(of: units) else { throw Mismatch(withoutUnit) }
            // The file names neither network nor runtime; one of another runtime has another layer of its own kind.
            networks.rows.append(
                .init(
                    key: "execution_summary", runtime: "TensorFlow Lite", computeUnit: unit,
                    latencyMs: microseconds / 1000))
        } catch {
            networks.unmatched.append(.init(key: "execution_summary", reason: error.reason))
        }
        for (index, layer) in layers.enumerated() {
            let time = layer["execution_time"]?.numberValue.map { "; it takes \($0 / 1000) ms" } ?? ""
            networks.unmatched.append(
                .init(
                    key: "/execution_detail/\(index) \(layer["type"]?.textValue ?? "") \(layer["name"]?.textValue ?? "")",
                    reason: "a layer without shapes; only the whole network is stored\(time)"))
        }
    }

    // MARK: Networks by precision, device and runtime

    /// Where in the file a latency stands.
    private struct Place {
        var network, precision, device, runtime: String?
        var depth = 0

        var key: String { [network, precision, device, runtime].compactMap { $0 }.joined(separator: ", ") }
    }

    /// Deeper than any version of the file.
    private static let depth = 12

    private static func read(_ value: JSON, _ place: inout Place, into networks: inout ImportedNetworks) {
        guard place.depth < depth else {
            networks.unmatched.append(.init(key: place.key, reason: "nested more than \(depth) levels deep"))
            return
        }
        let before = place
        defer { place = before }
        place.depth += 1
        if let name = value["name"]?.textValue, value["performance_metrics"] != nil { place.network = name }
        if let name = value["reference_device_info"]?["name"]?.textValue { place.device = name }
        for member in value.members {
            switch member.key {
            case "precisions":
                for part in member.value.members { read(part.value, setting: \.precision, part.key, place, &networks) }
            case "components":
                for part in member.value.members { read(part.value, setting: \.network, part.key, place, &networks) }
            case "models":
                for part in member.value.members { read(part.value, setting: \.network, part.key, place, &networks) }
                for part in member.value.elements { read(part, &place, into: &networks) }
            case "performance_metrics":
                for part in member.value.members { readRuntimes(part.value, on: part.key, place, &networks) }
                for part in member.value.elements {
                    readRuntimes(part, on: part["reference_device_info"]?["name"]?.textValue, place, &networks)
                }
            default: break
            }
        }
    }

    private static func read(
        _ value: JSON, setting field: WritableKeyPath<Place, String?>, _ name: String, _ place: Place,
        _ networks: inout ImportedNetworks
    ) {
        var place = place
        place[keyPath: field] = name
        read(value, &place, into: &networks)
    }

    /// What stands beside runtimes.
    private static let notRuntimes: Set = ["reference_device_info", "timestamp"]

    /// The latencies on one device: those of a runtime each.
    private static func readRuntimes(_ value: JSON, on device: String?, _ place: Place, _ networks: inout ImportedNetworks) {
        for member in value.members where !notRuntimes.contains(member.key) {
            var place = place
            place.device = device
            place.runtime = member.key
            guard case .object = member.value else {
                networks.unmatched.append(
                    .init(key: place.key, reason: "expected a measurement, found \(member.value.text(pretty: false))"))
                continue
            }
            if let precision = member.value["precision"]?.textValue { place.precision = precision }
            do throws(Mismatch) {
                let latency = try milliseconds(member.value)
                networks.rows.append(
                    .init(
                        key: place.key, network: place.network, device: place.device, runtime: member.key,
                        computeUnit: try computeUnit(member.value), precision: place.precision, latencyMs: latency))
            } catch {
                networks.unmatched.append(.init(key: place.key, reason: error.reason))
            }
        }
    }

    private static func milliseconds(_ metrics: JSON) throws(Mismatch) -> Double {
        if let milliseconds = try metrics.numberMember("inference_time_milliseconds") { return milliseconds }
        if let microseconds = try metrics.numberMember("inference_time") { return microseconds / 1000 }
        throw Mismatch("no inference time" + (metrics["job_status"]?.textValue.map { "; the job's status is \($0)" } ?? ""))
    }

    /// What computed: the units that had layers, or, where the file does not count these, the one that it names. A "primary"
    /// unit is only the one with most layers.
    private static func computeUnit(_ metrics: JSON) throws(Mismatch) -> String {
        let counts = metrics["layer_counts"] ?? metrics["layer_info"] ?? .null
        let units = ["npu", "gpu", "cpu"].map { unit in
            (name: unit.uppercased(), count: (counts[unit] ?? counts["layers_on_\(unit)"])?.integerValue ?? 0)
        }.filter { $0.count > 0 }
        let named = metrics["primary_compute_unit"]?.textValue.flatMap { ["", "null"].contains($0) ? nil : $0 }
        guard let unit = name(of: units) ?? named else { throw Mismatch(withoutUnit) }
        return unit
    }

    /// "CPU", or "NPU (30 layers) and the CPU (2 layers)"; nil for none.
    private static func name(of units: [(name: String, count: Int)]) -> String? {
        if units.count < 2 { return units.first?.name }
        return units.map { "\($0.name) (\($0.count) layers)" }.joined(separator: " and the ")
    }
}
