/// The fields of an object that is read strictly: every accessor marks its field as read, and a missing field is an
/// error.
public struct JSONFields {
    /// The object whose fields these are.
    public let node: JSONNode
    private let values: [String: JSON]
    /// The fields that the object has, in order.
    public let names: [String]
    /// The fields that were read, in the order of reading.
    private var read: [String] = []
    private var isRead: Set<String> = []

    init(node: JSONNode, members: [JSON.Member]) {
        self.node = node
        names = members.map(\.key)
        values = Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names of all fields; this does not mark any of them as read.
    public var keys: Set<String> { Set(names) }

    /// The error `problem` at the object itself.
    public func problem(_ problem: String) -> FileError { node.problem(problem) }

    /// The field `key`, or nil where the object has none.
    public mutating func optionalNode(_ key: String) -> JSONNode? {
        if isRead.insert(key).inserted { read.append(key) }
        return values[key].map { node.member(key, $0) }
    }

    /// The field `key`; a placeholder where it is missing, which is reported.
    public mutating func node(_ key: String) throws(FileError) -> JSONNode {
        if let field = optionalNode(key) { return field }
        return try node.missing(key)
    }

    /// Checks that the field "schema" is `expected` ("onepath.space/1").
    public mutating func schema(_ expected: String) throws(FileError) {
        // Further errors in a file of another kind would only mislead.
        if let field = optionalNode("schema"), field.value != .string(expected) {
            throw field.mismatch(expected: "\"\(expected)\"")
        }
        _ = try node("schema")
    }

    /// The integer in the field `key`, which must lie in `range`.
    ///
    /// - Parameters:
    ///   - key: the field's name.
    ///   - range: of what may stand there.
    ///   - isDerived: as for a node.
    public mutating func integer(
        _ key: String, in range: ClosedRange<Int>, isDerived: Bool = false
    ) throws(FileError) -> Int {
        try node(key).integer(in: range, isDerived: isDerived)
    }

    /// The number in the field `key`, which must lie in `range`; an integer is accepted as a number.
    ///
    /// - Parameters:
    ///   - key: the field's name.
    ///   - range: of what may stand there.
    ///   - isDerived: as for a node.
    public mutating func number(
        _ key: String, in range: ClosedRange<Double>, isDerived: Bool = false
    ) throws(FileError) -> Double {
        try node(key).number(in: range, isDerived: isDerived)
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
        for name in names where !isRead.contains(name) {
            try node.refuse(unknown: name, values[name] ?? .null, known: read)
        }
    }
}
