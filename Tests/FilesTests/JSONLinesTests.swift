import Files
import Foundation
import Testing
import TestSupport

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

    @Test func goesOnAfterTheLastWholeLine() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("lines")
        #expect(try JSONLines.resume(path).documents.isEmpty)
        let (begun, _) = try JSONLines.resume(path)
        try begun.append(["step": 1])
        try begun.append(["step": 2])
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for torn in ["", "{", "{\"step\": 3}", "\u{0}"] {
            try (whole + Data(torn.utf8)).write(to: URL(fileURLWithPath: path))
            let (lines, documents) = try JSONLines.resume(path)
            #expect(documents.map(\.value) == [["step": 1], ["step": 2]])
            try lines.append(["step": 4])
            try lines.synchronize()
            #expect(try JSONLines.resume(path).documents.map(\.value) == [["step": 1], ["step": 2], ["step": 4]])
        }
    }

    @Test func namesTheLineThatIsNoDocument() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("{}\n\n{}\n".utf8), to: "lines")
        #expect(errorMessage { try JSONLines.resume(path) }.hasPrefix("\(path): line 2: not JSON"))
    }

    @Test func cutsOffWhatIsNotKept() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("lines")
        let text = (1...5).map { "{\"step\": \($0)}\n" }.joined()
        for (kept, rest) in [(5, text), (3, text), (0, text), (2, text + "{\"ste")] {
            _ = try directory.write(Array(rest.utf8), to: "lines")
            let (lines, documents) = try JSONLines.resume(path) { node in
                if case .integer(let step)? = node.value["step"] { step <= kept } else { false }
            }
            #expect(documents.count == kept)
            try lines.append(["step": 9])
            let expected = (1...5).prefix(kept).map { "{\"step\": \($0)}\n" }.joined() + "{\"step\": 9}\n"
            #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        }
    }

    @Test func tellsThatTheFileIsGone() throws {
        let directory = try TemporaryDirectory()
        let lines = try JSONLines(creating: directory.file("lines"))
        try lines.append(["step": 1])
        try FileManager.default.removeItem(atPath: directory.file("lines"))
        #expect(
            errorMessage { try lines.append(["step": 2]) }
                == "cannot write \(directory.file("lines")): somebody has removed it")
    }
}
