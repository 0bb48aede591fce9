import Files
import Foundation
import Testing
import TestSupport

@Suite struct ProvenanceTests {
    @Test func readsBackWhatItWrites() throws {
        for seed in [nil, 0, UInt64(Int.max)] {
            let provenance = Provenance(
                command: "onepath search --seed 1", seed: seed, inputs: [.init(path: "a", sha256: "b")])
            #expect(try Provenance(json: JSONNode(provenance.json, path: "x")) == provenance)
        }
    }

    @Test func theDateIsNowInUTC() throws {
        let date = try Date(Provenance.now, strategy: .iso8601)
        #expect(abs(date.timeIntervalSinceNow) < 5)
    }

    @Test func anInputIsTheFileAsItIs() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([], to: "empty")
        #expect(
            try Provenance.Input(of: path).sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(throws: FileError.self) { try Provenance.Input(of: directory.file("absent")) }
    }

    @Test func tellsTheInputThatHasChanged() throws {
        let directory = try TemporaryDirectory()
        let paths = try ["a", "b"].map { try directory.write([1], to: $0) }
        let provenance = try Provenance(command: "x", seed: nil, files: paths)
        try provenance.checkInputs(.files(paths), of: "run")
        // Where no folder is kept, the name and the digest tell.
        try provenance.withoutFolders.checkInputs(.files(paths), of: "run")
        let other = try directory.write([1], to: "c")
        #expect(errorMessage { try provenance.checkInputs(.files([other]), of: "run in r") }
            == "\(other): expected a file that the run in r began with, found another")
        _ = try directory.write([2], to: "b")
        for kept in [provenance, provenance.withoutFolders] {
            let message = errorMessage { try kept.checkInputs(.files(paths), of: "run in r") }
            #expect(message.hasPrefix("\(paths[1]): expected the SHA-256 ") && message.contains("the run in r began"))
        }
        // The digest of a folder is that of a list of its files.
        let images = [Provenance.Input(path: directory.path, sha256: "0")]
        let folder = Provenance(command: "x", seed: nil, inputs: images)
        try folder.checkInputs(images, of: "run in r")
        #expect(errorMessage { try folder.checkInputs([.init(path: directory.path, sha256: "1")], of: "run in r") }
            == "\(directory.path): expected the same files as when the run in r began, with the same sizes and times, found others")
    }

    @Test func keepsInputsByThePathThatLeadsThereFromEverywhere() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([1], to: "a")
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: path)
        let provenance = try Provenance(command: "x", seed: nil, files: [directory.file("link"), directory.path + "/./a"])
        #expect(provenance.inputs.map(\.path) == [AbsolutePath.of(path), AbsolutePath.of(path)])
        #expect(provenance.isInput(path))
        let other = try directory.write([2], to: "b")
        #expect(!provenance.isInput(other) && !provenance.isInput(directory.file("absent")))
    }

    @Test func withoutFoldersKeepsNamesAndDigests() throws {
        let provenance = Provenance(
            command: CommandWords.text(of: ["/opt/onepath", "search", "--space", "/home/Jane Doe/my space.json", "--x=../y/z", "a"]),
            seed: 3, inputs: [.init(path: "/home/Jane Doe/my space.json", sha256: "s")])
        let shared = provenance.withoutFolders
        #expect(shared.command == "onepath search --space 'my space.json' --x=z a")
        #expect(shared.inputs == [.init(path: "my space.json", sha256: "s")])
        #expect(shared.seed == 3 && shared.date == provenance.date && shared.withoutFolders == shared)
    }
}
