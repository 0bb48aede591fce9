import Files
import HardwareProfiles

/// Latencies of whole networks, and of blocks and operators, as a CSV table.
///
/// A row with something in the column `network` is a whole network: its name or the path of its file, `threads` (1 where
/// empty), `cores` if they were bound to all, the big or the little ones, and `latency_ms`. What a person notes beside it
/// in `data_type` (or `precision`), `batch`, `accelerator` (or `delegate`) and `device` must fit a profile: one image, on
/// the CPU of one device. Every other row is one of `MeasurementSheet`.
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

    public private(set) var networks: [NetworkRow] = []
    /// The blocks and operators; what has no latency, networks too, is among its `unmatched`.
    public let table: ImportedTable
    /// The threads of blocks and operators with a latency, where the sheet says them, each with its line.
    public private(set) var partThreads: [(line: Int, threads: Int)] = []

    /// - Throws: `FileError`, also where a latency is no number above 0, or a row is no network, block or operator.
    public init(contentsOf path: String) throws {
        let text = try TextFile.read(path, what: "table of measurements")
        let sheet = try NamedSheet(text, path: path, columns: Self.columns, allowsOthers: true)
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
        table.notes = sheet.notes
        var device: (name: String, line: Int)?
        for row in sheet.rows {
            let members = try sheet.members(of: row)
            func cell(_ name: String) -> JSON? { members.first { $0.key == name }?.value }
            func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(row.line)", problem: problem) }
            func threads() throws -> Int {
                let threads = cell("threads") ?? 1
                guard let count = threads.integerValue, (1...1024).contains(count) else {
                    throw problem("expected a number of threads from 1 to 1024, found \(threads.text(pretty: false))")
                }
                return count
            }
            guard let name = cell("network")?.textValue else {
                if cell("threads") != nil, cell("latency_ms") != nil { partThreads.append((row.line, try threads())) }
                try MeasurementSheet.read(members.filter { $0.key != "threads" }, line: row.line, path: path, into: &table)
                continue
            }
            guard let latency = cell("latency_ms") else {
                table.unmatched.append(.init(key: "line \(row.line): \(name)", reason: MeasurementSheet.withoutLatency))
                continue
            }
            guard let value = latency.numberValue, value > 0, value.isFinite else {
                throw problem("expected a latency above 0 in latency_ms, found \(latency.text(pretty: false))")
            }
            let count = try threads()
            func note(_ names: String...) -> String? { names.lazy.compactMap { cell($0)?.textValue }.first }
            if let batch = note("batch", "batch_size"), Double(batch) != 1 {
                throw problem("expected the latency of one image, found a batch of \(batch.prefix(60))")
            }
            if let unit = note("accelerator", "delegate"), !Self.onCPU.contains(unit.lowercased()) {
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
            let precision = note("data_type", "precision")
            let dataType = precision.flatMap { Runtime.DataType(foreign: $0) }
            if let precision, dataType == nil { throw problem("expected float32 or int8, as profiles are, found \(precision.prefix(60))") }
            networks.append(NetworkRow(line: row.line, network: name, threads: count, cores: cores, latencyMs: value, dataType: dataType))
        }
        self.table = table
    }

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
        let sheet = try NamedSheet(text, path: path, columns: columns, allowsOthers: true)
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
