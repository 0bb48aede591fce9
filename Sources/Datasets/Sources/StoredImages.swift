import Files

/// Images of one shape in memory, in their stored form: 8 bits a value, channels-last.
public struct StoredImages: ImageSource {
    public let name: String
    public let shape: ImageShape
    public let classes: Int
    /// [count, height, width, channels], each value 0...255.
    public let pixels: [UInt8]
    /// [count], each label in 0..<classes.
    public let labels: [UInt8]

    public var count: Int { labels.count }
    public var storedShape: ImageShape? { shape }
    public var isOrderedByClass: Bool { false }
    public var digest: String { FileDigest.sha256(of: [pixels[...], labels[...]]) }

    /// Sizes and labels that do not fit each other are a programmer's mistake.
    ///
    /// - Parameters:
    ///   - name: what the images are, for messages.
    ///   - shape: of every image.
    ///   - classes: the number of classes.
    ///   - pixels: [labels.count, height, width, channels].
    ///   - labels: at least one; each in 0..<classes.
    public init(name: String, shape: ImageShape, classes: Int, pixels: [UInt8], labels: [UInt8]) {
        precondition(
            shape.height > 0 && shape.width > 0 && shape.channels > 0,
            "StoredImages \(name): the shape \(shape) of an image is not positive")
        precondition(!labels.isEmpty, "StoredImages \(name): there are no images")
        precondition(
            pixels.count == labels.count * shape.count,
            "StoredImages \(name): \(pixels.count) values are not \(labels.count) images of \(shape)")
        precondition(labels.allSatisfy { $0 < classes }, "StoredImages \(name): a label is not below \(classes)")
        self.name = name
        self.shape = shape
        self.classes = classes
        self.pixels = pixels
        self.labels = labels
    }

    public func label(of image: Int) -> Int { Int(labels[image]) }

    public func makeReader(shape: ImageShape) -> any ImageReader {
        precondition(shape == self.shape, "StoredImages \(name): images of \(self.shape) are not read as \(shape)")
        return Reader(images: self)
    }

    private final class Reader: ImageReader {
        private let images: StoredImages
        /// One image, which is valid until the next call.
        private let pixels: UnsafeMutablePointer<UInt8>

        init(images: StoredImages) {
            self.images = images
            pixels = .allocate(capacity: images.shape.count)
        }

        deinit { pixels.deallocate() }

        func size(of image: Int) -> ImageSize { ImageSize(height: images.shape.height, width: images.shape.width) }

        func frame(of image: Int, crop: CropRectangle) -> UnsafeMutablePointer<UInt8> {
            precondition(crop == CropRectangle(whole: size(of: image)), "StoredImages: images are read as a whole")
            let count = images.shape.count
            images.pixels.withUnsafeBufferPointer {
                pixels.update(from: $0.baseAddress! + image * count, count: count)
            }
            return pixels
        }
    }
}
