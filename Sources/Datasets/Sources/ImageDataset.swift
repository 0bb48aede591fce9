/// Labelled images held in memory as they were stored: 8 bits a value, channels-last.
public struct ImageDataset: Sendable {
    /// What the images are, for messages: "fashion-mnist training".
    public let name: String
    public let shape: ImageShape
    /// Rows of one image.
    public var height: Int { shape.height }
    /// Columns of one image.
    public var width: Int { shape.width }
    /// Values of one pixel.
    public var channels: Int { shape.channels }
    /// How many classes the labels tell apart.
    public let classes: Int
    /// [count, height, width, channels], each value 0...255.
    public let pixels: [UInt8]
    /// [count], each label in 0..<classes.
    public let labels: [UInt8]

    /// How many images there are.
    public var count: Int { labels.count }

    /// How many values one image holds.
    public var valuesPerImage: Int { shape.count }

    /// Takes over images whose sizes and labels fit each other; anything else is a programmer's mistake.
    ///
    /// - Parameters:
    ///   - name: what the images are, for messages.
    ///   - shape: rows, columns and channels of one image.
    ///   - classes: how many classes the labels tell apart.
    ///   - pixels: [labels.count, height, width, channels].
    ///   - labels: at least one; each in 0..<classes.
    public init(name: String, shape: ImageShape, classes: Int, pixels: [UInt8], labels: [UInt8]) {
        precondition(
            shape.height > 0 && shape.width > 0 && shape.channels > 0,
            "ImageDataset \(name): the shape \(shape) of an image is not positive")
        precondition(!labels.isEmpty, "ImageDataset \(name): there are no images")
        precondition(
            pixels.count == labels.count * shape.count,
            "ImageDataset \(name): \(pixels.count) values are not \(labels.count) images of \(shape)")
        precondition(
            labels.allSatisfy { $0 < classes }, "ImageDataset \(name): a label is not below \(classes)")
        self.name = name
        self.shape = shape
        self.classes = classes
        self.pixels = pixels
        self.labels = labels
    }

    /// The first images, in stored order.
    ///
    /// - Parameter length: how many, in 1...count.
    /// - Throws: `DatasetError.prefixOutOfRange` for any other length.
    public func prefix(_ length: Int) throws(DatasetError) -> ImageDataset {
        guard (1...count).contains(length) else {
            throw .prefixOutOfRange(length: length, dataset: name, count: count)
        }
        return ImageDataset(
            name: name, shape: shape, classes: classes,
            pixels: Array(pixels[..<(length * valuesPerImage)]), labels: Array(labels[..<length]))
    }

    /// Images at even distances in stored order, which may be by class.
    ///
    /// - Parameter length: how many, at least one; all where there are no more.
    public func spread(_ length: Int) -> ImageDataset {
        precondition(length > 0, "ImageDataset \(name): \(length) images are none")
        guard length < count else { return self }
        let indices = (0..<length).map { $0 * count / length }
        return ImageDataset(
            name: name, shape: shape, classes: classes,
            pixels: indices.flatMap { pixels[$0 * valuesPerImage..<($0 + 1) * valuesPerImage] },
            labels: indices.map { labels[$0] })
    }

    /// Mean and standard deviation of every channel over all these images, exact to the last bit of a double
    /// before they are rounded. Looks at every pixel.
    public var channelStatistics: ChannelStatistics {
        var occurrences = [Int](repeating: 0, count: channels * 256)
        pixels.withUnsafeBufferPointer { pixels in
            for channel in 0..<channels {
                for index in stride(from: channel, to: pixels.count, by: channels) {
                    occurrences[channel * 256 + Int(pixels[index])] += 1
                }
            }
        }
        let values = Double(pixels.count / channels)
        var statistics = ChannelStatistics(mean: [], standardDeviation: [])
        for channel in 0..<channels {
            let histogram = occurrences[(channel * 256)..<((channel + 1) * 256)]
            let sum = zip(0..., histogram).reduce(0) { $0 + $1.0 * $1.1 }
            let mean = Double(sum) / values
            let squares = zip(0..., histogram).reduce(0.0) {
                $0 + Double($1.1) * (Double($1.0) - mean) * (Double($1.0) - mean)
            }
            statistics.mean.append(Float(mean / 255))
            // A channel that never varies is left as it is: its values, less the mean, are all zero.
            statistics.standardDeviation.append(squares > 0 ? Float((squares / values).squareRoot() / 255) : 1)
        }
        return statistics
    }
}
