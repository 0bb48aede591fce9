import Files

/// Latencies of whole networks, and of blocks and operators, as a CSV table.
///
/// A row with something in the column `network` is a whole network: its name or the path of its file, `threads` (1 where
/// empty), and `latency_ms`. Every other row is one of `MeasurementSheet`.
public struct DeviceMeasurementSheet {
    public struct NetworkRow: Hashable, Sendable {
        public let network: String
        public let threads: Int
        public let latencyMs: Double
    }

    public private(set) var networks: [NetworkRow] = []
    /// The blocks and operators.
    public let table: ImportedTable

    /// - Throws: `FileError`, also where a latency is no number above 0.
    public init(contentsOf path: String) throws {
        let rows = CommaSeparatedRows(try TextFile.read(path, what: "table of measurements")).rows
        guard let heading = rows.first else {
            throw FileError.invalid(path: path, place: "", problem: "expected a row of column names, found nothing")
        }
        guard let name = heading.cells.firstIndex(of: "network") else {
            table = try MeasurementSheet(contentsOf: path).table
            return
        }
        let threads = heading.cells.firstIndex(of: "threads")
        guard let latency = heading.cells.firstIndex(of: "latency_ms") else {
            throw FileError.invalid(
                path: path, place: "line \(heading.line)", problem: "expected a column latency_ms, found none")
        }
        let kept = heading.cells.indices.filter { $0 != name && $0 != threads }
        var rest = String(repeating: "\n", count: heading.line - 1) + CommaSeparatedRows.text(kept.map { heading.cells[$0] })
        var line = heading.line + 1
        for row in rows.dropFirst() {
            func problem(_ problem: String) -> FileError {
                .invalid(path: path, place: "line \(row.line)", problem: problem)
            }
            guard row.cells.count == heading.cells.count else {
                throw problem("expected \(heading.cells.count) cells, found \(row.cells.count)")
            }
            if row.cells[name].isEmpty {
                // The rows keep their lines, so that places in messages are right.
                rest += String(repeating: "\n", count: max(0, row.line - line))
                rest += CommaSeparatedRows.text(kept.map { row.cells[$0] })
                line = row.line + 1
                continue
            }
            if row.cells[latency].isEmpty { continue }
            guard let value = Double(row.cells[latency]), value > 0, value.isFinite else {
                throw problem("expected a latency above 0 in latency_ms, found \(row.cells[latency])")
            }
            let text = threads.map { row.cells[$0] } ?? ""
            guard let count = text.isEmpty ? 1 : Int(text), (1...1024).contains(count) else {
                throw problem("expected a number of threads from 1 to 1024, found \(text)")
            }
            networks.append(NetworkRow(network: row.cells[name], threads: count, latencyMs: value))
        }
        table = line == heading.line + 1 ? ImportedTable() : try MeasurementSheet(text: rest, path: path).table
    }
}
