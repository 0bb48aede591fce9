import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath search")
struct SearchTests {
    private func arguments(output: String, _ more: [String] = []) -> [String] {
        [
            "search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output", output,
            "--epochs", "2", "--train-examples", "1422", "--batch", "64", "--threads", "2", "--candidates", "5",
        ] + more
    }

    private func lines(_ path: String) throws -> [JSON] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0), path: path)
        }
    }

    @Test("leaves configuration, metrics and an architecture that can be estimated; and does not write over them")
    func results() throws {
        let directory = try TemporaryDirectory()
        let run = directory.file("run")
        let outcome = try Program.run(arguments(output: run))
        #expect(outcome.status == 0, "\(outcome.error)")
        let wide = outcome.output.split(separator: "\n").filter { $0.count > 80 && !$0.contains(run) }
        #expect(wide.isEmpty)
        for part in [
            "stage1.1", "found", "largest", "smallest", "modelled", "Top-1 with the weights that it inherits", "test images",
            "\(run)/architecture.json",
        ] {
            #expect(outcome.output.contains(part), "\(part)")
        }
        let certainty = #/n the last tenth of the search phase the selection changed in \d+ of \d+ steps/#
        #expect(outcome.output.replacing("\n", with: " ").contains(certainty), "\(outcome.output)")
        #expect(outcome.error.contains("step 40/40") && outcome.error.contains("img/s"), "\(outcome.error)")
        #expect(outcome.error.split(separator: "\n").count { $0.hasPrefix("ranking candidates  5/5") } == 1, "\(outcome.error)")

        let config = try JSON(contentsOf: run + "/config.json", what: "configuration")
        #expect(config["configuration"]?["batch"] == 64 && config["train_examples"] == 1422)
        let metrics = try lines(run + "/metrics.jsonl")
        #expect(metrics.map { $0["step"] } == [20, 34, 40])
        let architecture = try Architecture(contentsOf: run + "/architecture.json")
        let weights = try WeightsFile(contentsOf: run + "/weights.safetensors", for: architecture)
        #expect(weights.imageMean?.count == 1 && weights.imageDeviation?.count == 1)
        #expect(weights.provenance?.command.contains("search") == true && weights.provenance?.seed == 0)
        let estimate = try Program.run(
            ["estimate", "--architecture", run + "/architecture.json", "--device", "pixel1", "--json"])
        guard case .number(let estimated) = try estimate.json()["latency_ms"],
            case .number(let runtime) = metrics[2]["runtime_ms"]
        else {
            Issue.record("no latencies")
            return
        }
        #expect(abs(estimated - runtime) <= 1e-6 * estimated)

        let result = try JSON(contentsOf: run + "/result.json", what: "result")
        guard case .integer(let correct) = result["correct"] else {
            Issue.record("no result")
            return
        }
        #expect(result["test_images"] == 10_000 && outcome.output.contains("\((Double(correct) / 100).fixed(2)) %"))
        #expect(result["provenance"]?["seed"] == 0)
        try report(of: run, in: directory, correct: correct, latencyMs: estimated)
        try show(run, correct: correct)

        let files = ["config.json", "metrics.jsonl", "architecture.json", "weights.safetensors", "result.json"]
        let before = try files.map {
            try Data(contentsOf: URL(fileURLWithPath: "\(run)/\($0)"))
        }
        let again = try Program.run(arguments(output: run))
        #expect(again.status == 73 && again.error.contains("holds another run"), "\(again.error)")
        let after = try files.map {
            try Data(contentsOf: URL(fileURLWithPath: "\(run)/\($0)"))
        }
        #expect(before == after)
    }

    /// The report of a run tells what the run came to, and refuses a run whose metrics are damaged.
    private func report(of run: String, in directory: TemporaryDirectory, correct: Int, latencyMs: Double) throws {
        func export(_ format: String, _ more: [String] = []) throws -> (outcome: Program.Outcome, text: String) {
            let path = directory.file("report.\(format)")
            let outcome = try Program.run(["export", "--run", run, "--format", format, "--output", path] + more)
            return (outcome, (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        }
        let page = try export("html")
        #expect(page.outcome.status == 0 && page.outcome.output.contains("report.html"), "\(page.outcome.error)")
        for part in [
            "\((Double(correct) / 100).fixed(2)) %", "\(latencyMs.significant(3)) ms", "fashion-mnist-pixel1",
            "the largest", "the smallest", "cross-entropy-title", "indicators-title", "train-images-idx3-ubyte",
            "warm-up", "stage3.4",
        ] {
            #expect(page.text.contains(part), "\(part)")
        }
        let pictures = try export("svg")
        #expect(pictures.outcome.status == 0, "\(pictures.outcome.error)")
        #expect(pictures.text.contains("runtime-title") && pictures.text.contains("latency-title"))

        let damaged = directory.file("damaged")
        try FileManager.default.copyItem(atPath: run, toPath: damaged)
        let metrics = try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8)
        try AtomicFile.write(metrics.replacing("\"step\": 40", with: "\"step\": -40"), to: damaged + "/metrics.jsonl")
        let refused = try Program.run([
            "export", "--run", damaged, "--format", "html", "--output", directory.file("damaged.html"),
        ])
        #expect(refused.status == 65)
        #expect(refused.error == "onepath: \(damaged)/metrics.jsonl: line 3, /step: expected an integer from 35 to "
            + "1000000000000, found -40\n")
        #expect(try directory.names() == ["damaged", "report.html", "report.svg", "run"])
    }

    /// Where the run stands is told for people and as JSON.
    private func show(_ run: String, correct: Int) throws {
        let shown = try Program.run(["show", "run", run])
        #expect(shown.status == 0, "\(shown.error)")
        #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains(run.suffix(20)) })
        for part in [
            "finished: step 40 of 40, epoch 2 of 2", "1,422", "cross-entropy", "latency ms", "stage3.4",
            "\((Double(correct) / 100).fixed(2)) % of 10,000",
        ] {
            #expect(shown.output.contains(part), "\(part)")
        }
        let json = try Program.run(["show", "run", run, "--json"]).json()
        #expect(json["state"] == "finished" && json["phase"] == "fine_tune" && json["ranking"] == JSON.null)
        #expect(json["result"]?["correct"] == .integer(correct))
        guard case .array(let layers)? = json["selection"]?["layers"] else {
            Issue.record("no layers in \(json)")
            return
        }
        // The present choice of every layer is that of the architecture.
        let architecture = try Architecture(contentsOf: run + "/architecture.json")
        let choices = architecture.network.layers.filter(\.isSearchable).map { JSON.string($0.choice) }
        #expect(layers.map { $0["choice"] } == choices)
        #expect(try Program.run(["show", "run"]).status == 64)
        #expect(try Program.run(["show", "devices", run]).status == 64)
        #expect(try Program.run(["show", "run", run + "/none"]).status == 66)
    }

    @Test("tells multiply-accumulates of several devices once, because they are the same on all")
    func macsOfSeveralDevices() throws {
        let task = try SmallTask()
        let outcome = try task.program(
            task.search("run", epochs: 1) + ["--device", "pixel4", "--target-macs", "1000", "--target-latency", "1000"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        let macs = lines.filter { $0.contains("million of 1000.0 million macs") }
        #expect(macs.count == 1 && macs.allSatisfy { !$0.contains("pixel") }, "\(outcome.output)")
        #expect(lines.filter { $0.contains("ms of 1000.0 ms latency on pixel") }.count == 2)
    }

    @Test("with the same seed writes the same bytes, dates and speed aside")
    func repeatable() throws {
        func outcome() throws -> (architecture: String, metrics: String, result: JSON) {
            let directory = try TemporaryDirectory()
            for name in ["searchspaces", "devices"] {
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file(name), withDestinationPath: "\(ShippedFiles.root)/\(name)")
            }
            let outcome = try Program.run(arguments(output: "run", ["--json", "--seed", "3"]), in: directory.path)
            func text(_ name: String, without field: Regex<Substring>) throws -> String {
                try String(contentsOfFile: directory.file("run/\(name)"), encoding: .utf8).replacing(field, with: "")
            }
            return (
                try text("architecture.json", without: #/"date": "[^"]*"/#),
                try text("metrics.jsonl", without: #/"images_per_second": ?[0-9.e+-]+/#), try outcome.json()
            )
        }
        let first = try outcome(), second = try outcome()
        #expect(first.architecture == second.architecture)
        #expect(first.metrics == second.metrics)
        #expect(first.result == second.result)
        #expect(first.metrics.contains("cross_entropy") && first.result["estimate"]?["latency_ms"] != nil)
    }

    @Test("that is interrupted stops between two steps, keeps what it wrote and says so")
    func interruption() throws {
        let directory = try TemporaryDirectory()
        let run = directory.file("run")
        let outcome = try Program.run(
            arguments(output: run, ["--epochs", "1000"]),
            interruptWhen: { ((try? lines(run + "/metrics.jsonl").count) ?? 0) >= 2 })
        #expect(outcome.status == 130)
        #expect(outcome.error.contains("interrupted after step"), "\(outcome.error)")
        #expect(outcome.error.hasSuffix("    onepath search --resume --output \(run)\n"), "\(outcome.error)")
        #expect(try lines(run + "/metrics.jsonl").count >= 2)
        #expect(try directory.names() == ["run"])
        let names = try FileManager.default.contentsOfDirectory(atPath: run).sorted()
        #expect(
            names.filter { !$0.hasPrefix("events.out.tfevents.") } == ["checkpoints", "config.json", "metrics.jsonl"])
        #expect(names.count == 4)
    }
}
