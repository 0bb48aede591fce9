/// The layout of a list of nodes in a report of TensorFlow Lite's benchmark_model: the type of a node, numbers, and the
/// node's name, separated by tabs, spaces or commas.
///
/// Types and names may contain spaces and commas; the numbers separate them. Quotes around cells mean nothing.
struct TFLiteReportColumns {
    /// The content of a node's line.
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
        isCommaSeparated = !heading.utf8.contains(UInt8(ascii: "["))
        let names =
            isCommaSeparated ? heading.split(separator: ",").map { $0.trimmed.unquoted } : Self.bracketed(in: heading)
        guard names.count > 2, names.first == "node type", names.last?.lowercased() == "name" else { return nil }
        numbers = Array(names.dropFirst().dropLast())
        guard let average = numbers.firstIndex(where: { ["avg ms", "avg_ms"].contains($0) }) else { return nil }
        self.average = average
    }

    /// The texts between brackets, in order; a bracket that is not closed ends the list.
    private static func bracketed(in heading: Substring) -> [String] {
        var names: [String] = []
        var rest = heading.utf8
        while let start = rest.firstIndex(of: UInt8(ascii: "[")) {
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { break }
            names.append(String(Substring(rest[..<end])))
            rest = rest[rest.index(after: end)...]
        }
        return names
    }

    /// nil where the line has fewer numbers than there are number columns.
    func row(of line: Substring) -> Row? {
        let cells =
            isCommaSeparated
            ? line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed.unquoted }
            : line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard cells.count > numbers.count else { return nil }
        // The first place, after the type's first word, with as many numbers in a row as there are columns.
        var values: [Double] = []
        var place = 1
        while place < cells.count, values.count < numbers.count {
            let cell = cells[place]
            if let value = Double(cell.last == "%" ? cell.dropLast() : cell[...]) {
                values.append(value)
            } else {
                values.removeAll(keepingCapacity: true)
            }
            place += 1
        }
        guard values.count == numbers.count else { return nil }
        let separator = isCommaSeparated ? ", " : " "
        return Row(
            type: cells[..<(place - numbers.count)].joined(separator: separator), averageMs: values[average],
            timesCalled: numbers.firstIndex(of: "times called").flatMap { Int(exactly: values[$0]) } ?? 1,
            name: cells[place...].joined(separator: separator))
    }
}

extension String {
    /// The text without quotes, which stand around cells with commas; such cells are split here.
    fileprivate var unquoted: String { utf8.contains(UInt8(ascii: "\"")) ? replacing("\"", with: "") : self }
}

extension Substring {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
