import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath train and onepath evaluate")
struct TrainTests {
    private let task: SmallTask

    init() throws { task = try SmallTask() }

    private func integer(_ json: JSON?) -> Int? {
        if case .integer(let value)? = json { value } else { nil }
    }

    @Test("train from scratch and from inherited weights, and tell the same accuracy of what is left")
    func trainAndEvaluate() throws {
        let scratch = try task.program(task.train("scratch", epochs: 20))
        #expect(scratch.status == 0, "\(scratch.error)")
        #expect(scratch.error.contains("step 400/400") && scratch.error.contains("  test "), "\(scratch.error)")
        #expect(scratch.output.contains("of 40 test images") && scratch.output.contains("scratch/weights.safetensors"))

        let inherited = try task.program(
            task.train("more", epochs: 2) + ["--inherit", "scratch", "--learning-rate", "0.001", "--json"])
        #expect(inherited.status == 0, "\(inherited.error)")
        let result = try inherited.json()
        let config = try JSON(contentsOf: task.directory.file("more/config.json"), what: "configuration")
        let source = AbsolutePath.of(task.directory.file("scratch/weights.safetensors"))
        #expect(config["schema"] == "onepath.training/1" && config["inherit"] == .string(source))
        #expect(config["configuration"]?["learning_rate_per_256"] == 0.001)
        let first = try String(contentsOfFile: task.directory.file("more/metrics.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try JSON(parsing: String($0), path: "metrics") }
        #expect(first.map { $0["step"] } == [20, 40] && first.allSatisfy { $0["test_accuracy"] != JSON.null })

        func evaluate(_ arguments: [String]) throws -> JSON {
            let outcome = try task.program(["evaluate", "--data", "images", "--json"] + arguments)
            #expect(outcome.status == 0, "\(outcome.error)")
            return try outcome.json()
        }
        let weights = ["--architecture", "more/architecture.json", "--weights", "more/weights.safetensors"]
        let evaluation = try evaluate(weights)
        for field in ["test_images", "correct", "correct_among_five"] {
            #expect(evaluation[field] == result["result"]?[field], "\(field)")
        }
        #expect(evaluation["schema"] == "onepath.evaluation/1" && evaluation["correct_among_five"] == 40)
        guard case .array(let rows)? = evaluation["confusion"] else {
            Issue.record("no confusion")
            return
        }
        let confusion = rows.map { row in
            if case .array(let counts) = row { counts.compactMap(integer) } else { [Int]() }
        }
        #expect(confusion.count == 4 && confusion.reduce(0) { $0 + $1.reduce(0, +) } == 40)
        #expect(confusion.indices.reduce(0) { $0 + confusion[$1][$1] } == integer(evaluation["correct"]))
        #expect((integer(evaluation["correct"]) ?? 0) > 20)

        for fold in [[], ["--fold"]] {
            let exported = try task.program(
                ["export", "--format", "onnx", "--output", "n.onnx"] + weights + fold)
            #expect(exported.status == 0, "\(exported.error)")
            let model = try evaluate(["--onnx", "n.onnx"])
            #expect(model["correct"] == evaluation["correct"] && model["confusion"] == evaluation["confusion"])
        }
        let resized = try task.program(["evaluate", "--data", "images", "--resolution", "16"] + weights)
        #expect(
            resized.status == 64
                && resized.error == "onepath: --resolution: expected 12x12x1, as the images of images test are, which are not "
                    + "resized, found 16x16x1\n", "\(resized.error)")
        let table = try task.program(["evaluate", "--data", "images"] + weights)
        #expect(table.status == 0 && table.output.contains("top-1") && table.output.contains("3 class 3"))
        #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("--optimizer sgd trains with its own usual settings; a run keeps its optimiser when it is resumed")
    func optimizer() throws {
        func configuration(_ name: String) throws -> JSON? {
            try JSON(contentsOf: task.directory.file("\(name)/config.json"), what: "configuration")["configuration"]
        }
        let plain = try task.program(task.train("plain", epochs: 12) + ["--optimizer", "sgd", "--json"])
        #expect(plain.status == 0, "\(plain.error)")
        let settings = try configuration("plain")
        #expect(settings?["optimizer"] == "sgd" && settings?["learning_rate_per_256"] == 0.1)
        #expect(settings?["learning_rate_schedule"] == "cosine")
        #expect(settings?["weight_decay"] == 0.0005 && settings?["sgd_momentum"] == 0.9 && settings?["sgd_nesterov"] == true)
        #expect(settings?["rmsprop_decay"] == nil)
        #expect((integer(try plain.json()["result"]?["correct"]) ?? 0) > 20)

        let own = ["--optimizer", "sgd", "--learning-rate", "0.05", "--weight-decay", "0.001"]
        let given = try task.program(task.train("given", epochs: 1) + own)
        #expect(given.status == 0, "\(given.error)")
        let others = try configuration("given")
        #expect(others?["learning_rate_per_256"] == 0.05 && others?["weight_decay"] == 0.001)
        let dry = try task.program(task.train("dry", epochs: 1) + own + ["--dry-run"])
        #expect(
            dry.status == 0
                && dry.output.contains("sgd, learning rate 0.05 per 256 images, cosine, weight decay 0.001"), "\(dry.output)")
        // The same optimiser again changes nothing that the run has; another one is refused.
        let again = try task.program(["train", "--resume", "--output", "given", "--optimizer", "sgd"])
        #expect(again.status == 0, "\(again.error)")
        let other = try task.program(["train", "--resume", "--output", "given", "--optimizer", "rmsprop"])
        #expect(other.status == 64 && other.error.contains(#"--optimizer: the run in given has "sgd", found "rmsprop""#), "\(other.error)")
    }

    @Test("a dry run tells steps, memory and time, and writes nothing")
    func dryRun() throws {
        for arguments in [task.search("dry"), task.train("dry")] {
            let text = try task.program(arguments + ["--dry-run"])
            #expect(text.status == 0, "\(text.error)")
            // A search holds a tenth of the images out.
            let isSearch = arguments[0] == "search", steps = isSearch ? 360 : 400
            for part in ["\(steps): 20 epochs of \(steps / 20), 16 images each", "memory", "MiB", "time", "Nothing was written."] {
                #expect(text.output.contains(part), "\(part)")
            }
            let json = try task.program(arguments + ["--dry-run", "--json"]).json()
            #expect(json["steps"] == .integer(steps) && json["threads"] == 2)
            try checkPhases(json, text: text.output, isSearch: isSearch)
        }
        #expect(try task.directory.names() == ["images", "network.json", "space.json"])
    }

    /// What a dry run tells of the phases of a run, as JSON and as a table.
    private func checkPhases(_ json: JSON, text: String, isSearch: Bool) throws {
        guard case .array(let phases)? = json["phases"] else {
            Issue.record("no phases in \(json)")
            return
        }
        let counts: [(name: String, count: Int, unit: String)] = isSearch
            ? [
                ("warm-up", 257, "steps"), ("search", 52, "steps"), ("candidates", 5, "networks"), ("fine-tune", 51, "steps"),
                ("evaluation", 40, "images"),
            ] : [("training", 400, "steps"), ("evaluation", 40 * 21, "images")]
        #expect(phases.map { $0["name"] } == counts.map { .string($0.name) })
        #expect(phases.map { $0["count"] } == counts.map { .integer($0.count) })
        #expect(phases.map { $0["unit"] } == counts.map { .string($0.unit) })
        var seconds = 0.0
        for phase in phases {
            guard case .number(let time)? = phase["seconds"], let memory = integer(phase["memory_bytes"]) else {
                Issue.record("no time or no memory in \(phase)")
                return
            }
            seconds += time
            #expect(time > 0 && memory > 0 && memory < integer(json["peak_memory_bytes"]) ?? 0)
        }
        guard case .number(let sum)? = json["seconds"] else {
            Issue.record("no time in \(json)")
            return
        }
        #expect(abs(seconds - sum) < 1e-9 * sum)
        let rows = text.split(separator: "\n").map { $0.split(separator: " ") }
        for (name, count, unit) in counts {
            #expect(rows.contains { $0.prefix(3) == [Substring(name), Substring("\(count)"), Substring(unit)] }, "\(text)")
        }
    }

    @Test("the memory that a dry run tells is what the run takes, within 5 %", arguments: ["search", "train"])
    func memory(command: String) throws {
        let directory = try TemporaryDirectory()
        var arguments = ["--data", "fashion-mnist", "--epochs", "1", "--train-examples", "600", "--batch", "150"]
        if command == "search" {
            arguments += ["--space", "fashion-mnist", "--device", "pixel1"]
        } else {
            let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
            try ArchitectureDocument(space.largest, provenance: nil).write(to: directory.file("a.json"))
            arguments += ["--architecture", directory.file("a.json")]
        }
        arguments = [command] + arguments + ["--output", directory.file("run"), "--threads", "2"]
        let told = try Program.run(arguments + ["--dry-run", "--json"]).json()["peak_memory_bytes"]
        let (status, bytes) = PeakMemory.of(arguments)
        #expect(status == 0)
        let predicted = try #require(integer(told))
        #expect(abs(Double(predicted) / Double(bytes) - 1) < 0.05, "\(predicted) for \(bytes)")
    }
}
