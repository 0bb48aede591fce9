import Files

/// The images of a folder, each decoded from its file when it is read.
public struct FolderImages: ImageSource {
    /// Of the images.
    public let files: ImageFileList

    public init(_ files: ImageFileList) { self.files = files }

    public var name: String { files.name }
    public var count: Int { files.count }
    public var classes: Int { files.classNames.count }
    public var storedShape: ImageShape? { nil }
    public var isOrderedByClass: Bool { true }
    public var digest: String { files.digest }

    public func label(of image: Int) -> Int { files.label(at: image) }

    public func makeReader(shape: ImageShape) -> any ImageReader { Reader(files, shape: shape) }

    private final class Reader: ImageReader {
        private let files: ImageFileList
        private let shape: ImageShape
        private let decoder: ImageDecoder
        /// The image whose file the decoder has open, and its size.
        private var opened: (image: Int, size: ImageSize)?
        private let pixels: UnsafeMutablePointer<UInt8>

        init(_ files: ImageFileList, shape: ImageShape) {
            self.files = files
            self.shape = shape
            decoder = ImageDecoder(channels: shape.channels)
            pixels = .allocate(capacity: shape.count)
        }

        deinit { pixels.deallocate() }

        func size(of image: Int) throws(FileError) -> ImageSize {
            if let opened, opened.image == image { return opened.size }
            opened = nil
            let header = try decoder.open(files.path(at: image))
            let size = ImageSize(height: header.height, width: header.width)
            opened = (image, size)
            return size
        }

        func frame(of image: Int, crop: CropRectangle) throws(FileError) -> UnsafeMutablePointer<UInt8> {
            _ = try size(of: image)
            try decoder.decode(crop: crop, height: shape.height, width: shape.width, into: pixels)
            return pixels
        }
    }
}
