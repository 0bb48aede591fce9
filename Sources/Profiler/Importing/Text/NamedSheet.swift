import Files

/// A sheet whose first row names its columns, in any order: its rows as JSON members, an empty cell as none.
struct NamedSheet {
    /// What the cells of a column are.
    enum Kind {
        case text, number, truth
    }

    /// A column that a sheet may have.
    typealias Column = (name: String, kind: Kind)

    let rows: ArraySlice<CommaSeparatedRows.Row>
    /// The names of the columns that the sheet has, in its order; two where one has another name of the first.
    let names: [String]
    /// The places of columns that have cells, but no name, from 1.
    let unnamed: [Int]
    /// What was converted, for people.
    let notes: [String]
    /// What stands between cells.
    let separator: Character
    private let headings: [SheetHeading]
    private let kinds: [String: Kind]
    private let numbers: SheetNumbers
    private let path: String

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    ///   - columns: those that are known; the names of times end in "_ms".
    ///   - synonyms: the names here of columns that may be called otherwise.
    ///   - allowsOthers: whether there may be other columns, whose cells are texts.
    /// - Throws: `FileError.invalid` where there is no heading, where it has an unknown column or one twice, and where
    ///   a quote is never closed.
    init(
        _ text: String, path: String, columns: [Column], synonyms: [String: String] = [:], allowsOthers: Bool = false
    ) throws(FileError) {
        let sheet = CommaSeparatedRows(text)
        guard let heading = sheet.rows.first else {
            throw .invalid(path: path, place: "", problem: "expected a row of column names, found nothing")
        }
        func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(heading.line)", problem: problem) }
        let known = columns.map { $0.name }
        let times = known.filter { $0.hasSuffix("_ms") }
        // Spreadsheet programs write columns beside the sheet too.
        let cells = heading.cells.prefix((heading.cells.lastIndex { !$0.isEmpty } ?? -1) + 1)
        var headings: [SheetHeading] = [], unnamed: [Int] = []
        for (index, cell) in cells.enumerated() {
            let column = SheetHeading(cell, times: times, synonyms: synonyms)
            let isEmpty = cell.isEmpty && sheet.rows.dropFirst().allSatisfy { $0.cells.count <= index || $0.cells[index].isEmpty }
            guard allowsOthers || isEmpty || known.contains(column.name) else {
                if let other = ForeignTable(text, besides: .csv) { throw other.problem(path: path) }
                throw problem("unknown column \"\(cell.prefix(60))\"; known here: \(known.joined(separator: ", "))")
            }
            if cell.isEmpty, !isEmpty { unnamed.append(index + 1) }
            // Two names of one column may stand side by side, such as a threads and a num_threads.
            if !isEmpty, headings.contains(where: { $0.name == column.name && $0.written == column.written }) {
                throw problem("a second column \"\(column.name)\"")
            }
            headings.append(column)
        }
        if let line = sheet.openQuote {
            throw .invalid(path: path, place: "line \(line)", problem: "expected a second quote that closes this one, found none")
        }
        self.path = path
        self.headings = headings
        names = headings.map(\.name)
        self.unnamed = unnamed
        notes = zip(cells, headings).compactMap { cell, heading in
            heading.converted.map { "the column \(cell) is in \($0), and is stored as \(heading.name)" }
        }
        let kinds = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.kind) })
        self.kinds = kinds
        rows = sheet.rows.dropFirst()
        separator = sheet.separator
        numbers = SheetNumbers(
            cells: rows.flatMap { row in
                zip(headings, row.cells).filter { kinds[$0.0.name] == .number }.map { (cell: $0.1, line: row.line) }
            }, separator: sheet.separator)
    }

    /// The cells of a row that are not empty, by the names of their columns.
    ///
    /// - Throws: `FileError.invalid` where the row has more or fewer cells than there are columns, and where a number
    ///   may mean two things.
    func members(of row: CommaSeparatedRows.Row) throws(FileError) -> [JSON.Member] {
        let place = "line \(row.line)"
        let count = max(headings.count, (row.cells.lastIndex { !$0.isEmpty } ?? -1) + 1)
        guard count == headings.count, row.cells.count >= headings.count else {
            let found = min(count, row.cells.count)
            throw .invalid(path: path, place: place, problem: "expected \(headings.count) cells, found \(found)")
        }
        var members: [JSON.Member] = []
        for (heading, cell) in zip(headings, row.cells) where !cell.isEmpty {
            do throws(SheetNumbers.Unclear) {
                members.append(.init(key: heading.name, value: try value(cell, heading)))
            } catch {
                throw .invalid(path: path, place: "\(place)/\(heading.name)", problem: error.reason)
            }
        }
        return members
    }

    private func value(_ cell: String, _ heading: SheetHeading) throws(SheetNumbers.Unclear) -> JSON {
        switch kinds[heading.name] {
        case .number?:
            guard let text = try numbers.plain(cell) else { return .string(cell) }
            if heading.converted == nil, let value = Int(text) { return .integer(value) }
            guard let number = Double(text).map(heading.value) else { return .string(cell) }
            // A program may write every number as 224.0.
            return Int(exactly: number).map(JSON.integer) ?? .number(number)
        case .truth?:
            switch cell.lowercased() {
            case "true", "1": return true
            case "false", "0": return false
            default: return .string(cell)
            }
        case .text?, nil: return .string(cell)
        }
    }

    /// A row that cannot be read, with the reason.
    func unmatched(_ row: CommaSeparatedRows.Row, _ error: FileError) -> ImportedTable.Unmatched {
        let line = "line \(row.line)"
        guard case .invalid(_, let place, let problem) = error else { return .init(key: line, reason: error.description) }
        // Several cells may be wrong, each with a line of its own.
        let rest = problem.replacing("\n  \(line)/", with: "; ").replacing("\n  ", with: "; ")
        let column = place.dropFirst(line.count + 1)
        return .init(key: line, reason: column.isEmpty ? rest : "\(column): \(rest)")
    }
}
