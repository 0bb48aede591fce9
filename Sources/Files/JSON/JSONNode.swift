/// A value in a file together with where it stands, for strict reading: what is not as expected is an error that
/// names the file, the JSON pointer (RFC 6901), what was expected and what was found.
public struct JSONNode: Sendable {
    public let value: JSON
    /// The file, for errors.
    public let path: String
    /// The JSON pointer of the value, "" for the whole document.
    public let pointer: String

    /// The document at `path`, which should be `what` ("search space").
    ///
    /// - Throws: `FileError.missing`, `.unreadable` or `.invalid`.
    public init(contentsOf path: String, what: String) throws(FileError) {
        self.init(try JSON(contentsOf: path, what: what), path: path)
    }

    /// `value` as it stands in the file at `path`, at `pointer`.
    public init(_ value: JSON, path: String, pointer: String = "") {
        self.value = value
        self.path = path
        self.pointer = pointer
    }

    /// The error `problem` at this place.
    public func problem(_ problem: String) -> FileError {
        .invalid(path: path, place: pointer, problem: problem)
    }

    /// The error that `expected` ("an object") should have stood here.
    public func mismatch(expected: String) -> FileError {
        problem("expected \(expected), found \(value.summary)")
    }

    /// Reads an object strictly: `body` must ask for every field that the object holds.
    ///
    /// - Throws: what `body` throws, and `FileError.invalid` where this is no object or a field was not asked for.
    public func object<T>(_ body: (inout JSONFields) throws -> T) throws -> T {
        guard case .object(let members) = value else { throw mismatch(expected: "an object") }
        var fields = JSONFields(node: self, members: members)
        let result = try body(&fields)
        try fields.checkAllRead()
        return result
    }

    /// The members of an object whose names are free, in order.
    ///
    /// - Throws: `FileError.invalid` where this is no object.
    public func members() throws(FileError) -> [(key: String, node: JSONNode)] {
        guard case .object(let members) = value else { throw mismatch(expected: "an object") }
        return members.map { ($0.key, member($0.key, $0.value)) }
    }

    /// The value of a member of this object, with its place.
    func member(_ key: String, _ value: JSON) -> JSONNode {
        let escaped = key.replacing("~", with: "~0").replacing("/", with: "~1")
        return JSONNode(value, path: path, pointer: "\(pointer)/\(escaped)")
    }

    /// Reads an array, calling `body` with each element in order.
    ///
    /// - Throws: what `body` throws, and `FileError.invalid` where this is no array.
    public func array<T>(_ body: (JSONNode) throws -> T) throws -> [T] {
        guard case .array(let elements) = value else { throw mismatch(expected: "an array") }
        return try elements.enumerated().map { index, element in
            try body(JSONNode(element, path: path, pointer: "\(pointer)/\(index)"))
        }
    }

    /// The integer here, which must lie in `range`.
    public func integer(in range: ClosedRange<Int>) throws(FileError) -> Int {
        guard case .integer(let value) = value, range.contains(value) else {
            throw mismatch(expected: "an integer " + Self.phrase(range, limit: Int.max) { "\($0)" })
        }
        return value
    }

    /// The number here, which must lie in `range`; an integer is accepted as a number.
    public func number(in range: ClosedRange<Double>) throws(FileError) -> Double {
        let number: Double? =
            switch value {
            case .number(let value): value
            case .integer(let value): Double(value)
            case .null, .bool, .string, .array, .object: nil
            }
        guard let number, number.isFinite, range.contains(number) else {
            throw mismatch(
                expected: "a number "
                    + Self.phrase(range, limit: .greatestFiniteMagnitude) {
                        Int(exactly: $0).map(String.init) ?? "\($0)"
                    })
        }
        return number
    }

    /// The string here.
    public func string() throws(FileError) -> String {
        guard case .string(let value) = value else { throw mismatch(expected: "a string") }
        return value
    }

    /// The Boolean here.
    public func bool() throws(FileError) -> Bool {
        guard case .bool(let value) = value else { throw mismatch(expected: "true or false") }
        return value
    }

    /// Whether `null` stands here.
    public var isNull: Bool { value == .null }

    private static func phrase<Bound>(
        _ range: ClosedRange<Bound>, limit: Bound, _ text: (Bound) -> String
    ) -> String {
        range.upperBound >= limit
            ? "of at least \(text(range.lowerBound))" : "from \(text(range.lowerBound)) to \(text(range.upperBound))"
    }
}

extension JSON {
    /// What this is, in a few words, for an error.
    fileprivate var summary: String {
        switch self {
        case .array: return "an array"
        case .object: return "an object"
        case .string(let text) where text.count > 40: return JSON.string(text.prefix(40) + "…").text(pretty: false)
        case .number(let value) where !value.isFinite: return "\(value)"
        case .null, .bool, .integer, .number, .string: return text(pretty: false)
        }
    }
}
