import Files
import Foundation
import Testing
import TestSupport

@Suite struct AbsolutePathTests {
    @Test func followsLinksAndDots() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([], to: "a")
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: "a")
        #expect(AbsolutePath.of(directory.file("link")) == AbsolutePath.of(path))
        #expect(AbsolutePath.of(directory.path + "/../" + AbsolutePath.baseName(directory.path) + "/a") == AbsolutePath.of(path))
    }

    @Test func ofWhatIsNotThereIsFromTheCurrentFolder() {
        #expect(AbsolutePath.of("/not/there") == "/not/there")
        #expect(AbsolutePath.of("not-there") == FileManager.default.currentDirectoryPath + "/not-there")
        #expect(AbsolutePath.of("") == "")
    }

    @Test func theBaseNameIsTheLast() {
        #expect(["/a/b.json", "b.json", "a/b.json/", "/"].map(AbsolutePath.baseName) == ["b.json", "b.json", "b.json", "/"])
    }
}
