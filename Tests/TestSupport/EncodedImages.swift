import CSPNG
import CTurboJPEG
import Glibc

/// Image files, made by the encoders of the libraries that decode them, and by hand.
public enum EncodedImages {
    /// What an encoder did not do.
    public struct Failure: Error {
        public let what: String
    }

    private static func check(_ isDone: Bool, _ what: String) throws(Failure) { if !isDone { throw Failure(what: what) } }

    private static func check<Value>(_ value: Value?, _ what: String) throws(Failure) -> Value {
        guard let value else { throw Failure(what: what) }
        return value
    }

    /// The subsamplings of turbojpeg's encoder.
    public static let subsamplings = [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_440, TJSAMP_411, TJSAMP_GRAY].map {
        Int32(bitPattern: $0.rawValue)
    }

    /// A JPEG file of a quality of 95.
    ///
    /// - Parameters:
    ///   - pixels: [height, width, channels], of 1, 3 or 4 (CMYK) channels.
    ///   - flags: TJFLAG_PROGRESSIVE, or none.
    public static func jpeg(
        _ pixels: [UInt8], height: Int, width: Int, subsampling: Int32 = 0, flags: Int32 = 0
    ) throws -> [UInt8] {
        let handle = try check(tjInitCompress(), "tjInitCompress")
        defer { tjDestroy(handle) }
        let format = [1: TJPF_GRAY, 3: TJPF_RGB, 4: TJPF_CMYK][pixels.count / (height * width)]!
        var file: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        defer { tjFree(file) }
        let status = tjCompress2(
            handle, pixels, Int32(width), 0, Int32(height), format.rawValue, &file, &size,
            format == TJPF_GRAY ? Int32(bitPattern: TJSAMP_GRAY.rawValue) : subsampling, 95, flags)
        try check(status == 0, "tjCompress2")
        return Array(UnsafeBufferPointer(start: file, count: Int(size)))
    }

    /// A copy of a JPEG file with a segment after its start.
    public static func inserted(_ segment: [UInt8], marker: UInt8, in jpeg: [UInt8]) -> [UInt8] {
        let length = segment.count + 2
        return jpeg.prefix(2) + [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + segment + jpeg.dropFirst(2)
    }

    /// A copy of a JPEG file without the segments of a marker.
    public static func removed(marker: UInt8, from jpeg: [UInt8]) -> [UInt8] {
        var kept = Array(jpeg.prefix(2)), at = 2
        while jpeg[at + 1] != 0xDA {
            let end = at + 2 + Int(jpeg[at + 2]) << 8 + Int(jpeg[at + 3])
            if jpeg[at + 1] != marker { kept += jpeg[at..<end] }
            at = end
        }
        return kept + jpeg[at...]
    }

    /// The segment APP1 with an orientation, of either byte order.
    public static func exif(orientation: Int, littleEndian: Bool) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let digits = (0..<count).map { UInt8(value >> (8 * $0) & 255) }
            return littleEndian ? digits : digits.reversed()
        }
        let entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0]
        let other = number(0x0100, 2) + number(4, 2) + number(1, 4) + number(77, 4)
        return Array("Exif\0\0".utf8) + Array((littleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
            + number(2, 2) + other + entry + number(0, 4)
    }

    /// A PNG file of 8 bits a sample.
    ///
    /// - Parameters:
    ///   - pixels: [height, width, channels], of 1 (grey), 2 (with alpha), 3 (RGB) or 4 (RGBA) channels.
    public static func png(_ pixels: [UInt8], height: Int, width: Int) throws -> [UInt8] {
        let context = try check(spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)), "spng_ctx_new")
        defer { spng_ctx_free(context) }
        let colors = [
            1: SPNG_COLOR_TYPE_GRAYSCALE, 2: SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 3: SPNG_COLOR_TYPE_TRUECOLOR,
            4: SPNG_COLOR_TYPE_TRUECOLOR_ALPHA,
        ]
        var header = spng_ihdr()
        header.width = UInt32(width)
        header.height = UInt32(height)
        header.bit_depth = 8
        header.color_type = UInt8(colors[pixels.count / (height * width)]!.rawValue)
        try check(spng_set_ihdr(context, &header) == 0, "spng_set_ihdr")
        try check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1) == 0, "spng_set_option")
        let status = spng_encode_image(
            context, pixels, pixels.count, Int32(SPNG_FMT_PNG.rawValue), Int32(SPNG_ENCODE_FINALIZE.rawValue))
        try check(status == 0, "spng_encode_image")
        var size = 0
        var error: Int32 = 0
        let file = try check(spng_get_png_buffer(context, &size, &error), "spng_get_png_buffer")
        defer { free(file) }
        return Array(UnsafeRawBufferPointer(start: file, count: size))
    }

    /// A chunk of a PNG file, whatever it holds.
    public static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
    }

    /// The parts of a PNG file: its signature, then its chunks.
    public static func chunks(of png: [UInt8]) -> [(type: String, data: [UInt8])] {
        var found: [(String, [UInt8])] = [], at = 8
        while at < png.count {
            let length = png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            found.append((String(decoding: png[at + 4..<at + 8], as: UTF8.self), Array(png[at + 8..<at + 8 + length])))
            at += 12 + length
        }
        return found
    }
}
