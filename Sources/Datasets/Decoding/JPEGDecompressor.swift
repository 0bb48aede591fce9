import CTurboJPEG
import Files

/// Decodes JPEG files with libjpeg-turbo.
final class JPEGDecompressor {
    private let handle: tjhandle

    init() {
        guard let handle = tjInitDecompress() else {
            fatalError("libjpeg-turbo cannot start: \(String(cString: tjGetErrorStr2(nil)))")
        }
        self.handle = handle
    }

    deinit { tjDestroy(handle) }

    /// Decodes the pixels, as they are stored.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - header: of these bytes.
    ///   - shape: rows and columns at the scale that is asked for, and 1 (grey) or 3 (RGB) channels.
    ///   - buffer: gets [height, width, channels] of the shape.
    func decode(
        _ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader, shape: ImageShape, into buffer: ByteBuffer, path: String
    ) throws(FileError) {
        let height = shape.height, width = shape.width, channels = shape.channels
        let isCMYK = header.sampling.count == 4
        let format = isCMYK ? TJPF_CMYK : channels == 1 ? TJPF_GRAY : TJPF_RGB
        buffer.reserve(height * width * (isCMYK ? 4 : channels))
        func decompress(_ flags: Int32) -> Bool {
            tjDecompress2(
                handle, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), buffer.pointer, Int32(width), 0,
                Int32(height), Int32(format.rawValue), flags | TJFLAG_LIMITSCANS) == 0
        }
        if !decompress(TJFLAG_STOPONWARNING) {
            // libjpeg-turbo tells only the first warning. Where that is harmless, it hides a later one that the file is
            // cut short; but then the file has no end marker.
            let reason = String(cString: tjGetErrorStr2(handle))
            let isHarmless = tjGetErrorCode(handle) == TJERR_WARNING.rawValue
                && Self.harmlessWarnings.contains { reason.contains($0) }
            guard isHarmless else { throw Self.damaged(reason, path: path) }
            guard Self.hasEndMarker(bytes) else {
                throw .invalid(path: path, place: "byte \(bytes.count)", problem: "the JPEG file is cut short: it has no end marker")
            }
            if !decompress(0) && tjGetErrorCode(handle) != TJERR_WARNING.rawValue {
                throw Self.damaged(String(cString: tjGetErrorStr2(handle)), path: path)
            }
        }
        if isCMYK { Self.convertCMYK(buffer.pointer, count: height * width, channels: channels) }
    }

    /// Warnings after which every pixel is still decoded as it was encoded (libjpeg's jerror.h): bytes between two
    /// segments, and versions of JFIF and of Adobe's marker that are not known.
    private static let harmlessWarnings = ["extraneous bytes before marker", "JFIF revision", "Adobe color transform"]

    private static func damaged(_ reason: String, path: String) -> FileError {
        reason.hasPrefix("Premature end of JPEG file")
            ? .invalid(path: path, place: "", problem: "the JPEG file is cut short: its image data end too early")
            : .invalid(path: path, place: "", problem: "the JPEG file is damaged: \(reason)")
    }

    private static func hasEndMarker(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = bytes.count - 2
        while at >= 0 && !(bytes[at] == 0xFF && bytes[at + 1] == 0xD9) { at -= 1 }
        return at >= 0
    }

    /// Converts CMYK pixels in place, as Pillow's `convert("RGB")` does.
    ///
    /// Photoshop stores inks inverted, 255 for none, and so do others, with Adobe's marker or without. Pillow, ImageMagick
    /// and the browsers read every file so.
    private static func convertCMYK(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, channels: Int) {
        for index in 0..<count {
            // What of each light is left, and of all.
            let (red, green, blue, white) = (
                pixels[4 * index], pixels[4 * index + 1], pixels[4 * index + 2], pixels[4 * index + 3])
            func light(_ value: UInt8) -> UInt8 { white - RGB.product(255 - value, white) }
            RGB.write(light(red), light(green), light(blue), to: pixels + channels * index, channels: channels)
        }
    }
}
