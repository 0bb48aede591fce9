import Foundation
import JSONDocuments
import TestSupport
import Testing

@Suite struct JSONLinesTests {
    @Test func everyLineIsInTheFileAtOnce() throws {
        let directory = try TemporaryDirectory()
        let lines = try JSONLines(creating: directory.file("lines"))
        var expected = ""
        for index in 0..<3 {
            try lines.append(["step": .integer(index), "loss": 0.5])
            expected += "{\"step\":\(index),\"loss\":0.5}\n"
            let found = try String(contentsOfFile: directory.file("lines"), encoding: .utf8)
            #expect(found.replacing(" ", with: "") == expected)
        }
    }

    @Test func aFileThatIsThereIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([65], to: "lines")
        #expect(throws: FileError.cannotWrite(path: path, reason: "File exists")) { try JSONLines(creating: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([65]))
    }
}
