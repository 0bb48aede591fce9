import Files
import Profiler

/// What an import stored, and what it did not.
struct ImportReport {
    let file: String
    let format: String
    let output: String
    /// The name of the device whose hardware the profile has.
    let hardware: String
    /// Rows of the file: those that are stored, and `dropped`.
    let rows: Int
    /// Latencies of the profile: of blocks and operators, or of whole networks.
    let latencies: Int
    let dropped: [ImportedTable.Unmatched]
    /// How well the cost model fits.
    let summary: String

    /// - Throws: `FileError.invalid` where a row is dropped.
    static func requireAll(_ dropped: [ImportedTable.Unmatched], of file: String) throws(FileError) {
        guard let first = dropped.first else { return }
        throw .invalid(
            path: file, place: "",
            problem: "\(dropped.count) row\(dropped.count == 1 ? "" : "s") cannot be imported, and --strict wants all: \(first)")
    }

    var text: String {
        var lines = ["\(latencies) latencies from \(file) are in \(output), on the hardware of \(hardware)", summary]
        if !dropped.isEmpty {
            lines.append("\(dropped.count) not imported:")
            lines += dropped.map { "  \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        [
            "file": .string(file), "format": .string(format), "output": .string(output), "rows": .integer(rows),
            "stored_rows": .integer(rows - dropped.count), "latencies": .integer(latencies),
            "dropped_rows": .array(dropped.map { ["row": .string($0.key), "reason": .string($0.reason)] }),
            "complete": .bool(dropped.isEmpty),
        ]
    }
}
