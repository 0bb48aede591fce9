import Files
import Foundation
import Runs
import SupernetSearch
import Testing
import TestSupport

@Suite("Run directory")
struct RunDirectoryTests {
    private static let plan = SearchPlan(
        space: RunInput(name: "s", source: "./s.json"), device: RunInput(name: "d", source: "d"),
        images: RunImages(data: "i", count: 7),
        configuration: SearchConfiguration(), checkpointInterval: 200,
        provenance: Provenance(command: "onepath search", seed: 0, inputs: []))

    private func create(_ path: String) throws -> RunDirectory {
        try RunDirectory(creating: path, configuration: Self.plan.json)
    }

    @Test("is made with the directories above it, and holds the configuration")
    func creation() throws {
        let temporary = try TemporaryDirectory()
        let directory = try create(temporary.file("a/b/run"))
        let config = try JSON(contentsOf: directory.configurationPath, what: "configuration")
        #expect(config["schema"] == "onepath.run/1" && config["train_examples"] == 7)
        #expect(config["configuration"]?["keep_probability"] == 0.6)
        #expect(config["configuration"]?["lambda"] == .number(SearchConfiguration().lambda))
        #expect(FileManager.default.fileExists(atPath: directory.metricsPath))
    }

    @Test("that holds another run is left alone", arguments: ["config.json", "metrics.jsonl", "architecture.json"])
    func another(name: String) throws {
        let temporary = try TemporaryDirectory()
        let old = try temporary.write(Array("old".utf8), to: name)
        #expect {
            _ = try create(temporary.path)
        } throws: { error in
            "\(error)" == "cannot write \(temporary.path): it holds another run (\(name)); "
                + "resume that with --resume, give a new directory, or remove it"
        }
        #expect(try temporary.names() == [name])
        #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
    }

    @Test("may exist and hold other things")
    func existing() throws {
        let temporary = try TemporaryDirectory()
        _ = try temporary.write([1], to: "notes")
        _ = try create(temporary.path)
        #expect(try temporary.names() == ["config.json", "metrics.jsonl", "notes"])
    }

    @Test("cannot stand where a file does, nor below one")
    func impossible() throws {
        let temporary = try TemporaryDirectory()
        let file = try temporary.write([1], to: "file")
        for path in [file, file + "/run"] {
            #expect {
                _ = try create(path)
            } throws: { error in
                guard case .cannotWrite(path, _) = error as? FileError else { return false }
                return true
            }
        }
        #expect(try temporary.names() == ["file"])
    }

    @Test("says beforehand whether it could be made, and makes nothing")
    func creatable() throws {
        let temporary = try TemporaryDirectory()
        for name in ["run", "a/b/run"] { try RunDirectory.checkCreatable(temporary.file(name)) }
        try RunDirectory.checkCreatable("run-in-the-current-directory")
        #expect(try temporary.names() == [])
        let file = try temporary.write([1], to: "file")
        for path in [file, file + "/run"] {
            #expect(throws: FileError.self) { try RunDirectory.checkCreatable(path) }
        }
        _ = try create(temporary.file("old"))
        #expect(throws: FileError.self) { try RunDirectory.checkCreatable(temporary.file("old")) }
    }

    @Test("of a finished run says which part of its network is not there")
    func network() throws {
        let temporary = try TemporaryDirectory()
        for name in ["architecture.json", "weights.safetensors"] {
            let found = invalidPlace { try RunDirectory.checkNetwork(ofRunIn: temporary.path) }
            #expect(found?.sentence.contains(": expected \(name) of") == true)
            _ = try temporary.write([1], to: name)
        }
        try RunDirectory.checkNetwork(ofRunIn: temporary.path)
    }

    @Test("is worked in by one program at a time")
    func lock() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.file("run")
        let directory = try create(path)
        #expect {
            _ = try RunDirectory(resuming: path, run: SmallRuns.training(), telling: { _ in })
        } throws: { "\($0)".contains("another program is at work in it") }
        withExtendedLifetime(directory) {}
    }
}
