import Files
import Testing
import TestSupport

@Suite struct TextFileTests {
    @Test func readsWhatIsThere() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("größe\r\n".utf8), to: "text")
        #expect(try TextFile.read(path, what: "text") == "größe\r\n")
    }

    @Test func readsUTF16WithAByteOrderMark() throws {
        let directory = try TemporaryDirectory()
        let text = "größe 🐢\r\n", units = Array(text.utf16)
        let little: [UInt8] = [0xff, 0xfe] + units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        let big: [UInt8] = [0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        for bytes in [little, big] {
            #expect(try TextFile.read(try directory.write(bytes, to: "text"), what: "text") == text)
            // Half a code unit, and half a turtle.
            for damaged in [bytes + [65], Array(bytes.dropLast(6))] {
                let path = try directory.write(damaged, to: "text")
                let message = errorMessage { try TextFile.read(path, what: "text") }
                #expect(message == "\(path): expected a text in UTF-16, as its byte order mark says, found other bytes")
            }
        }
        #expect(try TextFile.read(try directory.write([0xff, 0xfe], to: "text"), what: "text") == "")
    }

    @Test func tellsWhatIsNoText() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([65, 10, 0xff], to: "bytes")
        let message = errorMessage { try TextFile.read(path, what: "text") }
        #expect(message.hasPrefix("\(path): line 2, column 1: expected a text in UTF-8, found the byte 0xff, as in a text in Latin-1"))
        for (start, what) in [
            ([0x50, 0x4b, 3, 4, 20, 0], "a ZIP archive, to be unpacked first"),
            (
                Array("PK\u{3}\u{4}\(String(repeating: "\0", count: 22))\u{13}\0\0\0[Content_Types].xml".utf8),
                "a spreadsheet or document (.xlsx, .docx); save its table as CSV"
            ),
            ([0x1f, 0x8b, 8], "a file that is packed by gzip; gunzip unpacks it"),
            ([0xd0, 0xcf, 0x11, 0xe0, 0xa1], "an older spreadsheet or document (.xls, .doc); save its table as CSV"),
            (Array("%PDF-1.7".utf8), "a PDF file"),
        ] as [([UInt8], String)] {
            let other = try directory.write(start, to: "other")
            let found = errorMessage { try TextFile.read(other, what: "text") }
            #expect(found.hasPrefix("\(other): expected a text, found \(what)"), "\(found)")
        }
        // "a,b" in UTF-16 without a byte order mark, in both orders.
        for bytes in [[97, 0, 44, 0, 98, 0], [0, 97, 0, 44, 0, 98]] as [[UInt8]] {
            let other = try directory.write(bytes, to: "other")
            let found = errorMessage { try TextFile.read(other, what: "text") }
            #expect(found.hasPrefix("\(other): expected a text in UTF-8, or in UTF-16 with a byte order mark, found a zero"), "\(found)")
        }
        // These are texts, whatever was meant.
        for text in ["", "<html></html>", "version https://git-lfs.github.com/spec/v1\n", "7767517\n"] {
            #expect(try TextFile.read(try directory.write(Array(text.utf8), to: "text"), what: "text") == text)
        }
        let absent = directory.file("absent")
        #expect(errorMessage { try TextFile.read(absent, what: "latency table") } == "no latency table at \(absent)")
    }
}
