/// A number of a data sheet, and where it was found.
public struct Figure<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    /// Where the number was found, or from what it was inferred, for people.
    public let source: String
}
