import Architectures
import Datasets
import Exporter
import Files
import Foundation
import HardwareProfiles
import Runs
import SupernetSearch
import Testing
import TestSupport

/// Whatever lies in a run's folder, the run goes on, or one sentence says what is damaged.
@Suite("Damaged runs", .serialized)
struct DamagedRunTests {
    private let task: SmallTask
    private static let rounds = 1_000

    init() throws { task = try SmallTask() }

    // MARK: - The folders

    private func file(_ name: String) -> String { task.directory.file(name) }

    /// Searches to the end, as "whole".
    private func finish() throws {
        let outcome = try task.program(task.search("whole", epochs: 4))
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    /// Searches until there is a checkpoint, as "stopped".
    private func stop() throws {
        let outcome = try task.program(task.search("stopped"), interruptWhen: { task.newestStep(of: "stopped") >= 20 })
        #expect(outcome.status == 130, "\(outcome.error)")
    }

    /// The files of a run, those in its folders among them.
    private func files(of run: String) throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: file(run)).sorted()
        return all.filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: file("\(run)/\(name)"), isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }

    private func copy(_ run: String, as name: String) throws {
        try? FileManager.default.removeItem(atPath: file(name))
        try FileManager.default.copyItem(atPath: file(run), toPath: file(name))
    }

    /// The damage of one file: bytes changed, a document changed, or nothing left of it.
    private func damaged(_ name: String, _ bytes: [UInt8], _ random: inout SeededRandom) throws -> [UInt8] {
        func document(_ text: some Collection<UInt8>) throws -> [UInt8] {
            Array(try JSON(parsing: Array(text), path: name).mutated(&random).text(pretty: false).utf8)
        }
        let isChanged = random.below(5) > 0
        if name.hasSuffix(".json"), isChanged { return try document(bytes) }
        if name.hasSuffix(".jsonl"), isChanged {
            var lines = bytes.split(separator: UInt8(ascii: "\n"))
            let line = random.below(lines.count)
            switch random.below(6) {
            case 0: lines.remove(at: line)
            case 1: lines.swapAt(line, 0)
            case 2: lines.append(lines[line])
            default: lines[line] = try document(lines[line])[...]
            }
            return Array(lines.map { $0 + [UInt8(ascii: "\n")] }.joined())
        }
        return random.below(30) == 0 ? [] : Mutations.damaged(bytes, &random)
    }

    // MARK: - Reading

    /// The readers of a finished run.
    private func read(_ path: String) throws {
        _ = try RunSummary(contentsOf: path).json.text(pretty: true)
        let record = try RunRecord(contentsOf: path)
        _ = record.phases
        _ = try RunDirectory.decision(ofRunIn: path)?.json.text(pretty: false)
        let architecture = try ArchitectureDocument(contentsOf: record.architecturePath).architecture
        _ = architecture.network.macs
        _ = try WeightsFile(contentsOf: RunDirectory.weightsPath(in: path), for: architecture)
    }

    @Test("are read, or refused with a sentence that names one of their files")
    func reading() throws {
        try finish()
        try read(file("whole"))
        let names = try files(of: "whole")
        for name in ["config.json", "metrics.jsonl", "result.json", "architecture.json", "weights.safetensors"] {
            #expect(names.contains(name))
        }
        var random = SeededRandom(seed: 1)
        for name in names where !name.contains("tfevents") && !name.contains("checkpoint") {
            try copy("whole", as: "run")
            let bytes = try BinaryFile.read(file("run/\(name)"), what: "file")
            var refused = 0
            for round in 0..<Self.rounds {
                try Mutations.replace(file("run/\(name)"), by: damaged(name, bytes, &random))
                do {
                    try read(file("run"))
                } catch let error as FileError {
                    refused += 1
                    if !error.description.contains(file("run")) { Issue.record("\(name), round \(round): \(error)") }
                }
            }
            #expect(refused > Self.rounds / 10 && refused < Self.rounds, "\(name): \(refused)")
        }
    }

    // MARK: - Going on

    /// What `search --resume` does with a folder before its first step.
    private func resume(_ path: String) throws {
        let plan = try SearchPlan(run: path)
        let images = try ImageDataSource(named: file("images"), classes: 4)
        let search = try Search(
            space: SearchSpace(contentsOf: file("space.json")),
            costModel: CostModel(device: DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))),
            trainingImages: images.training.prefix(min(plan.images.count, images.training.count)),
            configuration: plan.configuration)
        let directory = try RunDirectory(resuming: path, run: search, telling: { _ in })
        let events = try EventFile(resuming: directory.path, after: search.step)
        try events.append(step: search.step, scalars: [("loss", 1)])
    }

    @Test("are gone on with, or refused with a sentence that names one of their files")
    func resuming() throws {
        try stop()
        var random = SeededRandom(seed: 2)
        for name in try files(of: "stopped") {
            let bytes = try BinaryFile.read(file("stopped/\(name)"), what: "file")
            for round in 0..<60 {
                try copy("stopped", as: "run")
                try Mutations.replace(file("run/\(name)"), by: damaged(name, bytes, &random))
                do {
                    try resume(file("run"))
                } catch let error as FileError {
                    if !error.description.contains(file("run")) { Issue.record("\(name), round \(round): \(error)") }
                }
            }
        }
    }

    @Test("whose newest checkpoint holds extreme numbers under a digest that is right are refused, or gone on with")
    func forged() throws {
        try stop()
        let last = try #require(task.checkpoints(of: "stopped").last)
        let bytes = try BinaryFile.read(file("stopped/checkpoints/\(last)"), what: "checkpoint")
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        let header = try JSON(parsing: Array(parts[1]), path: last)
        var random = SeededRandom(seed: 3)
        var refused = 0
        for round in 0..<200 {
            try copy("stopped", as: "run")
            let rest = Array(header.mutated(&random).text(pretty: false).utf8) + [UInt8(ascii: "\n")] + parts[2]
            let first: JSON = [
                "schema": "onepath.checkpoint/1", "bytes": .integer(rest.count),
                "sha256": .string(FileDigest.sha256(of: [rest[...]])),
            ]
            try Mutations.replace(
                file("run/checkpoints/\(last)"), by: Array((first.text(pretty: false) + "\n").utf8) + rest)
            do {
                try resume(file("run"))
            } catch let error as FileError {
                refused += 1
                if !error.description.contains(file("run")) { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > 20)
    }

    // MARK: - The program

    /// A folder in the place of a file, a file of another kind under its name, or none.
    private enum Misplacement: CaseIterable { case removed, folder, empty, other }

    private func misplace(_ name: String, _ how: Misplacement) throws {
        let path = file("run/\(name)")
        try FileManager.default.removeItem(atPath: path)
        switch how {
        case .removed: break
        case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        case .empty: try Data().write(to: URL(fileURLWithPath: path))
        case .other: try Data([0x50, 0x4B, 3, 4, 0, 0xFF]).write(to: URL(fileURLWithPath: path))
        }
    }

    private func expectSentence(_ arguments: [String], _ what: String) throws {
        let outcome = try task.program(arguments)
        #expect(!outcome.isKilled && [0, 65, 66, 73].contains(outcome.status), "\(what): \(outcome.status) \(outcome.error)")
        if outcome.status != 0 {
            let sentences = outcome.error.split(separator: "\n").filter { $0.hasPrefix("onepath: ") }
            #expect(!sentences.isEmpty && outcome.error.contains("run/"), "\(what): \(outcome.error)")
        }
    }

    private static let readers = [
        ["show", "run", "run"], ["show", "run", "run", "--json"],
        ["export", "--run", "run", "--device", "pixel1", "--format", "html", "--output", "report.html"],
        [
            "evaluate", "--architecture", "run/architecture.json", "--weights", "run/weights.safetensors", "--data", "images",
            "--json",
        ],
    ]

    @Test("end every command with a sentence and its exit code, or nothing amiss")
    func commands() throws {
        try finish()
        var random = SeededRandom(seed: 4)
        for name in try files(of: "whole") where !name.contains("checkpoint") && !name.contains("tfevents") {
            let bytes = try BinaryFile.read(file("whole/\(name)"), what: "file")
            for _ in 0..<6 {
                try copy("whole", as: "run")
                try Mutations.replace(file("run/\(name)"), by: damaged(name, bytes, &random))
                try expectSentence(random.element(of: Self.readers), name)
            }
        }
        try stop()
        for name in try files(of: "stopped") {
            for how in Misplacement.allCases {
                try copy("stopped", as: "run")
                try misplace(name, how)
                try expectSentence(["search", "--resume", "--output", "run"], "\(name) \(how)")
            }
        }
    }
}
