import CJSON

extension JSON {
    /// Parses `text`, UTF-8, with json-c in its strict mode, and refuses what that mode still accepts (see `JSONText`).
    ///
    /// `path` only names the text in errors. Arrays and objects may be nested at most 32 deep.
    ///
    /// - Throws: `FileError.invalid` with the line and the column, both from 1, columns in bytes.
    public init(parsing text: [UInt8], path: String) throws(FileError) {
        // Some editors begin a text with a byte order mark.
        let hasMark = text.starts(with: [0xEF, 0xBB, 0xBF])
        let text = JSONText(bytes: hasMark ? Array(text.dropFirst(3)) : text, path: path)
        try text.checkEncoding()
        guard let tokener = json_tokener_new_ex(33) else { throw text.error("out of memory", at: 0) }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT)
        // json-c reads the byte after the text, a NUL, as the end of the text.
        let terminated = text.bytes + [0]
        guard let count = Int32(exactly: terminated.count) else {
            throw text.error("a text of more than 2 GiB", at: 0)
        }
        let root = terminated.withUnsafeBufferPointer {
            $0.withMemoryRebound(to: CChar.self) { json_tokener_parse_ex(tokener, $0.baseAddress, count) }
        }
        defer { json_object_put(root) }
        let end = json_tokener_get_parse_end(tokener)
        let outcome = json_tokener_get_error(tokener)
        guard outcome == json_tokener_success else {
            throw text.syntaxError(String(cString: json_tokener_error_desc(outcome)), at: end)
        }
        guard end == text.bytes.count else { throw text.syntaxError("unexpected character", at: end) }
        try text.checkWhatTheParserLetsPass()
        self.init(root)
    }

    /// Parses `text` like the initialiser above.
    public init(parsing text: String, path: String) throws(FileError) {
        try self.init(parsing: Array(text.utf8), path: path)
    }

    /// Reads and parses the file at `path`, which should be `what` ("search space").
    ///
    /// - Throws: `FileError.missing`, `.unreadable` or `.invalid`.
    public init(contentsOf path: String, what: String) throws(FileError) {
        try self.init(parsing: BinaryFile.read(path, what: what), path: path)
    }

    private init(_ object: OpaquePointer?) {
        switch json_object_get_type(object) {
        case json_type_boolean:
            self = .bool(json_object_get_boolean(object) != 0)
        case json_type_int:
            self = .integer(Int(json_object_get_int64(object)))
        case json_type_double:
            self = .number(json_object_get_double(object))
        case json_type_string:
            self = .string(String(jsonString: object))
        case json_type_array:
            self = .array((0..<json_object_array_length(object)).map { JSON(json_object_array_get_idx(object, $0)) })
        case json_type_object:
            var members: [Member] = []
            var position = json_object_iter_begin(object)
            var end = json_object_iter_end(object)
            while json_object_iter_equal(&position, &end) == 0 {
                let key = String(cString: json_object_iter_peek_name(&position))
                members.append(Member(key: key, value: JSON(json_object_iter_peek_value(&position))))
                json_object_iter_next(&position)
            }
            self = .object(members)
        default:
            self = .null
        }
    }
}

extension String {
    /// The text of a json-c string, which may hold NULs.
    fileprivate init(jsonString object: OpaquePointer?) {
        let count = Int(json_object_get_string_len(object))
        let bytes = UnsafeRawBufferPointer(start: json_object_get_string(object), count: count)
        self.init(decoding: bytes, as: UTF8.self)
    }
}
