extension JSONLines {
    /// Reads the file at `path`, calling `body` with the document of each line in order.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - what: what the file should be, for messages: "metrics".
    ///   - isGrowing: whether somebody may be writing the file, so that a last line that does not end is not there yet.
    ///   - body: makes a value of a line's document.
    /// - Throws: `FileError.missing` or `.unreadable`; `.invalid`, the line before the place in it, where a line is not
    ///   one JSON document or `body` throws so, and where the last line does not end.
    public static func read<T>(
        _ path: String, what: String, isGrowing: Bool = false, _ body: (JSONNode) throws -> T
    ) throws -> [T] {
        var lines = try BinaryFile.read(path, what: what).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last newline.
        let rest = lines.popLast() ?? []
        guard rest.isEmpty || isGrowing else {
            throw FileError.invalid(
                path: path, place: "line \(lines.count + 1)", problem: "the file ends in the middle of the line")
        }
        return try lines.enumerated().map { index, line in
            do {
                return try body(JSONNode(try JSON(parsing: Array(line), path: path), path: path))
            } catch FileError.invalid(path, let place, let problem) {
                // Errors of syntax name a line already, always the first of the text they are given.
                let inLine = place.hasPrefix("line 1, ") ? String(place.dropFirst("line 1, ".count)) : place
                throw FileError.invalid(
                    path: path, place: "line \(index + 1)" + (inLine.isEmpty ? "" : ", \(inLine)"), problem: problem)
            }
        }
    }
}
