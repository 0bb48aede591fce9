import Architectures
import Exporter
import Files
import Foundation
import TestSupport

/// A directory with what runs of a test need, and with the runs.
protocol TaskDirectory {
    var directory: TemporaryDirectory { get }
}

extension TaskDirectory {
    /// The names of a run's checkpoints.
    func checkpoints(of run: String) -> [String] {
        let path = directory.file("\(run)/checkpoints")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".checkpoint") }.sorted()
    }

    /// The step of a run's newest checkpoint; 0 where there is none yet.
    func newestStep(of run: String) -> Int {
        checkpoints(of: run).last.flatMap { Int($0.dropFirst("step-".count).dropLast(".checkpoint".count)) } ?? 0
    }

    /// What a finished run left, without dates, commands and speed: equal for two runs that did the same.
    func outcome(of run: String) throws -> [String: [UInt8]] {
        func file(_ name: String) -> String { directory.file("\(run)/\(name)") }
        func document(_ name: String) throws -> [UInt8] {
            guard case .object(let members) = try JSON(contentsOf: file(name), what: name) else { return [] }
            return Array(JSON.object(members.filter { $0.key != "provenance" }).text(pretty: false).utf8)
        }
        let metrics = try String(contentsOfFile: file("metrics.jsonl"), encoding: .utf8)
            .replacing(#/"images_per_second": ?[0-9.e+-]+/#, with: "")
        let architecture = try Architecture(contentsOf: file("architecture.json"))
        let weights = try WeightsFile(contentsOf: file("weights.safetensors"), for: architecture).weights
        var outcome = [
            "architecture.json": try document("architecture.json"), "result.json": try document("result.json"),
            "metrics.jsonl": Array(metrics.utf8),
            "weights": architecture.weightTensors.flatMap { tensor in
                weights[tensor.name].flatMap { withUnsafeBytes(of: $0.bitPattern, Array.init) }
            },
        ]
        // The last one holds all of the state, and no date.
        if let last = checkpoints(of: run).last {
            outcome[last] = try BinaryFile.read(file("checkpoints/\(last)"), what: "checkpoint")
        }
        return outcome
    }
}
