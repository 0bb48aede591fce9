/// An input of a run, as its configuration refers to it.
public struct RunInput: Hashable, Sendable {
    /// The name in the file.
    public let name: String
    /// The name or the path that was given.
    public let source: String

    public init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}

/// The images that a run trains on, as its configuration refers to them.
public struct RunImages: Hashable, Sendable {
    /// The name of the data set, or the path of its directory.
    public let data: String
    /// The number of training images: the first of the data set.
    public let count: Int

    public init(data: String, count: Int) {
        self.data = data
        self.count = count
    }
}
