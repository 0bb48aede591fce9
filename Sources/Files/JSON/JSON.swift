/// A JSON value (RFC 8259); objects keep the order of their members.
///
/// The text decides whether a number is an integer: `3` is an integer, `3.0` and `3e0` are numbers.
///
///     let input: JSON = ["height": 28, "width": 28, "channels": 1]
///     input["channels"]   // .integer(1)
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A finite number.
    case number(Double)
    case string(String)
    case array([JSON])
    /// The members in order, each name once.
    case object([Member])

    /// One name and value of an object.
    public struct Member: Hashable, Sendable {
        public var key: String
        public var value: JSON

        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The value of the member `key`; nil where there is none or where this is no object.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// An object whose members have the order of the literal.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
}
