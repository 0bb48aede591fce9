import Files
import Testing
import TestSupport

@Suite struct FileDigestTests {
    /// Messages and digests of FIPS 180-4's examples, and one longer than any buffer.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func givesThePublishedDigests(text: String, times: Int, digest: String) throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        try AtomicFile.write(String(repeating: text, count: times), to: file)
        #expect(try FileDigest.sha256(of: file) == digest)
        #expect(FileDigest.sha256(ofText: String(repeating: text, count: times)) == digest)
    }

    @Test func tellsAMissingFile() throws {
        let directory = try TemporaryDirectory()
        let absent = directory.file("absent")
        #expect(errorMessage { try FileDigest.sha256(of: absent) } == "no file at \(absent)")
        #expect(
            errorMessage { try FileDigest.sha256(of: directory.path) }
                == "cannot read \(directory.path): Is a directory")
    }

    @Test func ofPartsIsThatOfTheWhole() {
        let bytes = Array("abcdefg".utf8)
        #expect(FileDigest.sha256(of: [bytes[..<2], [], bytes[2...]]) == FileDigest.sha256(ofText: "abcdefg"))
    }
}
