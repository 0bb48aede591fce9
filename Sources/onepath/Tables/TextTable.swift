/// Columns of text, as wide as they need to be.
///
/// The first columns stand on the left, numbers on the right of theirs.
struct TextTable {
    enum Alignment {
        case left, right
        /// On the left, and cut, with an ellipsis, as far as the table would be wider than `TextTable.columns`.
        case cut
    }

    /// The width of a terminal that nobody has widened.
    static let columns = 80

    /// A row of cells, or a line across.
    private enum Row { case cells([String]), rule }

    private let alignments: [Alignment]
    private var rows: [Row]

    /// - Parameter titled: whether the titles stand above a line, at the top.
    init(_ columns: [(title: String, alignment: Alignment)], titled: Bool = true) {
        alignments = columns.map(\.alignment)
        rows = titled ? [.cells(columns.map(\.title)), .rule] : []
    }

    /// Adds a row; it may have fewer cells than there are columns.
    mutating func add(_ cells: [String]) { rows.append(.cells(cells)) }

    mutating func addRule() { rows.append(.rule) }

    var text: String {
        var widths = alignments.map { _ in 0 }
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.terminalWidth) }
        }
        let gaps = 2 * (widths.count - 1)
        let cut = widths.indices.filter { alignments[$0] == .cut }
        // The widest first, so that what is short stays whole.
        while widths.reduce(0, +) + gaps > Self.columns, let widest = cut.max(by: { widths[$0] < widths[$1] }),
            widths[widest] > 1
        {
            widths[widest] -= 1
        }
        let total = widths.reduce(0, +) + gaps
        return rows.map { row in
            switch row {
            case .rule:
                return String(repeating: "-", count: total)
            case .cells(let cells):
                let padded = zip(cells, zip(widths, alignments)).map { cell, form -> String in
                    let (width, alignment) = form
                    let shown = cell.terminalWidth > width ? "\(cell.prefix(columns: width - 1))…" : cell
                    let space = String(repeating: " ", count: width - shown.terminalWidth)
                    return alignment == .right ? space + shown : shown + space
                }
                let line = padded.joined(separator: "  ")
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
        }.joined(separator: "\n") + "\n"
    }
}
