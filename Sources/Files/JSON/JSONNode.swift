/// A value in a file together with its place, for strict reading: an unexpected value is an error that names the
/// file, the JSON pointer (RFC 6901), what was expected and what was found.
///
/// While an object or an array is read, a wrong value does not end the reading. It gives a placeholder (0 or the
/// nearest allowed number, an empty text, false, an array of one placeholder). At the end of the outermost object or
/// array, all errors are thrown as one, one sentence a line, at most twenty of them.
public struct JSONNode: Sendable {
    public let value: JSON
    /// The file, for errors.
    public let path: String
    /// The JSON pointer of the value, "" for the whole document.
    public let pointer: String
    /// Whether this replaces a missing or wrong value, which has been reported.
    private let isPlaceholder: Bool
    private let errors: JSONErrors

    /// The document at `path`, which should be `what` ("search space").
    ///
    /// - Throws: `FileError.missing`, `.unreadable` or `.invalid`.
    public init(contentsOf path: String, what: String) throws(FileError) {
        self.init(try JSON(contentsOf: path, what: what), path: path)
    }

    /// `value`, found in the file at `path`, at `pointer`.
    public init(_ value: JSON, path: String, pointer: String = "") {
        self.init(value, path: path, pointer: pointer, isPlaceholder: false, errors: JSONErrors())
    }

    private init(_ value: JSON, path: String, pointer: String, isPlaceholder: Bool, errors: JSONErrors) {
        self.value = value
        self.path = path
        self.pointer = pointer
        self.isPlaceholder = isPlaceholder
        self.errors = errors
    }

    /// The error `problem` at this place.
    public func problem(_ problem: String) -> FileError {
        .invalid(path: path, place: pointer, problem: problem)
    }

    /// The error that `expected` ("an object") should have been here.
    public func mismatch(expected: String) -> FileError {
        problem("expected \(expected), found \(value.summary)")
    }

    /// Reports that something else was expected here; reading continues.
    ///
    /// - Parameters:
    ///   - expected: "an object".
    ///   - isDerived: whether this follows from other values; it is not reported where one of them may be wrong.
    /// - Throws: the error itself where no object and no array is being read.
    public func refuse(expected: @autoclosure () -> String, isDerived: Bool = false) throws(FileError) {
        if !isPlaceholder { try errors.note(mismatch(expected: expected()), isDerived: isDerived) }
    }

    /// Reports `problem` at this place; reading continues.
    ///
    /// - Parameter isDerived: whether it follows from other values; it is not reported where one of them may be wrong.
    /// - Throws: the error itself where no object and no array is being read.
    public func refuse(problem: @autoclosure () -> String, isDerived: Bool = true) throws(FileError) {
        if !isPlaceholder { try errors.note(self.problem(problem()), isDerived: isDerived) }
    }

    /// Reads an object strictly: `body` must ask for every field that the object holds.
    ///
    /// - Throws: what `body` throws, and `FileError.invalid` where this is no object or `body` did not read a field.
    public func object<T>(_ body: (inout JSONFields) throws -> T) throws -> T {
        try errors.gather(path: path) {
            let members = try ownMembers()
            var fields = JSONFields(node: members == nil ? placeholder : self, members: members ?? [])
            let result = try body(&fields)
            try fields.checkAllRead()
            return result
        }
    }

    /// The members of an object that may have any names, in order.
    ///
    /// - Throws: `FileError.invalid` where this is no object.
    public func members() throws(FileError) -> [(key: String, node: JSONNode)] {
        (try ownMembers() ?? []).map { ($0.key, member($0.key, $0.value)) }
    }

    /// The members of this object; nil where it is no object, which is reported.
    private func ownMembers() throws(FileError) -> [JSON.Member]? {
        if case .object(let members) = value { return members }
        try refuse(expected: "an object")
        return nil
    }

    /// The value of a member of this object, with its place.
    func member(_ key: String, _ value: JSON) -> JSONNode {
        let isPlain = !key.utf8.contains { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }
        let escaped = isPlain ? key : key.replacing("~", with: "~0").replacing("/", with: "~1")
        return child(value, "\(pointer)/\(escaped)")
    }

    /// A placeholder for the member `key`, which this object lacks; that is reported.
    func missing(_ key: String) throws(FileError) -> JSONNode {
        let field = member(key, .null)
        if !isPlaceholder { try errors.note(field.problem("missing field \"\(key)\""), isDerived: false) }
        return field.placeholder
    }

    /// Reports that the member `key` is unknown in this object.
    func refuse(unknown key: String, _ value: JSON, known: [String]) throws(FileError) {
        try errors.note(
            member(key, value).problem("unknown field; known here: \(known.joined(separator: ", "))"), isDerived: false)
    }

    private func child(_ value: JSON, _ pointer: String) -> JSONNode {
        JSONNode(value, path: path, pointer: pointer, isPlaceholder: isPlaceholder, errors: errors)
    }

    /// A placeholder for this value, which is missing or wrong.
    private var placeholder: JSONNode {
        JSONNode(.null, path: path, pointer: pointer, isPlaceholder: true, errors: errors)
    }

    /// Reads an array, calling `body` with each element in order.
    ///
    /// - Throws: what `body` throws, and `FileError.invalid` where this is no array.
    public func array<T>(_ body: (JSONNode) throws -> T) throws -> [T] {
        try errors.gather(path: path) {
            guard case .array(let elements) = value else {
                try refuse(expected: "an array")
                return try results(of: [placeholder], body)
            }
            return try results(
                of: elements.enumerated().map { index, element in child(element, "\(pointer)/\(index)") }, body)
        }
    }

    /// What `body` makes of each of these; of one for which it throws, nothing.
    private func results<T>(of elements: [JSONNode], _ body: (JSONNode) throws -> T) throws -> [T] {
        var results: [T] = []
        results.reserveCapacity(elements.count)
        for element in elements {
            do {
                results.append(try body(element))
            } catch {
                try errors.note(thrown: error, path: path)
            }
        }
        return results
    }

    /// The integer here, which must lie in `range`.
    ///
    /// - Parameter isDerived: whether the range follows from other values; an error is not reported where one of them
    ///   may be wrong.
    public func integer(in range: ClosedRange<Int>, isDerived: Bool = false) throws(FileError) -> Int {
        var isInteger = false
        if case .integer(let value) = value {
            if range.contains(value) { return value }
            isInteger = true
        }
        try refuse(
            expected: "an integer " + Self.phrase(range, limit: Int.max) { "\($0)" },
            isDerived: isDerived && isInteger)
        return Self.placeholder(in: range)
    }

    /// The number here, which must lie in `range`; an integer is accepted as a number.
    ///
    /// - Parameters:
    ///   - range: of what may stand here.
    ///   - isDerived: as for an integer.
    public func number(in range: ClosedRange<Double>, isDerived: Bool = false) throws(FileError) -> Double {
        let number: Double? =
            switch value {
            case .number(let value): value
            case .integer(let value): Double(value)
            case .null, .bool, .string, .array, .object: nil
            }
        if let number, number.isFinite, range.contains(number) { return number }
        let limit = Double.greatestFiniteMagnitude
        let phrase = range == -limit...limit
            ? "" : " " + Self.phrase(range, limit: limit) { Int(exactly: $0).map(String.init) ?? "\($0)" }
        try refuse(expected: "a number" + phrase, isDerived: isDerived && number != nil)
        return Self.placeholder(in: range)
    }

    /// The string here.
    public func string() throws(FileError) -> String {
        if case .string(let value) = value { return value }
        try refuse(expected: "a string")
        return ""
    }

    /// The case whose raw value is the string here.
    public func option<Option: RawRepresentable<String> & CaseIterable>(
        of type: Option.Type
    ) throws(FileError) -> Option {
        if case .string(let text) = value {
            if let option = Option(rawValue: text) { return option }
            try refuse(expected: Option.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        } else {
            try refuse(expected: "a string")
        }
        return Option.allCases[Option.allCases.startIndex]
    }

    /// The Boolean here.
    public func bool() throws(FileError) -> Bool {
        if case .bool(let value) = value { return value }
        try refuse(expected: "true or false")
        return false
    }

    /// Whether the value is `null`.
    public var isNull: Bool { value == .null }

    /// The number of the range that is nearest to 0.
    private static func placeholder<Bound: Comparable & AdditiveArithmetic>(in range: ClosedRange<Bound>) -> Bound {
        min(max(.zero, range.lowerBound), range.upperBound)
    }

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
