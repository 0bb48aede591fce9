/// A number of a data sheet, and where it was found.
public struct Figure<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    /// Where the number was found, or from what it was inferred, for people.
    public let source: String

    public init(value: Value, source: String) {
        self.value = value
        self.source = source
    }

    /// What the source of a number begins with that nobody published or measured.
    public static var inferred: String { "inferred: " }

    var isInferred: Bool { source.hasPrefix(Self.inferred) }
}
