import Files

/// What the chunks of a PNG file tell beside its image data (W3C PNG, sections 5 and 11).
struct PNGHeader {
    let width: Int
    let height: Int
    private let bitDepth: Int
    private let colorType: UInt8
    private(set) var orientation = Orientation.upright
    /// Whether pixels may be transparent.
    private(set) var hasAlpha: Bool

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// The largest expansion of Deflate (zlib's technical details, "Maximum Compression Factor").
    private static let greatestExpansion = 1032

    /// - Parameters:
    ///   - bytes: of the file, which begin with the signature.
    ///   - path: for errors.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(FileError) {
        func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard bytes.count >= 33 else {
            throw .invalid(path: path, place: "byte \(bytes.count)", problem: "the PNG file is cut short, within its header")
        }
        guard number(at: 8) == 13, bytes[12..<16].elementsEqual("IHDR".utf8) else {
            throw .invalid(path: path, place: "byte 8", problem: "expected the PNG header, IHDR, of 13 bytes")
        }
        width = number(at: 16)
        height = number(at: 20)
        bitDepth = Int(bytes[24])
        colorType = bytes[25]
        guard [0, 2, 3, 4, 6].contains(colorType), [1, 2, 4, 8, 16].contains(bitDepth) else {
            throw .invalid(
                path: path, place: "byte 24", problem: "no PNG file has colour type \(colorType) and \(bitDepth) bits")
        }
        hasAlpha = colorType & 4 != 0

        var at = 33, isInFront = true
        while at + 12 <= bytes.count {
            let length = number(at: at), type = bytes[at + 4..<at + 8]
            guard length <= bytes.count - at - 12 else { break }
            if type.elementsEqual("IDAT".utf8) { isInFront = false }
            // Behind the image data, where the orientation may stand too, transparency is none.
            if isInFront, type.elementsEqual("tRNS".utf8) { hasAlpha = true }
            if type.elementsEqual("eXIf".utf8), let told = EXIF.orientation(in: bytes[at + 8..<at + 8 + length]) {
                orientation = told
            }
            at += 12 + length
        }
    }

    /// Whether so many bytes can hold the pixels that the header claims.
    func holds(pixelsIn count: Int) -> Bool {
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][Int(colorType)]!
        return (width * bitDepth * channels + 7) / 8 * height <= count * Self.greatestExpansion
    }
}
