/// Columns of text, as wide as they need to be.
///
/// The first columns stand on the left, numbers on the right of theirs. Columns that do not fit into a terminal beside the
/// others follow below them, beside the first column again.
struct TextTable {
    enum Alignment: Hashable {
        case left, right
        /// On the left, and cut, with an ellipsis, as far as the table would be wider than `TextTable.columns`.
        case cut
        /// On the left, and cut in the middle, before anything that is `cut`, but not below so many columns.
        case name(atLeast: Int)
    }

    /// The width of a terminal that nobody has widened.
    static let columns = 80
    /// What is cut shorter than this tells nothing any more.
    private static let least = 6
    private static let gap = 2

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
    mutating func add(_ cells: [String]) { rows.append(.cells(cells.map(Self.onOneLine))) }

    /// A cell in which U+FFFD stands for what would break the line or command the terminal, as the name of a file may.
    private static func onOneLine(_ cell: String) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
        guard cell.unicodeScalars.contains(where: isControl) else { return cell }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: cell.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 })
        return String(text)
    }

    mutating func addRule() { rows.append(.rule) }

    var text: String {
        let widths = cellWidths
        if let fitted = fitted(widths) { return text(of: Array(widths.indices), fitted) }
        // In parts there is room for more of what would be cut.
        let limited = zip(widths, alignments).map { width, alignment in
            switch alignment {
            case .left, .right: width
            case .cut: min(width, Self.columns / 3)
            case .name(let least): min(width, max(least, Self.columns / 3))
            }
        }
        return Self.parts(limited).map { text(of: $0, limited) }.joined(separator: "\n")
    }

    /// The columns of a terminal that the widest cell of each column takes.
    private var cellWidths: [Int] {
        var widths = alignments.map { _ in 0 }
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.terminalWidth) }
        }
        return widths
    }

    /// The widths at which all columns stand beside each other, where some are cut; nil where too little would be left.
    private func fitted(_ widths: [Int]) -> [Int]? {
        var widths = widths
        while Self.total(widths) > Self.columns {
            guard let column = columnToCut(widths) else { return nil }
            widths[column] -= 1
        }
        return widths
    }

    /// The one that is to be narrower where the table is too wide: the widest, so that what is short stays whole; nil where
    /// none may be.
    private func columnToCut(_ widths: [Int]) -> Int? {
        let names = widths.indices.filter { if case .name(let least) = alignments[$0] { widths[$0] > least } else { false } }
        let others = widths.indices.filter { alignments[$0] == .cut && widths[$0] > Self.least }
        return (names.isEmpty ? others : names).max { widths[$0] < widths[$1] }
    }

    /// The columns that stand beside each other, the first one among all of them.
    private static func parts(_ widths: [Int]) -> [[Int]] {
        var parts = [[0]]
        for column in widths.indices.dropFirst() {
            let last = parts[parts.count - 1]
            if last.count > 1, total((last + [column]).map { widths[$0] }) > columns { parts.append([0]) }
            parts[parts.count - 1].append(column)
        }
        return parts
    }

    private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + gap * (widths.count - 1) }

    /// The rows of some columns.
    private func text(of columns: [Int], _ widths: [Int]) -> String {
        rows.map { row in
            switch row {
            case .rule:
                return String(repeating: "-", count: Self.total(columns.map { widths[$0] }))
            case .cells(let cells):
                let padded = columns.filter(cells.indices.contains).map { column -> String in
                    let cell = cells[column], width = widths[column]
                    let shown = cell.terminalWidth > width ? alignments[column].shown(cell, in: width) : cell
                    let space = String(repeating: " ", count: width - shown.terminalWidth)
                    return alignments[column] == .right ? space + shown : shown + space
                }
                let line = padded.joined(separator: String(repeating: " ", count: Self.gap))
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
        }.joined(separator: "\n") + "\n"
    }
}

extension TextTable.Alignment {
    /// A cell that is wider than that, in so many columns.
    fileprivate func shown(_ cell: String, in columns: Int) -> String {
        guard case .name = self else { return "\(cell.prefix(columns: columns - 1))…" }
        return cell.shortened(toColumns: columns)
    }
}
