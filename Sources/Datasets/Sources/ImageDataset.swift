import Files

/// Images of a source, all or some of them, as frames of one shape.
public struct ImageDataset: Sendable {
    private let source: any ImageSource
    /// The shape that the images are read with.
    public let shape: ImageShape
    /// The images of the source that belong to this set; nil for all.
    private let chosen: [Int32]?

    /// - Parameters:
    ///   - source: holds the images.
    ///   - shape: of the frames to read: the stored shape where the source has one.
    public init(_ source: any ImageSource, shape: ImageShape) {
        precondition(
            source.storedShape == nil || source.storedShape == shape,
            "ImageDataset \(source.name): images of \(source.storedShape ?? shape) are not read as \(shape)")
        self.init(source, shape: shape, chosen: nil)
    }

    /// Images of one shape in memory.
    ///
    /// - Parameters:
    ///   - name: what the images are, for messages.
    ///   - shape: of every image.
    ///   - classes: the number of classes.
    ///   - pixels: [labels.count, height, width, channels].
    ///   - labels: at least one; each in 0..<classes.
    public init(name: String, shape: ImageShape, classes: Int, pixels: [UInt8], labels: [UInt8]) {
        self.init(StoredImages(name: name, shape: shape, classes: classes, pixels: pixels, labels: labels), shape: shape)
    }

    private init(_ source: any ImageSource, shape: ImageShape, chosen: [Int32]?) {
        self.source = source
        self.shape = shape
        self.chosen = chosen
    }

    /// What the images are, for messages: "fashion-mnist training".
    public var name: String { source.name }
    /// The number of classes.
    public var classes: Int { source.classes }
    /// Whether images are resized to any frame that is asked.
    public var isResizable: Bool { source.storedShape == nil }
    /// How many images there are.
    public var count: Int { chosen?.count ?? source.count }

    /// The label of an image, in 0..<classes.
    ///
    /// - Parameter image: in 0..<count.
    public func label(of image: Int) -> Int { source.label(of: place(of: image)) }

    /// The SHA-256 of what determines the images, their order and their labels; not their shape.
    public var digest: String {
        guard let chosen else { return source.digest }
        return FileDigest.sha256(ofText: source.digest + chosen.map { " \($0)" }.joined())
    }

    private func place(of image: Int) -> Int { chosen.map { Int($0[image]) } ?? image }

    /// The files of the images, where each has one.
    public var files: ImageFileList? {
        guard let files = (source as? FolderImages)?.files else { return nil }
        return chosen.map { files.selection($0.lazy.map(Int.init)) } ?? files
    }

    /// The same images as frames of another shape; the source must be resizable, or have that shape.
    public func framed(_ shape: ImageShape) -> ImageDataset {
        precondition(isResizable || shape == self.shape, "ImageDataset \(name): images of \(self.shape) are not resized")
        return ImageDataset(source, shape: shape, chosen: chosen)
    }

    /// The first images, in stored order; evenly spaced ones where the order is by class.
    ///
    /// - Parameter length: how many, in 1...count.
    /// - Throws: `DatasetError.prefixOutOfRange` for any other length.
    public func prefix(_ length: Int) throws(DatasetError) -> ImageDataset {
        guard (1...count).contains(length) else {
            throw .prefixOutOfRange(length: length, dataset: name, count: count)
        }
        if source.isOrderedByClass { return spread(length) }
        return length == count ? self : choosing((0..<length).map(place))
    }

    /// Evenly spaced images, because the stored order may be by class.
    ///
    /// - Parameter length: the number of images, at least one; all images where there are fewer.
    public func spread(_ length: Int) -> ImageDataset {
        precondition(length > 0, "ImageDataset \(name): expected at least one image, got \(length)")
        guard length < count else { return self }
        return choosing(evenlySpaced(length).map(place))
    }

    private func evenlySpaced(_ length: Int) -> [Int] { (0..<length).map { $0 * count / length } }

    /// Two sets without a common image: evenly spaced ones, and all others.
    ///
    /// - Parameter length: the number of the former, in 1..<count.
    public func split(holdingOut length: Int) -> (kept: ImageDataset, heldOut: ImageDataset) {
        precondition((1..<count).contains(length), "ImageDataset \(name): \(length) of \(count) images cannot be held out")
        let heldOut = evenlySpaced(length)
        var isKept = [Bool](repeating: true, count: count)
        for index in heldOut { isKept[index] = false }
        return (choosing((0..<count).filter { isKept[$0] }.map(place)), choosing(heldOut.map(place)))
    }

    private func choosing(_ places: [Int]) -> ImageDataset {
        ImageDataset(source, shape: shape, chosen: places.map(Int32.init))
    }

    /// A reader for one thread.
    public func makeReader() -> DatasetReader { DatasetReader(source.makeReader(shape: shape), of: self, place: place) }

    /// The number of images that statistics are computed from, where there are more.
    public static let statisticsSample = 2000

    /// Mean and std of every channel over the images as an evaluation sees them. Of resizable images at most
    /// `statisticsSample` are read, evenly spaced, because that takes time; else the figures are exact to the last bit of a
    /// double before they are rounded.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    public var channelStatistics: ChannelStatistics {
        get throws(FileError) {
            let sample = isResizable ? spread(Self.statisticsSample) : self
            let reader = sample.makeReader()
            let channels = shape.channels
            var occurrences = [Int](repeating: 0, count: channels * 256)
            for image in 0..<sample.count {
                let frame = try reader.middle(of: image)
                for channel in 0..<channels {
                    for index in stride(from: channel, to: shape.count, by: channels) {
                        occurrences[channel * 256 + Int(frame[index])] += 1
                    }
                }
            }
            return ChannelStatistics(occurrences: occurrences, channels: channels)
        }
    }
}
