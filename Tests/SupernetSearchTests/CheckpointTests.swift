import Files
import Foundation
import SupernetSearch
import Testing
import TestSupport

@Suite("Checkpoint")
struct CheckpointTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A file of a checkpoint after some steps.
    private func file() throws -> (path: String, bytes: [UInt8]) {
        let training = try SmallRuns.training()
        try SmallRuns.run(training, upTo: 3)
        let path = directory.file("c")
        try training.checkpoint().write(to: path)
        return (path, try BinaryFile.read(path, what: "checkpoint"))
    }

    @Test("is two lines of JSON and the values, as documented")
    func format() throws {
        let (path, bytes) = try file()
        let newline = UInt8(ascii: "\n")
        let firstEnd = try #require(bytes.firstIndex(of: newline))
        let rest = bytes[(firstEnd + 1)...]
        let secondEnd = try #require(rest.firstIndex(of: newline))
        let first = try JSON(parsing: Array(bytes[..<firstEnd]), path: path)
        #expect(first["schema"] == "onepath.checkpoint/1" && first["bytes"] == .integer(rest.count))
        #expect(first["sha256"] == .string(FileDigest.sha256(of: [rest])))
        let second = try JSON(parsing: Array(rest[..<secondEnd]), path: path)
        #expect(second["kind"] == "training" && second["step"] == 3)
        #expect(second["settings"]?["configuration"]?["batch"] == 16)
        guard case .array(let tensors)? = second["tensors"], case .integer(let count)? = tensors[0]["count"] else {
            Issue.record("no tensors")
            return
        }
        // The first tensor is the stem's, whose values are those of the network.
        #expect(tensors[0]["name"] == "stem.convolution" && count == 36)
        let again = try SmallRuns.training()
        try again.restore(Checkpoint(contentsOf: path))
        let values = rest[(secondEnd + 1)...].prefix(4 * count)
        let stem = try again.network.weights["stem.convolution"]
        #expect(stem.flatMap { withUnsafeBytes(of: $0, Array.init) } == Array(values))
    }

    @Test("that is truncated or altered anywhere is refused with a sentence that names it")
    func damaged() throws {
        let (path, bytes) = try file()
        var random = SeededRandom(seed: 3)
        var places = Array(0..<400) + (0..<200).map { _ in random.below(bytes.count) }
        places.append(bytes.count - 1)
        for place in places {
            var changed = bytes
            changed[place] ^= 1 << random.below(8)
            for damaged in [changed, Array(bytes[..<place])] {
                _ = try directory.write(damaged, to: "c")
                let sentence = invalidPlace { try Checkpoint(contentsOf: path) }?.sentence
                #expect(sentence?.hasPrefix(path) == true, "byte \(place)")
            }
        }
        _ = try directory.write(bytes + [0], to: "c")
        #expect(invalidPlace { try Checkpoint(contentsOf: path) }?.sentence.contains("truncated or something") == true)
        for foreign in ["", "{}\n", "PK\u{3}\u{4}", "{\"schema\": \"onepath.run/1\"}\n"] {
            _ = try directory.write(Array(foreign.utf8), to: "c")
            #expect(invalidPlace { try Checkpoint(contentsOf: path) } != nil)
        }
    }

    @Test("two are kept, and a damaged one gives way to the one before")
    func kept() throws {
        let path = directory.file("run"), checkpoints = path + "/checkpoints"
        let run = try SmallRuns.training()
        do {
            let runDirectory = try RunDirectory(creating: path, configuration: [:])
            #expect(try !runDirectory.carry(run, checkpointEvery: 4, isToStop: { run.step == 14 }, report: { _ in }))
        }
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted() }
        #expect(try names() == ["step-00000012.checkpoint", "step-00000014.checkpoint"])

        let newest = checkpoints + "/step-00000014.checkpoint"
        let good = try BinaryFile.read(newest, what: "checkpoint")
        try AtomicFile.write(Array(good.dropLast()), to: newest)
        try AtomicFile.write([1], to: checkpoints + "/.onepath-1.tmp")
        var told: [String] = []
        let other = try SmallRuns.training()
        do {
            let runDirectory = try RunDirectory(resuming: path, run: other) { told.append("\($0)") }
            #expect(other.step == 12 && runDirectory.checkpoints.steps == [12])
            #expect(told.count == 1 && told[0].hasPrefix(newest), "\(told)")
            let lines = try JSONLines.read(runDirectory.metricsPath, what: "metrics") { $0.value["step"] }
            #expect(lines == [4, 8, 10, 12])
            #expect(try names() == ["step-00000012.checkpoint", "step-00000014.checkpoint"])
            #expect(try runDirectory.carry(other, checkpointEvery: 1, isToStop: { false }, report: { _ in }))
        }
        #expect(try names() == ["step-00000029.checkpoint", "step-00000030.checkpoint"])

        for name in try names() { try AtomicFile.write("nothing", to: "\(checkpoints)/\(name)") }
        let place = invalidPlace { try RunDirectory(resuming: path, run: other, telling: { _ in }) }
        #expect(place?.sentence.hasPrefix("\(checkpoints): none of the checkpoints in it can be read") == true)
    }

    @Test("a checkpoint whose metrics are gone is not gone on from")
    func metrics() throws {
        let path = directory.file("run")
        let run = try SmallRuns.training()
        do {
            let runDirectory = try RunDirectory(creating: path, configuration: [:])
            _ = try runDirectory.carry(run, checkpointEvery: 4, isToStop: { run.step == 14 }, report: { _ in })
        }
        let metrics = try String(contentsOfFile: path + "/metrics.jsonl", encoding: .utf8)
        let lines = metrics.split(separator: "\n")
        try AtomicFile.write(lines.dropFirst().joined(separator: "\n") + "\n", to: path + "/metrics.jsonl")
        let other = try SmallRuns.training()
        let problem = invalidPlace { try RunDirectory(resuming: path, run: other, telling: { _ in }) }
        #expect(problem?.place == "line 1" && problem?.sentence.contains("expected step 4, found step 8") == true)
    }
}
