/// The rows of a CSV text (RFC 4180), also as spreadsheet programs save it where numbers have decimal commas: with
/// semicolons or tabs between cells. A byte order mark at the start is dropped.
struct CommaSeparatedRows {
    struct Row: Hashable {
        var cells: [String]
        /// The line in the file where the row starts, from 1.
        let line: Int
    }

    private(set) var rows: [Row] = []
    /// Whether cells are separated by something else than commas, so that a comma may stand in a number.
    let mayHaveDecimalCommas: Bool

    /// Reads the text; drops empty rows, and white space around cells that are not quoted.
    init(_ text: String) {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        let separator = Self.separator(of: text.prefix { !$0.isNewline })
        mayHaveDecimalCommas = separator != ","
        var row = Row(cells: [], line: 1)
        var cell = ""
        var isQuoted = false, wasQuoted = false
        var line = 1
        func trimmed() -> String {
            if wasQuoted { return cell }
            let start = cell.drop(while: \.isWhitespace)
            return String(start.reversed().drop(while: \.isWhitespace).reversed())
        }
        var rows: [Row] = []
        func endCell() {
            row.cells.append(trimmed())
            cell = ""
            wasQuoted = false
        }
        func endRow() {
            endCell()
            if row.cells != [""] { rows.append(row) }
            row = Row(cells: [], line: line)
        }
        for character in text {
            if character.isNewline { line += 1 }
            switch character {
            case "\"":
                // Two quotes in a quoted cell are one.
                if !isQuoted, wasQuoted { cell.append(character) }
                isQuoted.toggle()
                wasQuoted = true
            case separator where !isQuoted: endCell()
            case "\n" where !isQuoted, "\r\n" where !isQuoted: endRow()
            default: cell.append(character)
            }
        }
        if !cell.isEmpty || !row.cells.isEmpty { endRow() }
        self.rows = rows
    }

    /// What separates the cells of a heading: the most frequent of comma, semicolon and tab outside of quotes.
    private static func separator(of heading: Substring) -> Character {
        var counts: [Character: Int] = [:]
        var isQuoted = false
        for character in heading {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted { counts[character, default: 0] += 1 }
        }
        let others: [Character] = [";", "\t"]
        return others.first { (counts[$0] ?? 0) > (counts[","] ?? 0) } ?? ","
    }

    /// A row as text, cells with commas, quotes or line ends in quotes.
    static func text(_ cells: [String]) -> String {
        cells.map { cell in
            cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
                ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
        }.joined(separator: ",") + "\n"
    }
}
