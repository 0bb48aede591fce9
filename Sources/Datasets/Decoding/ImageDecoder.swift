import Files

/// Decodes JPEG and PNG files to 8-bit pixels, upright, in RGB or grey, and parts of them resized.
///
/// What a file is follows from its contents, not from its name:
/// - JPEG: baseline, extended and progressive; grey, YCbCr, RGB, CMYK and YCCK; decoded by libjpeg-turbo with its accurate
///   inverse DCT, as Pillow does. CMYK becomes RGB as in Pillow, (255 − C)·(255 − K)/255; it is read inverted, with
///   Adobe's marker and without.
/// - PNG: of every colour type and bit depth, interlaced or not; of 16 bits the upper 8 are taken, and what is transparent
///   is laid on white.
/// - Both are turned as their EXIF data tell.
///
/// Grey pixels are a JPEG file's luma, else Pillow's `convert("L")`: (19595·R + 38470·G + 7471·B + 2¹⁵) / 2¹⁶, rounded
/// down.
///
/// ```swift
/// let decoder = ImageDecoder()
/// let header = try decoder.open("cat.jpg")
/// let crop = CropRectangle(wholeOf: header.height, by: header.width)
/// try decoder.decode(crop: crop, height: 224, width: 224, mirrored: false, into: pixels)
/// ```
///
/// One for every thread; it keeps its memory, and allocates none of its own once that has grown to what the largest image
/// needs. (libjpeg-turbo and libspng allocate and free some for every image.) Bytes of any kind give an image or an error,
/// in memory that is bounded by the size of the file: a byte of a JPEG file stands for at most 2,048 pixels, one of a PNG
/// file for 8,256, and a pixel takes at most 7 bytes of the decoder's own.
public final class ImageDecoder {
    /// Values of a pixel: 1 (grey) or 3 (RGB).
    public let channels: Int

    private let file = FileBytes()
    private let jpeg = JPEGDecompressor()
    private let resampler: ImageResampler
    /// The image as it is stored.
    private let stored = ByteBuffer()
    /// The image as it is displayed, where it had to be turned.
    private let turned = ByteBuffer()
    private var source: Source?

    /// An open file.
    private struct Source {
        var bytes: UnsafeRawBufferPointer
        var path: String
        var contents: Contents
        var header: ImageHeader
    }

    private enum Contents {
        case jpeg(JPEGHeader)
        case png(PNGHeader)
    }

    private static let what = "image"

    /// - Parameters:
    ///   - channels: of the pixels that are asked for, 1 (grey) or 3 (RGB).
    ///   - kernelSet: as of `ExecutionContext`. The pixels do not depend on it.
    public init(channels: Int = 3, kernelSet: String? = nil) {
        precondition(channels == 1 || channels == 3, "expected 1 or 3 channels, not \(channels)")
        self.channels = channels
        resampler = ImageResampler(kernelSet: kernelSet)
    }

    /// The memory that is held from image to image, in bytes.
    public var heldBytes: Int {
        file.capacity + stored.capacity + turned.capacity + resampler.heldBytes
    }

    /// Reads a file and its header. No pixels are decoded.
    ///
    /// - Returns: the size and format of the image that the next `decode` decodes.
    /// - Throws: `FileError`: `missing`; `unreadable`; `invalid` where it is no JPEG or PNG file, with what it is instead,
    ///   where its header is damaged, or claims more than `ImageHeader.greatestPixelCount` pixels, or more than so many
    ///   bytes can hold.
    @discardableResult
    public func open(_ path: String) throws(FileError) -> ImageHeader {
        source = nil
        let bytes = try file.read(path, what: Self.what) { (beginning) throws(FileError) in
            _ = try Self.format(of: beginning, path: path)
        }
        return try open(bytes, path: path)
    }

    /// Reads the header of a file that is in memory. No pixels are decoded.
    ///
    /// - Parameters:
    ///   - bytes: the whole file. They stay as they are until the last `decode` of this image.
    ///   - path: the file's name, for errors.
    /// - Throws: as `open(_:)`.
    @discardableResult
    public func open(_ bytes: UnsafeRawBufferPointer, path: String) throws(FileError) -> ImageHeader {
        source = nil
        let contents: Contents, header: ImageHeader, isPossible: Bool
        switch try Self.format(of: bytes, path: path) {
        case .jpeg:
            let told = try JPEGHeader(bytes, path: path)
            header = try Self.header(.jpeg, told.orientation, height: told.height, width: told.width, path: path)
            contents = .jpeg(told)
            isPossible = told.holds(pixelsIn: bytes.count)
        case .png:
            let told = try PNGHeader(bytes, path: path)
            header = try Self.header(.png, told.orientation, height: told.height, width: told.width, path: path)
            contents = .png(told)
            isPossible = told.holds(pixelsIn: bytes.count)
        }
        guard isPossible else {
            throw .invalid(
                path: path, place: "",
                problem: "the \(header.format.rawValue) header claims \(header.storedWidth)×\(header.storedHeight) pixels, "
                    + "which \(bytes.count) bytes cannot hold")
        }
        source = Source(bytes: bytes, path: path, contents: contents, header: header)
        return header
    }

    /// Decodes the open image.
    ///
    /// - Parameter output: [height, width, channels] of its header.
    /// - Throws: `FileError.invalid` where the file is damaged or cut short.
    public func decode(into output: UnsafeMutablePointer<UInt8>) throws(FileError) {
        let source = opened
        let count = source.header.height * source.header.width * channels
        let (image, _) = try upright(source, eighths: 8)
        output.update(from: image.pixels, count: count)
    }

    /// Decodes a part of the open image, resized as by `ImageResampler`.
    ///
    /// A JPEG file is decoded at 1/2, 1/4 or 1/8 of its size where the part has no fewer pixels than the output, in each
    /// direction, even so. (At other eighths libjpeg-turbo takes longer than at the whole size.)
    ///
    /// - Parameters:
    ///   - crop: the part, of the image as it is displayed.
    ///   - height: rows of the output, at least 1.
    ///   - width: columns of the output, at least 1.
    ///   - mirrored: whether left and right are exchanged.
    ///   - output: [height, width, channels].
    /// - Throws: `FileError.invalid` where the file is damaged or cut short.
    public func decode(
        crop: CropRectangle, height: Int, width: Int, mirrored: Bool = false, into output: UnsafeMutablePointer<UInt8>
    ) throws(FileError) {
        let source = opened
        precondition(
            crop.lies(within: source.header.height, by: source.header.width),
            "\(crop) is not within \(source.path), of \(source.header.height)×\(source.header.width) pixels")
        let eighths = Self.eighths(of: source.header, crop: crop, height: height, width: width)
        let (image, place) = try upright(source, eighths: eighths)
        let scale = Double(eighths) / 8
        let scaled = CropRectangle(
            top: crop.top * scale + place.top, left: crop.left * scale + place.left, height: crop.height * scale,
            width: crop.width * scale)
        resampler.resample(image, crop: scaled, height: height, width: width, mirrored: mirrored, into: output)
    }

    private var opened: Source {
        guard let source else { preconditionFailure("ImageDecoder: decode before a file was opened") }
        return source
    }

    private static func format(of bytes: UnsafeRawBufferPointer, path: String) throws(FileError) -> ImageHeader.Format {
        let kind = FileKind(start: bytes)
        if kind == .jpeg { return .jpeg }
        if bytes.starts(with: PNGHeader.signature) { return .png }
        // A signature that was damaged, most often by a transfer as text.
        let found = kind == .png ? "\(FileKind.png) with a damaged signature" : kind?.description ?? beginning(bytes)
        throw .invalid(path: path, place: "", problem: "expected a JPEG or PNG file, found \(found)")
    }

    private static func beginning(_ bytes: UnsafeRawBufferPointer) -> String {
        let digits = bytes.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return "a file of another kind, which begins with the bytes \(digits.joined(separator: " "))"
    }

    private static func header(
        _ format: ImageHeader.Format, _ orientation: Orientation, height: Int, width: Int, path: String
    ) throws(FileError) -> ImageHeader {
        guard (1...65_535).contains(height), (1...65_535).contains(width) else {
            throw .invalid(
                path: path, place: "", problem: "expected sides of 1 to 65535 pixels, found \(width)×\(height)")
        }
        guard height * width <= ImageHeader.greatestPixelCount else {
            throw .invalid(
                path: path, place: "",
                problem: "expected at most \(ImageHeader.greatestPixelCount) pixels, found \(width)×\(height)")
        }
        return ImageHeader(format: format, orientation: orientation, storedHeight: height, storedWidth: width)
    }

    /// The smallest scale, in eighths, at which a part has enough pixels.
    private static func eighths(of header: ImageHeader, crop: CropRectangle, height: Int, width: Int) -> Int {
        // Of a smaller image, two scales may have the same size, by which libjpeg-turbo chooses.
        guard header.format == .jpeg, max(header.height, header.width) >= 8 else { return 8 }
        return [1, 2, 4].first {
            crop.height * Double($0) / 8 >= Double(height) && crop.width * Double($0) / 8 >= Double(width)
        } ?? 8
    }

    /// Decodes the image and turns it.
    ///
    /// - Returns: the image, valid until the next call, and where its scaled top left corner lies in it: beside the
    ///   first pixel where pixels at the other end of a side are only partly covered and the side was reversed.
    private func upright(
        _ source: Source, eighths: Int
    ) throws(FileError) -> (image: ImagePixels, place: (top: Double, left: Double)) {
        let header = source.header
        let height = (header.storedHeight * eighths + 7) / 8, width = (header.storedWidth * eighths + 7) / 8
        switch source.contents {
        case .jpeg(let told):
            try jpeg.decode(
                source.bytes, told, shape: ImageShape(height: height, width: width, channels: channels), into: stored,
                path: source.path)
        case .png(let told):
            try PNGDecompressor.decode(source.bytes, told, channels: channels, into: stored, path: source.path)
        }
        let image = ImagePixels(stored.pointer, height: height, width: width, channels: channels)
        if header.orientation == .upright { return (image, (0, 0)) }
        turned.reserve(height * width * channels)
        header.orientation.turn(image, into: turned.pointer)
        var beside = (
            rows: header.orientation.reversesRows ? Double(height) - Double(header.storedHeight * eighths) / 8 : 0,
            columns: header.orientation.reversesColumns ? Double(width) - Double(header.storedWidth * eighths) / 8 : 0)
        var sides = (rows: height, columns: width)
        if header.orientation.isTransposed {
            (beside.rows, beside.columns) = (beside.columns, beside.rows)
            (sides.rows, sides.columns) = (sides.columns, sides.rows)
        }
        let displayed = ImagePixels(turned.pointer, height: sides.rows, width: sides.columns, channels: channels)
        return (displayed, (beside.rows, beside.columns))
    }
}

@available(*, unavailable)
extension ImageDecoder: Sendable {}
