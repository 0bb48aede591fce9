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
        try provenance.checkInputs(paths, of: "run")
        _ = try directory.write([2], to: "b")
        let message = errorMessage { try provenance.checkInputs(paths, of: "run in r") }
        #expect(message.hasPrefix("\(paths[1]): expected the SHA-256 ") && message.contains("the run in r began"))
    }
}
