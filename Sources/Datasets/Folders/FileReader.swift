import Files

/// Decodes images from their files.
final class FileReader: ImageReader {
    private let path: (Int) -> String
    private let shape: ImageShape
    private let decoder: ImageDecoder
    /// The image whose file the decoder has open, and its size.
    private var opened: (image: Int, size: ImageSize)?
    private let pixels: UnsafeMutablePointer<UInt8>

    /// - Parameter path: of the file of an image.
    init(shape: ImageShape, path: @escaping (Int) -> String) {
        self.path = path
        self.shape = shape
        decoder = ImageDecoder(channels: shape.channels)
        pixels = .allocate(capacity: shape.count)
    }

    deinit { pixels.deallocate() }

    func size(of image: Int) throws(FileError) -> ImageSize {
        if let opened, opened.image == image { return opened.size }
        opened = nil
        let header = try decoder.open(path(image))
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
