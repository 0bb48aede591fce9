import Files
import HardwareProfiles

/// Latencies of whole networks, and of blocks and operators, as a CSV table.
///
/// A row with something in the column `network` is a whole network: its name or the path of its file, `threads` (1 where
/// empty), `cores` if they were bound to all, the big or the little ones, and `latency_ms`. What a person notes beside it
/// in `data_type`, `batch`, `accelerator` and `device` must fit a profile: one image, on the CPU of one device. Every other
/// row is one of `MeasurementSheet`, with the same notes. These columns have other names too, such as `num_threads`; any
/// other column is ignored, and `notes` of the table say so.
public struct DeviceMeasurementSheet {
    public struct NetworkRow: Hashable, Sendable {
        /// Where it stands in the file.
        public let line: Int
        public let network: String
        public let threads: Int
        /// The cores that the threads were bound to, one of `MeasuredNetwork.coreWords`; nil where the sheet does not say.
        public let cores: String?
        public let latencyMs: Double
        /// nil where the sheet does not say.
        public let dataType: Runtime.DataType?
    }

    /// How a block or an operator was measured.
    public struct PartRow: Hashable, Sendable {
        /// Where it stands in the file.
        public let line: Int
        /// nil where the sheet does not say, as of the cores and the data type.
        public let threads: Int?
        public let cores: String?
        public let dataType: Runtime.DataType?
    }

    public private(set) var networks: [NetworkRow] = []
    /// The blocks and operators; what has no latency, networks too, is among its `unmatched`.
    public let table: ImportedTable
    /// How the blocks and operators with a latency were measured.
    public private(set) var parts: [PartRow] = []

    /// - Throws: `FileError`, also where a latency is no number above 0, or a row is no network, block or operator.
    public init(contentsOf path: String) throws {
        let text = try TextFile.read(path, what: "table of measurements")
        let sheet = try Self.sheet(text, path: path)
        guard sheet.names.contains("latency_ms") else {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected a column latency_ms (or latency_us, latency_s), found \(sheet.names.joined(separator: ", "))")
        }
        guard sheet.names.contains("network") || sheet.names.contains("subject") else {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected a column network, with names or files of networks, or a column subject of blocks and operators, "
                    + "found \(sheet.names.joined(separator: ", "))")
        }
        var table = ImportedTable()
        let ignored = sheet.names.filter { !$0.isEmpty && !Self.readNames.contains($0) }
        table.notes = sheet.notes + ignored.map { "the column \($0) is not known here, and is ignored" }
            + sheet.unnamed.map { "column \($0) has no name, and is ignored" }
        var device: (name: String, line: Int)?
        for row in sheet.rows {
            let members = try sheet.members(of: row)
            func cell(_ name: String) -> JSON? { members.first { $0.key == name }?.value }
            func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(row.line)", problem: problem) }
            for name in Self.notes + ["threads"] where name != "accelerator" {
                let values = members.filter { $0.key == name }.map(\.value)
                if let other = values.first(where: { $0 != values[0] }) {
                    throw problem(
                        "expected one value for \(name), found \(values[0].text(pretty: false)) and \(other.text(pretty: false))")
                }
            }
            func threads() throws -> Int {
                let threads = cell("threads") ?? 1
                guard let count = threads.integerValue, (1...1024).contains(count) else {
                    throw problem("expected a number of threads from 1 to 1024, found \(threads.text(pretty: false))")
                }
                return count
            }
            let name = cell("network")?.textValue
            guard let latency = cell("latency_ms") else {
                if let name {
                    table.unmatched.append(.init(key: "line \(row.line): \(name)", reason: MeasurementSheet.withoutLatency))
                } else {
                    try MeasurementSheet.read(members.filter { Self.isOfPart($0.key) }, line: row.line, path: path, into: &table)
                }
                continue
            }
            func note(_ name: String) -> String? { cell(name)?.textValue }
            if let batch = note("batch"), Double(batch) != 1 {
                throw problem("expected the latency of one image, found a batch of \(batch.prefix(60))")
            }
            let units = members.filter { $0.key == "accelerator" }.compactMap(\.value.textValue)
            if let unit = units.first(where: { !Self.onCPU.contains($0.lowercased()) }) {
                throw problem("expected a run on the CPU, found one on \(unit.prefix(60))")
            }
            if let name = note("device") {
                if let device, device.name.lowercased() != name.lowercased() {
                    throw problem(
                        "expected the measurements of one device, found \(name.prefix(60)), and \(device.name.prefix(60)) on "
                            + "line \(device.line)")
                }
                device = (name, row.line)
            }
            let cores = note("cores").map { $0.lowercased() }
            if let cores, !MeasuredNetwork.coreWords.contains(cores) {
                throw problem("expected all, big or little in cores, found \(cores.prefix(60))")
            }
            let precision = note("data_type")
            let dataType = precision.flatMap { Runtime.DataType(foreign: $0) }
            if let precision, dataType == nil { throw problem("expected float32 or int8, as profiles are, found \(precision.prefix(60))") }
            guard let name else {
                let count = cell("threads") == nil ? nil : try threads()
                parts.append(PartRow(line: row.line, threads: count, cores: cores, dataType: dataType))
                try MeasurementSheet.read(members.filter { Self.isOfPart($0.key) }, line: row.line, path: path, into: &table)
                continue
            }
            guard let value = latency.numberValue, value > 0, value.isFinite else {
                throw problem("expected a latency above 0 in latency_ms, found \(latency.text(pretty: false))")
            }
            networks.append(
                NetworkRow(
                    line: row.line, network: name, threads: try threads(), cores: cores, latencyMs: value, dataType: dataType))
        }
        self.table = table
    }

    private static func sheet(_ text: String, path: String) throws(FileError) -> NamedSheet {
        try NamedSheet(text, path: path, columns: columns, synonyms: synonyms, allowsOthers: true)
    }

    /// What people note beside a latency.
    private static let notes = ["cores", "data_type", "batch", "accelerator", "device"]
    /// Other names of columns, among them those of benchmark programs.
    private static let synonyms = [
        "num_threads": "threads", "n_threads": "threads", "cpu_threads": "threads", "thread_count": "threads",
        "number_of_threads": "threads", "precision": "data_type", "dtype": "data_type", "datatype": "data_type",
        "batch_size": "batch", "delegate": "accelerator", "compute_unit": "accelerator",
    ]
    private static let readNames = Set(columns.map(\.name) + notes)

    /// Whether a column is of blocks and operators.
    private static func isOfPart(_ name: String) -> Bool { MeasurementSheet.columns.contains { $0.name == name } }

    /// What people write for a run that no delegate took from the CPU.
    private static let onCPU = ["cpu", "xnnpack", "none", "no", "-"]

    /// A sheet of networks that are to be measured.
    public static func text(_ networks: [String], threads: Int) -> String {
        CommaSeparatedRows.text(["network", "threads", "latency_ms"])
            + networks.map { CommaSeparatedRows.text([$0, "\(threads)", ""]) }.joined()
    }

    /// A sheet that is there, with a row for each network that it does not have with this number of threads. What stands in
    /// it stays as it is, columns and rows that a person added too.
    ///
    /// - Throws: `FileError`, also where it has no columns for them.
    public static func text(_ networks: [String], threads: Int, addedTo path: String) throws -> String {
        let text = try TextFile.read(path, what: "table of measurements")
        let sheet = try sheet(text, path: path)
        let needed = ["network"] + (threads == 1 ? [] : ["threads"])
        for name in needed where !sheet.names.contains(name) {
            throw FileError.cannotWrite(path: path, reason: "it has no column \(name); name another folder")
        }
        let old = try sheet.rows.map { row in
            let cells = JSON.object(try sheet.members(of: row))
            return (network: cells["network"]?.textValue, threads: cells["threads"]?.integerValue ?? 1)
        }
        let new = networks.filter { network in !old.contains { $0.network == network && $0.threads == threads } }
        let rows = new.map { network in
            CommaSeparatedRows.text(
                sheet.names.map { $0 == "network" ? network : $0 == "threads" ? "\(threads)" : "" }, separator: sheet.separator)
        }
        return text + (text.hasSuffix("\n") || rows.isEmpty ? "" : "\n") + rows.joined()
    }

    private static let columns: [NamedSheet.Column] =
        [(name: "network", kind: .text), (name: "threads", kind: .number)] + MeasurementSheet.columns
}
