/// Columns of text, as wide as they need to be.
///
/// The first columns stand on the left, numbers on the right of theirs.
struct TextTable {
    enum Alignment { case left, right }

    /// A row of cells, or a line across.
    private enum Row { case cells([String]), rule }

    private let alignments: [Alignment]
    private var rows: [Row]

    init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        rows = [.cells(columns.map(\.title)), .rule]
    }

    /// Adds a row; it may have fewer cells than there are columns.
    mutating func add(_ cells: [String]) { rows.append(.cells(cells)) }

    mutating func addRule() { rows.append(.rule) }

    var text: String {
        var widths = alignments.map { _ in 0 }
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        let total = widths.reduce(0, +) + 2 * (widths.count - 1)
        return rows.map { row in
            switch row {
            case .rule:
                return String(repeating: "-", count: total)
            case .cells(let cells):
                let padded = zip(cells, zip(widths, alignments)).map { cell, form in
                    let space = String(repeating: " ", count: form.0 - cell.count)
                    return form.1 == .left ? cell + space : space + cell
                }
                let line = padded.joined(separator: "  ")
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
        }.joined(separator: "\n") + "\n"
    }
}
