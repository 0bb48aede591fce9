import Files
import Foundation
import Runs
import Testing
import TestSupport
import Training

@Suite("Checkpoints of a run")
struct CheckpointDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Takes a training up to a step, where it is stopped, with a checkpoint every four.
    private func carry(_ run: Trainer, in directory: RunDirectory, upTo step: Int) throws {
        let driver = RunDriver(run, in: directory, checkpointEvery: 4)
        while run.step < step, try driver.next() != nil {}
        try driver.stop()
    }

    @Test("two are kept, and a damaged one gives way to the one before")
    func kept() throws {
        let path = directory.file("run"), checkpoints = path + "/checkpoints"
        let run = try SmallRuns.training()
        do {
            let runDirectory = try RunDirectory(creating: path, configuration: [:])
            try carry(run, in: runDirectory, upTo: 14)
            #expect(run.step == 14)
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
            let driver = RunDriver(other, in: runDirectory, checkpointEvery: 1)
            while try driver.next() != nil {}
            #expect(other.step == other.steps)
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
            try carry(run, in: runDirectory, upTo: 14)
        }
        let metrics = try String(contentsOfFile: path + "/metrics.jsonl", encoding: .utf8)
        let lines = metrics.split(separator: "\n")
        try AtomicFile.write(lines.dropFirst().joined(separator: "\n") + "\n", to: path + "/metrics.jsonl")
        let other = try SmallRuns.training()
        let problem = invalidPlace { try RunDirectory(resuming: path, run: other, telling: { _ in }) }
        #expect(problem?.place == "line 1" && problem?.sentence.contains("expected step 4, found step 8") == true)
    }
}
