/// Something that a run works on, as its configuration refers to it.
public struct RunInput: Hashable, Sendable {
    /// What the file says that it is called.
    public let name: String
    /// The name or the path by which it was given.
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
    /// How many of its images are trained on: the first.
    public let count: Int

    public init(data: String, count: Int) {
        self.data = data
        self.count = count
    }
}
