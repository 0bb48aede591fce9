import CSPNG
import Files

/// Decodes PNG files with libspng.
enum PNGDecompressor {
    /// Bytes of a chunk of text or of a colour profile, expanded. Image data have no such limit.
    private static let greatestChunk = 1 << 26

    /// Decodes the pixels, as they are stored.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - header: of these bytes.
    ///   - channels: 1 (grey) or 3 (RGB).
    ///   - buffer: gets [height, width, channels].
    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ header: PNGHeader, channels: Int, into buffer: ByteBuffer, path: String
    ) throws(FileError) {
        let context = spng_ctx_new(0)
        precondition(context != nil, "libspng cannot start")
        defer { spng_ctx_free(context) }
        let count = header.height * header.width, stored = header.hasAlpha ? 4 : 3
        buffer.reserve(count * stored)
        var status = spng_set_png_buffer(context, bytes.baseAddress, bytes.count)
        if status == 0 { status = spng_set_chunk_limits(context, greatestChunk, 2 * greatestChunk) }
        // What is beside the image may be damaged.
        if status == 0 {
            status = spng_set_crc_action(context, Int32(SPNG_CRC_ERROR.rawValue), Int32(SPNG_CRC_DISCARD.rawValue))
        }
        if status == 0 {
            status = spng_decode_image(
                context, buffer.pointer, count * stored,
                Int32((header.hasAlpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8).rawValue), Int32(SPNG_DECODE_TRNS.rawValue))
        }
        if status == 0 {
            // What follows is not needed, but a file that ends in front of its last chunk is not whole.
            let rest = spng_decode_chunks(context)
            if rest == SPNG_IO_EOF.rawValue { status = rest }
        }
        guard status == 0 else {
            throw .invalid(
                path: path, place: "",
                problem: status == SPNG_IO_EOF.rawValue ? "the PNG file is cut short"
                    : "the PNG file is damaged: \(String(cString: spng_strerror(status)))")
        }
        convert(buffer.pointer, count: count, from: stored, to: channels)
    }

    /// Lays what is transparent on white, and makes pixels grey if that is asked for, in place.
    private static func convert(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, from stored: Int, to channels: Int) {
        if stored == channels { return }
        for index in 0..<count {
            let pixel = pixels + stored * index
            let alpha = stored == 4 ? pixel[3] : 255
            RGB.write(
                RGB.onWhite(pixel[0], alpha: alpha), RGB.onWhite(pixel[1], alpha: alpha),
                RGB.onWhite(pixel[2], alpha: alpha), to: pixels + channels * index, channels: channels)
        }
    }
}
