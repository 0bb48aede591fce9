/// Bytes that the files of a kind have at their start, and hardly any others.
struct FileSignature: Sendable {
    let kind: FileKind
    /// Bytes and their places in the file; all are there.
    private let parts: [(place: Int, bytes: [UInt8])]

    private init(_ kind: FileKind, parts: [(place: Int, bytes: [UInt8])]) {
        self.kind = kind
        self.parts = parts
    }

    private init(_ kind: FileKind, bytes: [UInt8], at place: Int = 0) { self.init(kind, parts: [(place: place, bytes: bytes)]) }

    private init(_ kind: FileKind, text: String) { self.init(kind, bytes: Array(text.utf8)) }

    private func with(_ text: String, at place: Int) -> FileSignature {
        FileSignature(kind, parts: parts + [(place: place, bytes: Array(text.utf8))])
    }

    func fits(_ start: UnsafeRawBufferPointer) -> Bool {
        parts.allSatisfy { start.dropFirst($0.place).starts(with: $0.bytes) }
    }

    /// Of all kinds but those that only a look at more of the file tells. The first that fits is right: what begins with
    /// a number, which may be any, stands in front.
    static let all: [FileSignature] = numbered + archives + documents + pictures + values

    private static let numbered: [FileSignature] = [
        // The length of the header, which is below 2 to the 40th, and the header, a JSON object.
        FileSignature(.safetensors, bytes: [0, 0, 0, 0x7b], at: 5),
        // The place of the root table, which is below 2 to the 24th, and the identifier of the schema.
        FileSignature(.tfLite, bytes: [0], at: 3).with("TFL3", at: 4),
    ]

    private static let archives: [FileSignature] = [
        // The header of a first file (APPNOTE.TXT 4.3.7).
        FileSignature(.zip, bytes: [0x50, 0x4b, 3, 4]),
        // The end of a link's name, which most files have not, and the format (POSIX ustar, and GNU tar).
        FileSignature(.tar, bytes: [0], at: 256).with("ustar", at: 257),
        // RFC 1952.
        FileSignature(.gzip, bytes: [0x1f, 0x8b]),
        // A block's start is the number π.
        FileSignature(.bzip2, text: "BZh").with("1AY&SY", at: 4),
        FileSignature(.xz, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
        // RFC 8878.
        FileSignature(.zstandard, bytes: [0x28, 0xb5, 0x2f, 0xfd]),
    ]

    private static let documents: [FileSignature] = [
        // A compound file of OLE.
        FileSignature(.olderOfficeDocument, bytes: [0xd0, 0xcf, 0x11, 0xe0]),
        FileSignature(.pdf, text: "%PDF-"),
        FileSignature(.gitLFSPointer, text: "version https://git-lfs"),
    ]

    private static let pictures: [FileSignature] = [
        // The start of an image, and of a segment.
        FileSignature(.jpeg, bytes: [0xff, 0xd8, 0xff]),
        // Without the ends of lines, which a transfer as text changes.
        FileSignature(.png, bytes: [0x89, 0x50, 0x4e, 0x47]),
        FileSignature(.gif, text: "GIF87a"), FileSignature(.gif, text: "GIF89a"),
        FileSignature(.webP, text: "RIFF").with("WEBP", at: 8),
        // ISO/IEC 14496-12: a box of less than 64 KiB, and its brand.
        FileSignature(.avif, bytes: [0, 0]).with("ftypavif", at: 4),
        FileSignature(.heic, bytes: [0, 0]).with("ftyphei", at: 4),
        FileSignature(.heic, bytes: [0, 0]).with("ftyphev", at: 4),
        FileSignature(.heic, bytes: [0, 0]).with("ftypmif1", at: 4),
        FileSignature(.heic, bytes: [0, 0]).with("ftypmsf1", at: 4),
        FileSignature(.mp4, bytes: [0, 0]).with("ftyp", at: 4),
        // A bitmap's third field is zero.
        FileSignature(.bmp, text: "BM").with("\0\0\0\0", at: 6),
        FileSignature(.tiff, bytes: [0x49, 0x49, 42, 0]), FileSignature(.tiff, bytes: [0x4d, 0x4d, 0, 42]),
        // The file, and the bare stream.
        FileSignature(.jpeg2000, bytes: [0, 0, 0, 12, 0x6a, 0x50]), FileSignature(.jpeg2000, bytes: [0xff, 0x4f, 0xff, 0x51]),
        FileSignature(.jpegXL, bytes: [0, 0, 0, 12, 0x4a, 0x58, 0x4c]), FileSignature(.jpegXL, bytes: [0xff, 0x0a]),
    ]

    private static let values: [FileSignature] = [
        // Of bytes, as the images and labels of MNIST are.
        FileSignature(.idx, bytes: [0, 0, 8]),
        FileSignature(.numPy, bytes: [0x93]).with("NUMPY", at: 1),
        FileSignature(.parquet, text: "PAR1"),
        FileSignature(.sqlite, text: "SQLite format 3\0"),
        FileSignature(.hdf5, bytes: [0x89, 0x48, 0x44, 0x46]),
        // And the version of the format, which is below 2 to the 16th.
        FileSignature(.gguf, text: "GGUF").with("\0\0", at: 6),
        // The first line of ncnn's text format.
        FileSignature(.ncnnNetwork, text: "7767517"),
        // The same number in four bytes.
        FileSignature(.ncnnBinary, bytes: [0xdd, 0x85, 0x76, 0]),
        // Protocols 2 to 5; older ones have no signature.
        FileSignature(.pickle, bytes: [0x80, 2]), FileSignature(.pickle, bytes: [0x80, 3]),
        FileSignature(.pickle, bytes: [0x80, 4]), FileSignature(.pickle, bytes: [0x80, 5]),
    ]
}
