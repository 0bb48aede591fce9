/// What a file is, by its first bytes and not by its name: for messages about files in the place of others.
///
/// Formats are told apart whose files are often given by mistake, and those are named for which a way leads to the file
/// that was meant: an archive is to be unpacked, a pointer of Git LFS to be fetched.
///
/// ```swift
/// if let kind = FileKind(start: bytes) {
///     throw .invalid(path: path, place: "", problem: "expected a table, found \(kind)")
/// }
/// ```
public enum FileKind: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case empty, zeros
    case zip, tar, gzip, bzip2, xz, zstandard
    /// Documents: archives of Office Open XML and of OpenDocument, and Microsoft's older format.
    case officeDocument, openDocument, olderOfficeDocument, pdf
    case gitLFSPointer, webPage, svg
    case jpeg, png, gif, webP, avif, heic, bmp, tiff, jpeg2000, jpegXL, mp4
    case idx, numPy, numPyArchive, parquet, sqlite
    case pickle, torch, hdf5, safetensors, gguf, tfLite, ncnnNetwork, ncnnBinary

    /// As many bytes as the start of any kind has.
    public static let startLength = 512

    /// nil for a start that no kind has.
    ///
    /// - Parameter bytes: the whole file, or at least `startLength` bytes of it.
    public init?(start bytes: UnsafeRawBufferPointer) {
        let start = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.startLength))
        if start.isEmpty {
            self = .empty
        } else if let signature = FileSignature.all.first(where: { $0.fits(start) }) {
            self = signature.kind == .zip ? Self.archive(start) : signature.kind
        } else if let kind = Self.markup(start) {
            self = kind
        } else if start.allSatisfy({ $0 == 0 }) {
            self = .zeros
        } else {
            return nil
        }
    }

    /// nil for a start that no kind has.
    ///
    /// - Parameter bytes: the whole file, or at least `startLength` bytes of it.
    public init?(start bytes: [UInt8]) {
        guard let kind = bytes.withUnsafeBytes({ Self(start: $0) }) else { return nil }
        self = kind
    }

    /// nil also for what is no regular file, or cannot be read.
    public init?(ofFile path: String) {
        guard let content = try? FileContent(path: path, what: "file"),
            let start = try? content.bytes(0..<min(Self.startLength, content.count))
        else { return nil }
        self.init(start: start)
    }

    /// Whether a file of this kind is a text, though not the one that was meant.
    public var isText: Bool {
        switch self {
        case .empty, .gitLFSPointer, .webPage, .svg, .ncnnNetwork: true
        default: false
        }
    }

    /// What a file of this kind is: "a ZIP archive".
    public var name: String {
        switch self {
        case .empty: "an empty file"
        case .zeros: "a file that begins with zeros"
        case .zip: "a ZIP archive"
        case .tar: "a tar archive"
        case .gzip: "a file that is packed by gzip"
        case .bzip2: "a file that is packed by bzip2"
        case .xz: "a file that is packed by xz"
        case .zstandard: "a file that is packed by zstd"
        case .officeDocument: "a spreadsheet or document (.xlsx, .docx)"
        case .openDocument: "a spreadsheet or document (.ods, .odt)"
        case .olderOfficeDocument: "an older spreadsheet or document (.xls, .doc)"
        case .pdf: "a PDF file"
        case .gitLFSPointer: "a pointer of Git LFS"
        case .webPage: "a web page or XML"
        case .svg: "an SVG file"
        case .jpeg: "a JPEG file"
        case .png: "a PNG file"
        case .gif: "a GIF file"
        case .webP: "a WebP file"
        case .avif: "an AVIF file"
        case .heic: "a HEIC file"
        case .bmp: "a BMP file"
        case .tiff: "a TIFF file"
        case .jpeg2000: "a JPEG 2000 file"
        case .jpegXL: "a JPEG XL file"
        case .mp4: "an MP4 video"
        case .idx: "one IDX file"
        case .numPy: "an array of NumPy (.npy)"
        case .numPyArchive: "an archive of NumPy (.npz)"
        case .parquet: "a Parquet file"
        case .sqlite: "a database of SQLite"
        case .pickle: "a pickle of Python"
        case .torch: "a file of PyTorch, a ZIP archive such as torch.save makes"
        case .hdf5: "an HDF5 file, in which Keras keeps weights"
        case .safetensors: "a file of safetensors"
        case .gguf: "a GGUF file, as llama.cpp reads it"
        case .tfLite: "a TensorFlow Lite model"
        case .ncnnNetwork: "ncnn's description of a network"
        case .ncnnBinary: "the binary form of ncnn's description of a network, such as ncnn2mem makes of a .param file"
        }
    }

    /// What a file of this kind is, and what leads from it to the file that was meant, whatever that is.
    public var description: String {
        switch self {
        case .zip, .tar: "\(name), to be unpacked first"
        case .gzip: "\(name); gunzip unpacks it"
        case .bzip2: "\(name); bunzip2 unpacks it"
        case .xz: "\(name); unxz unpacks it"
        case .zstandard: "\(name); unzstd unpacks it"
        case .gitLFSPointer: "\(name), whose file `git lfs pull` fetches"
        case .webPage: "\(name), perhaps the page of a file instead of the file"
        default: name
        }
    }

    /// Whether a file begins as models of ONNX do: with the version of the format, one byte below 128, and after it the field
    /// of a text or of the graph (protobuf). It is no kind of its own, because other files may begin so.
    public static func looksLikeONNX(_ start: [UInt8]) -> Bool {
        start.count > 8 && start[0] == 0x08 && (1..<128).contains(start[1]) && [0x12, 0x1a, 0x22, 0x32, 0x3a].contains(start[2])
    }

    /// What a ZIP archive holds, by the name of its first file (APPNOTE.TXT 6.3.10, 4.3.7).
    private static func archive(_ start: UnsafeRawBufferPointer) -> FileKind {
        let place = 30
        guard start.count > place else { return .zip }
        let end = min(start.count, place + Int(start[26]) + Int(start[27]) << 8)
        let name = String(decoding: start[place..<end], as: UTF8.self)
        if name.hasSuffix("/data.pkl") { return .torch }
        if name.hasSuffix(".npy") { return .numPyArchive }
        // Office Open XML prescribes the first of these names, and not its place among the files.
        if name == "[Content_Types].xml" || name == "_rels/.rels" { return .officeDocument }
        if ["docProps/", "xl/", "word/", "ppt/"].contains(where: { name.hasPrefix($0) }), name.hasSuffix(".xml") {
            return .officeDocument
        }
        // OpenDocument 1.3, part 2, 3.3: this file is the first one, and neither packed nor with an extra field.
        if name == "mimetype", start[end...].starts(with: "application/vnd.oasis.opendocument".utf8) { return .openDocument }
        return .zip
    }

    /// What a text is that begins with a tag, behind white space and a byte order mark.
    private static func markup(_ start: UnsafeRawBufferPointer) -> FileKind? {
        let blank: [UInt8] = [0x20, 0x0a, 0x0d, 0x09, 0xef, 0xbb, 0xbf]
        let rest = start.drop { blank.contains($0) }.prefix(2)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard rest.count == 2, rest.first == UInt8(ascii: "<"), let next = rest.last,
            letters.contains(next | 0x20) || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
        else { return nil }
        let text = String(decoding: start[rest.startIndex...], as: UTF8.self).lowercased()
        return text.hasPrefix("<svg") || text.hasPrefix("<?xml") && text.contains("<svg") ? .svg : .webPage
    }
}
