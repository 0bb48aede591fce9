import CTurboJPEG
import Files

/// A small JPEG picture of an image, for pages that people look at.
public enum JPEGThumbnail {
    private static let quality: Int32 = 80

    /// The bytes of a JPEG file.
    ///
    /// - Parameters:
    ///   - path: of a JPEG or PNG file.
    ///   - side: of the picture, which shows the middle of the image, in pixels.
    /// - Throws: `FileError` where the image cannot be read.
    public static func bytes(of path: String, side: Int) throws(FileError) -> [UInt8] {
        let decoder = ImageDecoder()
        let header = try decoder.open(path)
        let shorter = Double(min(header.height, header.width))
        let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * side * side)
        defer { pixels.deallocate() }
        try decoder.decode(
            crop: CropRectangle(
                top: (Double(header.height) - shorter) / 2, left: (Double(header.width) - shorter) / 2, height: shorter,
                width: shorter),
            height: side, width: side, into: pixels)
        return bytes(of: pixels, shape: ImageShape(height: side, width: side, channels: 3))
    }

    /// The bytes of a JPEG file of pixels.
    ///
    /// - Parameters:
    ///   - pixels: [height, width, channels] of the shape.
    ///   - shape: of 1 or 3 channels.
    public static func bytes(of pixels: UnsafePointer<UInt8>, shape: ImageShape) -> [UInt8] {
        guard let handle = tjInitCompress() else {
            fatalError("libjpeg-turbo cannot start: \(String(cString: tjGetErrorStr2(nil)))")
        }
        defer { tjDestroy(handle) }
        var file: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        defer { tjFree(file) }
        let isGrey = shape.channels == 1
        let status = tjCompress2(
            handle, pixels, Int32(shape.width), 0, Int32(shape.height),
            Int32((isGrey ? TJPF_GRAY : TJPF_RGB).rawValue), &file, &size,
            Int32((isGrey ? TJSAMP_GRAY : TJSAMP_420).rawValue), quality, 0)
        precondition(status == 0, "JPEGThumbnail: \(String(cString: tjGetErrorStr2(handle)))")
        return Array(UnsafeBufferPointer(start: file, count: Int(size)))
    }
}
