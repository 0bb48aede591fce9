import CJSON

extension JSON {
    /// The value as JSON text, UTF-8, without a newline at its end.
    ///
    /// Numbers are printed so that they read back to the same bits; those without a fraction as `3.0`. With `pretty`,
    /// the text is indented by two spaces. An array or an object then takes one line if it holds no list of objects and
    /// the line has at most 110 columns, and always if it is a row: an object of scalars in a list. Without `pretty`,
    /// the whole text is one line.
    ///
    /// A number that is not finite has no JSON text and is written as null, like ECMA-262's JSON.stringify.
    public func text(pretty: Bool) -> String {
        pretty ? indented(level: 0, used: 0) : line
    }

    /// Writes the value to `path`, pretty and with a newline at its end, through `AtomicFile`.
    ///
    /// - Throws: `FileError.cannotWrite`, also where a number is not finite, which a reader would refuse; what was at
    ///   `path` is untouched.
    public func write(to path: String) throws(FileError) {
        try checkWritable(to: path)
        try AtomicFile.write(text(pretty: true) + "\n", to: path)
    }

    /// Checks that every number is finite.
    ///
    /// - Throws: `FileError.cannotWrite`, with the place of the first that is not.
    func checkWritable(to path: String) throws(FileError) {
        guard let (pointer, value) = firstNotFinite(at: "") else { return }
        throw .cannotWrite(path: path, reason: "the number at \(pointer) is \(value)")
    }

    private func firstNotFinite(at pointer: String) -> (pointer: String, value: Double)? {
        switch self {
        case .number(let value): return value.isFinite ? nil : (pointer, value)
        case .array(let values):
            for (index, value) in values.enumerated() {
                if let found = value.firstNotFinite(at: "\(pointer)/\(index)") { return found }
            }
        case .object(let members):
            for member in members {
                if let found = member.value.firstNotFinite(at: "\(pointer)/\(member.key)") { return found }
            }
        case .null, .bool, .integer, .string: break
        }
        return nil
    }

    private static let columns = 110

    /// The value on several lines if needed; `used` columns of the first line are taken, 0 for the whole document.
    private func indented(level: Int, used: Int, isRow: Bool = false) -> String {
        guard let items, !items.isEmpty else { return line }
        if isRow { return line }
        if used > 0 && !holdsObjectsInArray {
            let line = line
            // One column for the comma that may follow.
            if used + line.utf8.count < Self.columns { return line }
        }
        let margin = String(repeating: "  ", count: level + 1)
        let lines = items.map { label, value in
            let start = margin + label
            return start
                + value.indented(level: level + 1, used: start.utf8.count, isRow: isArray && value.isObjectOfScalars)
        }
        let (opening, closing) = brackets
        return "\(opening)\n\(lines.joined(separator: ",\n"))\n\(margin.dropLast(2))\(closing)"
    }

    /// The value on one line.
    private var line: String {
        guard let items else { return scalarText }
        let (opening, closing) = brackets
        return opening + items.map { label, value in label + value.line }.joined(separator: ", ") + closing
    }

    /// The parts of an array or an object, each with the text before it; nil for a scalar.
    private var items: [(label: String, value: JSON)]? {
        switch self {
        case .array(let values): values.map { ("", $0) }
        case .object(let members): members.map { (JSON.string($0.key).scalarText + ": ", $0.value) }
        case .null, .bool, .integer, .number, .string: nil
        }
    }

    private var isArray: Bool { if case .array = self { true } else { false } }

    private var isObjectOfScalars: Bool {
        guard case .object(let members) = self else { return false }
        return members.allSatisfy { $0.value.items == nil }
    }

    private var brackets: (String, String) { isArray ? ("[", "]") : ("{", "}") }

    /// Whether this value contains an array of objects, each of which gets its own line.
    private var holdsObjectsInArray: Bool {
        switch self {
        case .array(let values):
            values.contains { if case .object = $0 { true } else { $0.holdsObjectsInArray } }
        case .object(let members):
            members.contains { $0.value.holdsObjectsInArray }
        case .null, .bool, .integer, .number, .string:
            false
        }
    }

    /// The text of a value that is neither an array nor an object, printed by json-c.
    private var scalarText: String {
        let object: OpaquePointer?
        switch self {
        case .bool(let value):
            object = json_object_new_boolean(value ? 1 : 0)
        case .integer(let value):
            object = json_object_new_int64(Int64(value))
        case .number(let value):
            // Swift prints the shortest digits that read back to the same bits; json-c would print seventeen.
            object = value.isFinite ? json_object_new_double_s(value, value.description) : nil
        case .string(let value):
            object = value.withCString { json_object_new_string_len($0, Int32(value.utf8.count)) }
        case .null, .array, .object:
            object = nil
        }
        defer { json_object_put(object) }
        var count = 0
        let text = json_object_to_json_string_length(object, JSON_C_TO_STRING_NOSLASHESCAPE, &count)
        return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }
}
