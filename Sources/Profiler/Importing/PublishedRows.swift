import Files

/// The rows of a published list with named columns, as a CSV table; lines that start with "#" are comments.
struct PublishedRows {
    let rows: ArraySlice<CommaSeparatedRows.Row>
    private let heading: CommaSeparatedRows.Row
    private let places: [Int]
    private let path: String

    /// - Parameter columns: that the list must have, in any order among others.
    /// - Throws: `FileError`, also where a column is missing.
    init(contentsOf path: String, columns: [String]) throws {
        let text = try TextFile.read(path, what: "list of published latencies")
        let all = CommaSeparatedRows(text).rows
        guard let heading = all.first else {
            throw FileError.invalid(path: path, place: "", problem: "expected a row of column names, found nothing")
        }
        places = try columns.map { name in
            guard let place = heading.cells.firstIndex(of: name) else {
                throw FileError.invalid(
                    path: path, place: "line \(heading.line)",
                    problem: "expected the columns \(columns.joined(separator: ", ")), found no \(name)")
            }
            return place
        }
        self.heading = heading
        self.path = path
        rows = all.dropFirst()
    }

    /// Whether a row has as many cells as the heading.
    func isWhole(_ row: CommaSeparatedRows.Row) -> Bool { row.cells.count == heading.cells.count }

    /// The cells of a row under the columns, in their order.
    ///
    /// - Throws: `FileError.invalid` where it has more or fewer cells than the heading.
    func cells(of row: CommaSeparatedRows.Row) throws -> [String] {
        guard isWhole(row) else {
            throw problem(row, "expected \(heading.cells.count) cells, found \(row.cells.count)")
        }
        return places.map { row.cells[$0] }
    }

    /// What is wrong with a row.
    func problem(_ row: CommaSeparatedRows.Row, _ problem: String) -> FileError {
        .invalid(path: path, place: "line \(row.line)", problem: problem)
    }
}
