import Files

/// A set of photos for people to look at, as one page that needs nothing beside it: some images of each class, how many
/// there are, and what is wrong with the set.
///
///     var sheet = ContactSheet(title: "photos", provenance: provenance)
///     sheet.classes = [.init(name: "cat", training: 901, validation: 99, thumbnails: images)]
///     try sheet.writeHTML(to: "photos.html")
public struct ContactSheet: Sendable {
    public struct Class: Sendable, Hashable {
        public let name: String
        /// How many images.
        public let training: Int
        public let validation: Int
        /// Without any, the class is in the table of classes alone.
        public let thumbnails: [Thumbnail]

        public init(name: String, training: Int, validation: Int, thumbnails: [Thumbnail]) {
            (self.name, self.training, self.validation) = (name, training, validation)
            self.thumbnails = thumbnails
        }
    }

    /// A file that cannot be decoded.
    public struct BrokenFile: Sendable, Hashable {
        public let path: String
        public let problem: String
        /// What it really is: "a ZIP archive".
        public let found: String

        public init(path: String, problem: String, found: String) {
            (self.path, self.problem, self.found) = (path, problem, found)
        }
    }

    /// Files with the same bytes, by their paths.
    public struct Copies: Sendable, Hashable {
        public let training: [String]
        public let validation: [String]

        public init(training: [String], validation: [String]) {
            (self.training, self.validation) = (training, validation)
        }

        var areLeak: Bool { !training.isEmpty && !validation.isEmpty }
    }

    /// How long the shorter sides are, in pixels.
    public struct Sides: Sendable, Hashable {
        public let least: Int
        public let median: Int
        public let most: Int

        public init(least: Int, median: Int, most: Int) {
            (self.least, self.median, self.most) = (least, median, most)
        }
    }

    public let title: String
    /// How the page came about.
    public let provenance: Provenance
    /// In the order of their labels.
    public var classes: [Class] = []
    /// nil where no image was decoded.
    public var shorterSides: Sides?
    public var broken: [BrokenFile] = []
    public var copies: [Copies] = []
    /// What was found beside the images, a line for each kind.
    public var leftOut: [String] = []

    public init(title: String, provenance: Provenance) {
        self.title = title
        self.provenance = provenance
    }

    /// Replaces the file at `path` by one page of HTML, which is XML too.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func writeHTML(to path: String) throws(FileError) {
        try AtomicFile.write(ContactSheetPage(self).text, to: path)
    }
}
