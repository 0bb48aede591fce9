/// The rows of a CSV text (RFC 4180), also as spreadsheet programs save it where numbers have decimal commas: with
/// semicolons or tabs between cells, and with a first line "sep=;" that names another separator. A byte order mark at
/// the start is dropped, and so are rows without any content and lines that start with "#".
struct CommaSeparatedRows {
    struct Row: Hashable {
        var cells: [String]
        /// The line in the file where the row starts, from 1.
        let line: Int
    }

    private(set) var rows: [Row] = []
    /// What stands between cells.
    let separator: Character
    /// The line where a quote opens that nothing closes, so that the rest of the file is in one cell; nil where there
    /// is none.
    private(set) var openQuote: Int?

    /// Reads the text; drops white space around cells that are not quoted.
    init(_ text: String) {
        var text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        var line = 1
        let first = text.prefix { !$0.isNewline }
        if first.count == 5, first.lowercased().hasPrefix("sep="), let last = first.last {
            separator = last
            text = text.dropFirst(first.count + 1)
            line = 2
        } else {
            separator = Self.separator(of: text)
        }
        var row = Row(cells: [], line: line)
        var cell = ""
        var isQuoted = false, wasQuoted = false, isComment = false
        var quoteLine = line
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
            if row.cells.contains(where: { !$0.isEmpty }) { rows.append(row) }
            row = Row(cells: [], line: line)
            isComment = false
        }
        for character in text {
            if character.isNewline { line += 1 }
            switch character {
            case "\n" where !isQuoted, "\r\n" where !isQuoted, "\r" where !isQuoted:
                if isComment { cell = "" }
                endRow()
            case _ where isComment: break
            case "#" where !isQuoted && !wasQuoted && row.cells.isEmpty && cell.allSatisfy(\.isWhitespace): isComment = true
            case "\"":
                // Two quotes in a quoted cell are one.
                if !isQuoted, wasQuoted { cell.append(character) }
                isQuoted.toggle()
                wasQuoted = true
                quoteLine = line
            case separator where !isQuoted: endCell()
            default: cell.append(character)
            }
        }
        if isComment { cell = "" }
        if !cell.isEmpty || !row.cells.isEmpty { endRow() }
        if isQuoted { openQuote = quoteLine }
        self.rows = rows
    }

    /// What separates the cells of the heading, the first line with content: the most frequent of comma, semicolon and
    /// tab outside of quotes.
    private static func separator(of text: Substring) -> Character {
        var rest = text
        var heading = rest.prefix { !$0.isNewline }
        while !rest.isEmpty, heading.allSatisfy(\.isWhitespace) || heading.first == "#" {
            rest = rest.dropFirst(heading.count + 1)
            heading = rest.prefix { !$0.isNewline }
        }
        var counts: [Character: Int] = [:]
        var isQuoted = false
        for character in heading {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted { counts[character, default: 0] += 1 }
        }
        let others: [Character] = [";", "\t"]
        return others.first { (counts[$0] ?? 0) > (counts[","] ?? 0) } ?? ","
    }

    /// A row as text, cells with separators, quotes or line ends in quotes.
    static func text(_ cells: [String], separator: Character = ",") -> String {
        cells.map { cell in
            cell.contains { $0 == separator || $0 == "\"" || $0.isNewline }
                ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
        }.joined(separator: String(separator)) + "\n"
    }
}
