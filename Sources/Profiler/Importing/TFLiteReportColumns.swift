/// How a list of nodes in a report of TensorFlow Lite's benchmark_model is laid out: the type of a node, numbers, and
/// the node's name, between tabs or spaces, or between commas.
///
/// Types and names have spaces and commas of their own; the numbers tell them apart.
struct TFLiteReportColumns {
    /// What a line says of a node.
    struct Row {
        let type: String
        let averageMs: Double
        let timesCalled: Int
        let name: String
    }

    private let isCommaSeparated: Bool
    /// The columns of numbers, between those of the type and of the name.
    private let numbers: [String]
    /// The column of the mean latency, among the numbers.
    private let average: Int

    /// nil where the line names no column for the mean latency.
    init?(heading: Substring) {
        isCommaSeparated = !heading.contains("[")
        let names =
            isCommaSeparated
            ? heading.split(separator: ",").map { $0.trimmed }
            : heading.matches(of: #/\[([^\]]*)\]/#).map { String($0.1) }
        guard names.count > 2, names.first == "node type", names.last?.lowercased() == "name" else { return nil }
        numbers = Array(names.dropFirst().dropLast())
        guard let average = numbers.firstIndex(where: { ["avg ms", "avg_ms"].contains($0) }) else { return nil }
        self.average = average
    }

    /// nil where the line has not as many numbers as there are columns of them.
    func row(of line: Substring) -> Row? {
        let cells =
            isCommaSeparated
            ? line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
            : line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard cells.count > numbers.count else { return nil }
        for start in 1...(cells.count - numbers.count) {
            let values = cells[start..<start + numbers.count].compactMap {
                Double($0.last == "%" ? $0.dropLast() : $0[...])
            }
            guard values.count == numbers.count else { continue }
            let separator = isCommaSeparated ? ", " : " "
            return Row(
                type: cells[..<start].joined(separator: separator), averageMs: values[average],
                timesCalled: numbers.firstIndex(of: "times called").flatMap { Int(exactly: values[$0]) } ?? 1,
                name: cells[(start + numbers.count)...].joined(separator: separator))
        }
        return nil
    }
}

extension Substring {
    /// Without white space at its ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
