import Files
import Testing
import TestSupport

@Suite struct TextFileTests {
    @Test func readsWhatIsThere() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("größe\r\n".utf8), to: "text")
        #expect(try TextFile.read(path, what: "text") == "größe\r\n")
    }

    @Test func tellsWhatIsNoText() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([65, 10, 0xff], to: "bytes")
        #expect(errorMessage { try TextFile.read(path, what: "text") } == "\(path): line 2, column 1: not UTF-8")
        let absent = directory.file("absent")
        #expect(errorMessage { try TextFile.read(absent, what: "latency table") } == "no latency table at \(absent)")
    }
}
