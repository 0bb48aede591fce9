import Files
import Foundation
import Testing
import TestSupport

@Suite("Kinds of files")
struct FileKindTests {
    /// In base 64, the starts of files that Python's modules zipfile, gzip, bz2, lzma, pickle, sqlite3 and numpy wrote, and
    /// zstd; then whole pictures of one pixel, as encoders write them.
    private static let packed: [(FileKind, String)] = [
        (.zip, "UEsDBBQAAAAIAIMYIlzCQSQ1BQAAAAMAAAAMAAAAcGhvdG9zLzEuanBnS0xKBgBQSwECFAMUAAAACACD"),
        (.officeDocument, "UEsDBBQAAAAIAIMYIlzuR1hmHwAAAB0AAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbLOxr8jNUShLLSrO"),
        (
            .openDocument,
            "UEsDBBQAAAAAAIMYIlyFbDmKLgAAAC4AAAAIAAAAbWltZXR5cGVhcHBsaWNhdGlvbi92bmQub2FzaXMub3BlbmRvY3VtZW50LnNwcmVhZHNoZWV0"
        ),
        (.torch, "UEsDBBQAAAAAAIMYIlzykQLFBgAAAAYAAAAQAAAAYXJjaGl2ZS9kYXRhLnBrbIACfXEALlBLAQIUAxQA"),
        (.numPyArchive, "UEsDBC0AAAAAAAAAIQCFsLas//////////8FABQAdy5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1Q"),
        (.numPy, "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnQ="),
        (.gzip, "H4sIAAAAAAACA0tMSgYAwkEkNQMAAAA="),
        (.bzip2, "QlpoOTFBWSZTWWSMu3MAAAABADgAIAAhmBmEYXckU4UJBkjLtzA="),
        (.xz, "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACYWJjAAAndicaSgnYLAABGwMLL7kQH7bzfQEAAAAABFla"),
        (.zstandard, "KLUv/QRYGQAAYWJjmQl3rQ=="),
        (.pickle, "gAJ9cQBYAQAAAGFxAUsBcy4="), (.pickle, "gAWVCgAAAAAAAAB9lIwBYZRLAXMu"),
        (.sqlite, "U1FMaXRlIGZvcm1hdCAzABAAAQEAQCAgAAAAAQAAAAI="),
        (.gif, "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
        (.webP, "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="),
    ]

    private static let texts: [(FileKind, String)] = [
        (.empty, ""), (.pdf, "%PDF-1.7\n%âãÏÓ\n"),
        (.gitLFSPointer, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
        (.webPage, "<!DOCTYPE html>\n<html lang=\"en\">"), (.webPage, "\u{FEFF}\r\n<HTML>"),
        (.webPage, "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code></Error>"),
        (.svg, "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), (.svg, "<svg/>"),
        (.ncnnNetwork, "7767517\n1 1\nInput data 0 1 data\n"),
    ]

    private static func bytes(_ start: [UInt8], _ text: String, _ rest: [UInt8] = []) -> [UInt8] {
        start + Array(text.utf8) + rest
    }

    /// A box of ISO/IEC 14496-12, with its major brand and no other.
    private static func box(_ brand: String) -> [UInt8] { bytes([0, 0, 0, 20], "ftyp\(brand)\0\0\0\0\(brand)") }

    /// As the specifications of the formats have them.
    private static let starts: [(FileKind, [UInt8])] = [
        (.zeros, [UInt8](repeating: 0, count: 600)), (.tar, bytes([], "a.jpg\(String(repeating: "\0", count: 252))ustar\0", [0x30, 0x30])),
        (.olderOfficeDocument, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
        (.avif, box("avif")), (.heic, box("heic")), (.heic, box("mif1")), (.heic, box("msf1")), (.heic, box("hevc")),
        (.mp4, box("isom")),
        (.bmp, bytes([], "BM", [58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0])),
        (.tiff, bytes([], "II", [42, 0, 8, 0, 0, 0])), (.tiff, bytes([], "MM", [0, 42, 0, 0, 0, 8])),
        (.jpeg2000, [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 13, 10, 0x87, 10]), (.jpeg2000, [0xff, 0x4f, 0xff, 0x51, 0, 41]),
        (.jpegXL, [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 0x87, 10]), (.jpegXL, [0xff, 0x0a, 0, 0x10]),
        (.idx, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7]),
        (.parquet, bytes([], "PAR1", [21, 4])), (.hdf5, [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]),
        (.safetensors, bytes([8, 0, 0, 0, 0, 0, 0, 0], "{}      ")),
        (.ncnnBinary, [0xdd, 0x85, 0x76, 0, 2, 0, 0, 0, 2, 0, 0, 0]),
        (.tfLite, bytes([0x1c, 0, 0, 0], "TFL3")), (.gguf, bytes([], "GGUF", [3, 0, 0, 0, 0x23, 1])),
        // Whose first numbers look like gzip, a pickle and a tag.
        (.tfLite, bytes([0x1f, 0x8b, 0, 0], "TFL3")), (.safetensors, bytes([0x80, 2, 0, 0, 0, 0, 0, 0], "{\"")),
        (.tfLite, bytes([0x3c, 0x21, 0, 0], "TFL3")),
    ]

    private static func samples() throws -> [(FileKind, [UInt8])] {
        let pixels = [UInt8](repeating: 90, count: 12)
        var samples = starts
        samples.append((.jpeg, try EncodedImages.jpeg(pixels, height: 2, width: 2)))
        samples.append((.png, try EncodedImages.png(pixels, height: 2, width: 2)))
        for (kind, text) in packed { samples.append((kind, Array(try #require(Data(base64Encoded: text))))) }
        for (kind, text) in texts { samples.append((kind, Array(text.utf8))) }
        return samples
    }

    @Test("are told by the first bytes of files")
    func kinds() throws {
        let directory = try TemporaryDirectory()
        let samples = try Self.samples()
        for (kind, bytes) in samples {
            #expect(FileKind(start: bytes) == kind, "\(kind.name): \(bytes.prefix(16))")
            let path = try directory.write(bytes, to: "file")
            #expect(FileKind(ofFile: path) == kind)
        }
        #expect(Set(samples.map(\.0)) == Set(FileKind.allCases))
    }

    @Test("have names of their own, with which their descriptions begin")
    func names() {
        #expect(Set(FileKind.allCases.map(\.name)).count == FileKind.allCases.count)
        for kind in FileKind.allCases { #expect(kind.description.hasPrefix(kind.name)) }
        #expect(FileKind.zip.description == "a ZIP archive, to be unpacked first")
        #expect(FileKind.gzip.description == "a file that is packed by gzip; gunzip unpacks it")
        #expect(FileKind.gitLFSPointer.description == "a pointer of Git LFS, whose file `git lfs pull` fetches")
    }

    @Test("are not seen in what only resembles them", arguments: [
        "row,ftyp,heic\n", "use TFL3\n", "BM25 scores\n", "GIF8 is no GIF\n", "<5 ms\n", "< 5 ms\n", "PK\n", "0.5 %PDF-1.7\n",
        "RIFFLE\n", "{\"op\": 1}\n", "776751\n", "version https://example.com\n", "größe\n",
    ])
    func others(text: String) {
        #expect(FileKind(start: Array(text.utf8)) == nil)
    }

    @Test("are unknown of what is no file")
    func absent() throws {
        let directory = try TemporaryDirectory()
        #expect(FileKind(ofFile: directory.path) == nil)
        #expect(FileKind(ofFile: directory.file("absent")) == nil)
    }
}
