import Files
import Profiler

/// What an import stored, and what it did not.
struct ImportReport {
    let file: String
    let format: String
    let output: String
    /// The name of the device whose hardware the profile has.
    let hardware: String
    /// The latencies of the profile, 0 where nothing was left to import, and no profile was written.
    let latencies: Int
    /// Rows of the file: those that are stored, and `dropped`.
    let rows: Int
    let dropped: [ImportedTable.Unmatched]
    /// What was converted.
    let notes: [String]
    /// How well the cost model fits.
    let summary: String

    /// - Throws: `FileError.invalid` where a row is dropped.
    static func requireAll(_ dropped: [ImportedTable.Unmatched], of file: String) throws(FileError) {
        guard let first = dropped.first else { return }
        throw .invalid(
            path: file, place: "",
            problem: "\(dropped.count.counted("row")) cannot be imported, and --strict wants all: \(first)")
    }

    /// The error where nothing was left to import; nil where something was.
    var problem: FileError? {
        if latencies > 0 { return nil }
        return .invalid(path: file, place: "", problem: "nothing to import" + (dropped.first.map { "; \($0)" } ?? ""))
    }

    var text: String {
        let stored = latencies == 1 ? "1 latency from \(file) is" : "\(latencies) latencies from \(file) are"
        let sentences = latencies == 0 ? [] : ["\(stored) in \(output), on the hardware of \(hardware)", summary] + notes
        var lines = sentences.map { $0.wrapped(columns: TextTable.columns) }
        if !dropped.isEmpty {
            lines.append("\(dropped.count) not imported:")
            lines += dropped.map { String.entry("\($0.key):", $0.reason) }
        }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        [
            "file": .string(file), "format": .string(format), "output": latencies == 0 ? .null : .string(output), "rows": .integer(rows),
            "stored_rows": .integer(rows - dropped.count), "latencies": .integer(latencies),
            "hardware": .string(hardware), "model": latencies == 0 ? .null : .string(summary),
            "dropped_rows": .array(dropped.map { ["row": .string($0.key), "reason": .string($0.reason)] }),
            "notes": .array(notes.map(JSON.string)), "complete": .bool(dropped.isEmpty),
        ]
    }
}
