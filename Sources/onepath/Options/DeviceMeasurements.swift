import Architectures
import Files
import HardwareProfiles
import Profiler

/// What a person measured on a device: whole networks, and blocks or operators.
struct DeviceMeasurements {
    let networks: [MeasuredNetwork]
    /// How many blocks and operators there are, and a latency table of them.
    let partCount: Int
    let table: JSON
    /// What was converted, for people.
    let notes: [String]

    /// Reads a CSV table; a row with a network is a whole one, every other row is one of `MeasurementSheet`.
    ///
    /// - Throws: `FileError`, also where no latency is given.
    init(contentsOf path: String) throws {
        let sheet = try DeviceMeasurementSheet(contentsOf: path)
        networks = sheet.networks.map { row in
            MeasuredNetwork(
                architecture: row.network.contains("/") ? AbsolutePath.of(row.network) : row.network, threads: row.threads, latencyMs: row.latencyMs, source: "measured: \(path)")
        }
        for row in sheet.networks { _ = try KnownDevices.network(named: row.network) }
        notes = sheet.table.notes
        let parts = sheet.table.measurements
        partCount = parts.count
        var blocks: [JSON] = [], operators: [JSON] = []
        for part in parts {
            switch part.subject {
            case .block: blocks.append(part.json.adding("layer", .null))
            case .operator, .sequence: operators.append(part.json)
            }
        }
        table = [
            "space": nil, "source": .string("measured: \(path)"), "entries": .array(blocks), "operators": .array(operators),
            "groups": [],
        ]
        if networks.isEmpty && parts.isEmpty {
            throw FileError.invalid(path: path, place: "", problem: "expected at least one row with latency_ms, found none")
        }
    }
}

extension JSON {
    /// An object with one more member in front.
    fileprivate func adding(_ key: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self, self[key] == nil else { return self }
        return .object([.init(key: key, value: value)] + members)
    }
}
