/// The fields of an object that is read strictly: every accessor marks its field as read, and a field that is missing
/// is an error.
public struct JSONFields {
    /// The object whose fields these are.
    public let node: JSONNode
    private let values: [String: JSON]
    private let names: [String]
    private var read: [String] = []

    init(node: JSONNode, members: [JSON.Member]) {
        self.node = node
        names = members.map(\.key)
        values = Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names of all fields; that reads none of them.
    public var keys: Set<String> { Set(names) }

    /// The error `problem` at the object itself.
    public func problem(_ problem: String) -> FileError { node.problem(problem) }

    /// The field `key`, or nil where the object has none.
    public mutating func optionalNode(_ key: String) -> JSONNode? {
        if !read.contains(key) { read.append(key) }
        return values[key].map { node.member(key, $0) }
    }

    /// The field `key`.
    public mutating func node(_ key: String) throws(FileError) -> JSONNode {
        guard let field = optionalNode(key) else { throw node.member(key, .null).problem("missing field \"\(key)\"") }
        return field
    }

    /// Checks that the field "schema" is `expected` ("onepath.space/1").
    public mutating func schema(_ expected: String) throws(FileError) {
        let field = try node("schema")
        if field.value != .string(expected) { throw field.mismatch(expected: "\"\(expected)\"") }
    }

    /// The integer in the field `key`, which must lie in `range`.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(FileError) -> Int {
        try node(key).integer(in: range)
    }

    /// The number in the field `key`, which must lie in `range`; an integer is accepted as a number.
    public mutating func number(_ key: String, in range: ClosedRange<Double>) throws(FileError) -> Double {
        try node(key).number(in: range)
    }

    /// The string in the field `key`.
    public mutating func string(_ key: String) throws(FileError) -> String { try node(key).string() }

    /// The Boolean in the field `key`.
    public mutating func bool(_ key: String) throws(FileError) -> Bool { try node(key).bool() }

    /// Reads the array in the field `key`, calling `body` with each element in order.
    public mutating func array<T>(_ key: String, _ body: (JSONNode) throws -> T) throws -> [T] {
        try node(key).array(body)
    }

    /// Reads the object in the field `key`, strictly.
    public mutating func object<T>(_ key: String, _ body: (inout JSONFields) throws -> T) throws -> T {
        try node(key).object(body)
    }

    func checkAllRead() throws(FileError) {
        guard let unknown = names.first(where: { !read.contains($0) }), let value = values[unknown] else { return }
        throw node.member(unknown, value).problem("unknown field; known here: \(read.joined(separator: ", "))")
    }
}
