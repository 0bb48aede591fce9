/// An input of a run, as its configuration refers to it.
public struct RunInput: Hashable, Sendable {
    /// The name in the file.
    public let name: String
    /// The name or the path that was given.
    public let source: String
    /// Of a device beside the one that a search is for, its number of threads, where that is neither the search's nor that
    /// of its profile.
    public var threads: Int?

    public init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}
