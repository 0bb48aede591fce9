extension JSONLines {
    /// Reads the file at `path`, calling `body` with the document of each line in order.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - what: the kind of file that is expected, for messages: "metrics".
    ///   - isGrowing: whether somebody may be writing the file; then a last line without a newline is ignored.
    ///   - body: makes a value of a line's document.
    /// - Throws: `FileError.missing` or `.unreadable`; `.invalid`, with the line's number first, where a line is not
    ///   one JSON document, `body` throws `.invalid`, or the last line has no newline.
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
                // Syntax errors already name a line: always line 1, because each text is a single line.
                let inLine = place.hasPrefix("line 1, ") ? String(place.dropFirst("line 1, ".count)) : place
                throw FileError.invalid(
                    path: path, place: "line \(index + 1)" + (inLine.isEmpty ? "" : ", \(inLine)"), problem: problem)
            }
        }
    }
}
