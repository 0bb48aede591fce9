import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath train --freeze and --depth-decay")
struct FineTuningTests {
    private let task: SmallTask

    init() throws {
        task = try SmallTask()
        let first = try task.program(task.train("first", epochs: 2))
        #expect(first.status == 0, "\(first.error)")
    }

    private func tune(_ name: String, _ more: [String], epochs: Int = 2) -> [String] {
        task.train(name, epochs: epochs) + ["--inherit", "first"] + more
    }

    private func weights(of run: String) throws -> TrainedWeights {
        let architecture = try Architecture(contentsOf: task.directory.file("\(run)/architecture.json"))
        return try WeightsFile(contentsOf: task.directory.file("\(run)/weights.safetensors"), for: architecture).weights
    }

    private func configuration(of run: String) throws -> JSON? {
        try JSON(contentsOf: task.directory.file("\(run)/config.json"), what: "configuration")["configuration"]
    }

    @Test("keeps the bits of the inherited file up to a stage, and tells what it kept")
    func freezes() throws {
        let outcome = try task.program(tune("run", ["--freeze", "stage1", "--depth-decay", "0.8"]))
        #expect(outcome.status == 0, "\(outcome.error)")
        let before = try weights(of: "first"), after = try weights(of: "run")
        let tensors = before.architecture.weightTensors
        let frozen = tensors.filter { tensor in ["stem.", "stage1."].contains { tensor.name.hasPrefix($0) } }
        #expect(frozen.count == 5 + 2 * 15)
        for tensor in tensors {
            let isSame = before[tensor.name].map(\.bitPattern) == after[tensor.name].map(\.bitPattern)
            #expect(isSame == frozen.contains(tensor), "\(tensor.name)")
        }
        let kept = frozen.filter(\.role.isTrained).reduce(0) { $0 + $1.count }
        let all = tensors.filter(\.role.isTrained).reduce(0) { $0 + $1.count }
        let told = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        func grouped(_ count: Int) -> String {
            count < 1000 ? "\(count)" : "\(count / 1000),\(String("\(1000 + count % 1000)".dropFirst()))"
        }
        #expect(
            told.contains("Frozen: stem to stage1.2, 3 of 7 layers with \(grouped(kept)) of \(grouped(all)) weights. The weights"),
            "\(outcome.output)")
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let settings = try configuration(of: "run")
        #expect(settings?["freeze"] == "stage1" && settings?["depth_decay"] == 0.8)
        let plain = try configuration(of: "first")
        #expect(plain != nil && plain?["freeze"] == nil && plain?["depth_decay"] == nil)

        // What is finished tells it again.
        let again = try task.program(["train", "--resume", "--output", "run", "--json"]).json()
        #expect(again["frozen"]?["layers"] == ["stem", "stage1.1", "stage1.2"])
        #expect(again["frozen"]?["parameters"] == .integer(kept))
        #expect(again["frozen"]?["parameters_of_network"] == .integer(all))
        #expect(try task.program(["train", "--resume", "--output", "first", "--json"]).json()["frozen"] == JSON.null)
    }

    @Test("interrupted and resumed, leaves what a run does that was left alone")
    func resumes() throws {
        let more = ["--freeze", "stage2.1", "--depth-decay", "0.7"]
        let alone = try task.program(tune("alone", more, epochs: 20))
        #expect(alone.status == 0, "\(alone.error)")
        let stopped = try task.program(
            tune("stopped", more, epochs: 20), interruptWhen: { task.newestStep(of: "stopped") >= 20 })
        #expect(stopped.status == 130, "\(stopped.error)")
        for (flags, says) in [
            (["--freeze", "stage1"], #"--freeze: the run in stopped has "stage2.1", found "stage1""#),
            (["--depth-decay", "0.6"], "--depth-decay: the run in stopped has 0.7, found 0.6"),
            (["--depth-decay", "1"], "--depth-decay: the run in stopped has 0.7, found none"),
        ] {
            let refused = try task.program(["train", "--resume", "--output", "stopped"] + flags)
            #expect(refused.status == 64 && refused.error.contains(says), "\(refused.error)")
        }
        let resumed = try task.program(["train", "--resume", "--output", "stopped"] + more)
        #expect(resumed.status == 0, "\(resumed.error)")
        let expected = try task.outcome(of: "alone"), found = try task.outcome(of: "stopped")
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    }

    @Test("refuses what cannot be, with one sentence, and writes nothing")
    func refuses() throws {
        let stages = "a stage of small, largest (stem, stage1, stage2, head) or the name of a layer"
        let cases: [([String], String)] = [
            (tune("bad", ["--freeze", "stage3"]), "--freeze: expected \(stages), found stage3"),
            (tune("bad", ["--freeze", "classifier"]), "--freeze: expected \(stages), found classifier"),
            (tune("bad", ["--freeze", ""]), "--freeze: expected \(stages), found nothing"),
            (
                task.train("bad") + ["--freeze", "stage1"],
                "--freeze: expected weights to inherit, because random ones that are not trained are of no use, found none"
            ),
            (tune("bad", ["--depth-decay", "0"]), "--depth-decay: expected a number above 0 and at most 1, found 0.0"),
            (tune("bad", ["--depth-decay", "1.1"]), "--depth-decay: expected a number above 0 and at most 1, found 1.1"),
            (tune("bad", ["--depth-decay", "nan"]), "--depth-decay: expected a number above 0 and at most 1, found nan"),
            (task.search("bad") + ["--freeze", "stage1"], "--freeze"),
            (task.search("bad") + ["--depth-decay", "0.5"], "--depth-decay"),
        ]
        for (arguments, says) in cases {
            let outcome = try task.program(arguments)
            #expect(outcome.status == 64 && outcome.error.contains(says), "\(arguments.suffix(4)): \(outcome.error)")
            #expect(outcome.error.split(separator: "\n").filter { $0.contains("expected") }.count <= 1)
        }
        #expect(try !task.directory.names().contains("bad"))
    }

    @Test("names the place in config.json where a run to resume cannot freeze that")
    func damagedRun() throws {
        let stopped = try task.program(
            tune("run", ["--freeze", "stage1"], epochs: 20), interruptWhen: { task.newestStep(of: "run") >= 20 })
        #expect(stopped.status == 130)
        let path = task.directory.file("run/config.json")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let inherited = text.split(separator: "\n").first { $0.contains(#""inherit":"#) } ?? ""
        for (old, new, says) in [
            (#""freeze": "stage1""#, #""freeze": "stage7""#, "found stage7"),
            (#""freeze": "stage1""#, #""freeze": 1"#, "expected"),
            (String(inherited), #"  "inherit": null,"#, "expected weights to inherit"),
        ] {
            let damaged = text.replacing(old, with: new)
            #expect(damaged != text)
            try damaged.write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = try task.program(["train", "--resume", "--output", "run"])
            #expect(outcome.status == 65, "\(outcome.error)")
            #expect(outcome.error.contains("config.json: /configuration/freeze: ") && outcome.error.contains(says), "\(outcome.error)")
        }
    }

    @Test("a dry run tells what is frozen, and that it takes less memory")
    func dryRun() throws {
        func dry(_ more: [String]) throws -> JSON {
            let outcome = try task.program(tune("dry", more + ["--dry-run", "--json"]))
            #expect(outcome.status == 0, "\(outcome.error)")
            return try outcome.json()
        }
        let whole = try dry([]), part = try dry(["--freeze", "head"])
        #expect(whole["frozen"] == nil)
        guard case .string(let text)? = part["frozen"] else {
            Issue.record("\(part)")
            return
        }
        #expect(text.hasPrefix("stem to head, 6 of 7 layers with "))
        func memory(_ json: JSON) -> Int {
            if case .array(let phases)? = json["phases"], case .integer(let bytes)? = phases.first?["memory_bytes"] { bytes } else { 0 }
        }
        #expect(memory(part) < memory(whole) && memory(part) > 0)
        #expect(try !task.directory.names().contains("dry"))
    }
}
