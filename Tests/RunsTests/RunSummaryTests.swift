import Architectures
import Files
import Foundation
import HardwareProfiles
import Runs
import SupernetSearch
import Testing
import TestSupport

@Suite("Run summary")
struct RunSummaryTests {
    /// Layers a.1, with kernels 3 and 5 and expansions 3 and 6, and a.2, which may be skipped too.
    private static let space: JSON = [
        "schema": "onepath.space/1", "name": "small", "description": "Two layers.",
        "input": ["height": 8, "width": 8, "channels": 1],
        "stem": ["kernel": 3, "stride": 2, "output_channels": 8],
        "stages": [
            [
                "name": "a", "layers": 2, "stride": 2, "output_channels": 16,
                "choices": ["kernels": [3, 5], "expansions": [3, 6], "skip": true],
            ]
        ],
        "head": ["output_channels": 32], "classes": 10,
    ]

    /// 4 epochs of 20 steps of 10 images: the search phase from step 51 on, fine-tuning from step 71 on.
    private static func config(_ provenance: Provenance, candidates: Int) -> JSON {
        [
            "schema": "onepath.run/1", "space": "small", "space_source": "small", "device": "pixel1",
            "device_source": "pixel1", "data": "images", "train_examples": 205,
            "configuration": [
                "lambda": 0.1, "epochs": 4, "batch": 10, "seed": 3, "warm_up_fraction": 0.625,
                "fine_tune_fraction": 0.125, "candidates": .integer(candidates),
            ], "provenance": provenance.json,
        ]
    }

    /// A logged step: the indicators are kernel_5 and expansion_6 of a.1, and the two expansions of a.2.
    private static func line(_ step: Int, _ indicators: [Int]) -> JSON {
        let values = indicators.map(JSON.integer)
        return [
            "step": .integer(step), "epoch": .integer((step + 19) / 20), "loss": .number(100 / Double(step)),
            "cross_entropy": .number(50 / Double(step)), "runtime_ms": 2.5, "learning_rate": 0.004,
            "images_per_second": .number(step == 10 ? 1 : 50),
            "indicators": [
                "a.1": ["kernel_5": values[0], "expansion_6": values[1]],
                "a.2": ["kernel_5": 0, "expansion_3": values[2], "expansion_6": values[3]],
            ],
        ]
    }

    private static let all = [1, 1, 1, 1]
    private static let steps: [(Int, [Int])] = [
        (10, all), (20, all), (30, all), (40, all), (50, all), (55, all), (60, [0, 1, 1, 1]), (65, [0, 1, 0, 1]),
        (70, [0, 0, 0, 1]), (75, [0, 1, 0, 1]), (80, [0, 1, 0, 1]),
    ]

    /// A directory with the run's first lines, which a program holds or not.
    private func run(
        lines: Int, isHeld: Bool = true, knowsSpace: Bool = true, torn: String = "", candidates: Int = 1
    ) throws -> (directory: TemporaryDirectory, summary: RunSummary) {
        let directory = try TemporaryDirectory()
        try Self.space.write(to: directory.file("small.json"))
        let provenance = try Provenance(command: "onepath search", seed: 3, files: [directory.file("small.json")])
        if !knowsSpace { try AtomicFile.write("{}", to: directory.file("small.json")) }
        try Self.config(provenance, candidates: candidates).write(to: directory.file("config.json"))
        let text = Self.steps.prefix(lines).map { Self.line($0.0, $0.1).text(pretty: false) + "\n" }.joined()
        _ = try directory.write(Array((text + torn).utf8), to: "metrics.jsonl")
        let lock = isHeld ? try DirectoryLock(directory.path) : nil
        return try withExtendedLifetime(lock) { (directory, try RunSummary(contentsOf: directory.path)) }
    }

    @Test("of a run that has begun says what it is and that nothing is logged")
    func begun() throws {
        let summary = try run(lines: 0).summary
        #expect(summary.kind == "search" && summary.state == .running && summary.step == 0 && summary.steps == 80)
        #expect(
            summary.facts.map(\.name) == ["space", "device", "data", "train_examples", "lambda", "batch", "seed"])
        #expect(summary.facts.map(\.value) == ["small", "pixel1", "images", 205, 0.1, 10, 3])
        #expect(summary.curves == [] && summary.selection == nil && summary.result == nil)
        #expect(summary.imagesPerSecond == nil && summary.secondsLeft == nil && summary.phase == nil)
    }

    @Test("of a run that is going on tells its rate and the time left, whatever is still being written")
    func running() throws {
        for torn in ["", "{\"step\": 7", Self.line(75, Self.all).text(pretty: false)] {
            let summary = try run(lines: 3, torn: torn).summary
            #expect(summary.state == .running && summary.step == 30 && summary.epoch == 2 && summary.epochs == 4)
            #expect(summary.phase == .warmUp && summary.imagesPerSecond == 50)
            // 50 steps of 10 images.
            #expect(summary.secondsLeft == 10)
            #expect(summary.curves.map(\.name) == ["loss", "cross_entropy", "runtime_ms", "learning_rate"])
            #expect(summary.curves[0].values == [10, 5, 100.0 / 30])
            #expect(summary.selection?.window == nil && summary.selection?.changes == 0)
            #expect(summary.selection?.layers.map(\.choice) == ["5x5 e6", "3x3 e6"])
            #expect(summary.selection?.layers.map(\.share) == [nil, nil])
        }
    }

    @Test("counts the steps without the images that are skipped or held out, and refuses a batch of more than are left")
    func trainedImages() throws {
        let (directory, _) = try run(lines: 1)
        let config = try String(contentsOfFile: directory.file("config.json"), encoding: .utf8)
        func summary(_ images: String, batch: Int = 10) throws -> RunSummary {
            try AtomicFile.write(
                config.replacing("\"train_examples\": 205", with: images)
                    .replacing("\"batch\": 10", with: "\"batch\": \(batch)"),
                to: directory.file("config.json"))
            return try RunSummary(contentsOf: directory.path)
        }
        let heldOut = "\"train_examples\": 205, \"held_out_examples\": 20"
        // Of 185 images, and of 179.
        #expect(try summary(heldOut).steps == 4 * 18)
        #expect(try summary(heldOut).facts.first { $0.name == "held_out_examples" }?.value == 20)
        let skipped = heldOut + ", \"skipped_images\": [\"train/a/1.jpg\"], \"skipped_train_examples\": 6"
        #expect(try summary(skipped).steps == 4 * 17)
        #expect(invalidPlace { _ = try summary(skipped, batch: 180) }?.place == "/configuration/batch")

        func training(skipped: Int, heldOut: Int) throws -> RunSummary {
            let document: JSON = [
                "schema": "onepath.training/1", "architecture": "found", "data": "images", "train_examples": 205,
                "skipped_train_examples": .integer(skipped), "held_out_examples": .integer(heldOut),
                "configuration": ["epochs": 4, "batch": 10, "seed": 3],
            ]
            try document.write(to: directory.file("config.json"))
            return try RunSummary(contentsOf: directory.path)
        }
        #expect(try training(skipped: 6, heldOut: 0).steps == 4 * 19)
        // A training holds nothing out, but it is counted as of a search.
        #expect(try training(skipped: 6, heldOut: 20).steps == 4 * 17)
        #expect(invalidPlace { _ = try training(skipped: 205, heldOut: 0) }?.place == "/skipped_train_examples")
    }

    @Test("of a run that no program is at work on says that it has stopped")
    func stopped() throws {
        let (directory, summary) = try run(lines: 3, isHeld: false)
        #expect(summary.state == .stopped && summary.secondsLeft == nil && summary.imagesPerSecond == 50)
        #expect(summary.step == 30 && summary.resumesAfter == nil && summary.json["resumes_after"] == .null)
        // Steps are logged more often than they are kept, or less.
        try FileManager.default.createDirectory(atPath: directory.file("checkpoints"), withIntermediateDirectories: false)
        for (name, step) in [("step-00000020", 20), ("step-00000037", 37)] {
            _ = try directory.write([], to: "checkpoints/\(name).checkpoint")
            let kept = try RunSummary(contentsOf: directory.path)
            #expect(kept.step == 30 && kept.resumesAfter == step && kept.json["resumes_after"] == .integer(step))
        }
        let lock = try DirectoryLock(directory.path)
        #expect(try withExtendedLifetime(lock) { try RunSummary(contentsOf: directory.path).resumesAfter } == nil)
    }

    @Test("of a search says when it ranks candidates, which no step tells")
    func ranking() throws {
        for (lines, expected) in [(0, RunSummary.Ranking.later), (8, .later), (9, .now), (10, nil)] {
            let summary = try run(lines: lines, candidates: 5).summary
            #expect(summary.json["ranking"] == (expected.map { .string($0.rawValue) } ?? .null))
            #expect(summary.ranking == expected && (summary.secondsLeft == nil) == (lines == 0 || expected == .now))
        }
        #expect(try run(lines: 9, isHeld: false, candidates: 5).summary.ranking == nil)
        #expect(try run(lines: 9).summary.ranking == nil)
    }

    @Test("of a search with targets tells them, in the place of the λ that moves")
    func targets() throws {
        let (directory, _) = try run(lines: 1)
        let config = try String(contentsOfFile: directory.file("config.json"), encoding: .utf8)
        try AtomicFile.write(
            config.replacing("\"lambda\": 0.1", with: "\"lambda\": 0.1, \"target_latency_ms\": 2.5"),
            to: directory.file("config.json"))
        let facts = try RunSummary(contentsOf: directory.path).facts
        #expect(facts.suffix(3).map(\.name) == ["target_latency_ms", "batch", "seed"] && facts[4].value == 2.5)
    }

    @Test("tells how often the selection changed over the last epoch of the search phase, and how settled each layer is")
    func selection() throws {
        // Up to step 65: the epoch is still going on.
        let early = try #require(try run(lines: 8).summary.selection)
        #expect(early.window == 55...65 && early.loggedSteps == 3 && early.changes == 2)
        #expect(early.layers.map(\.choice) == ["3x3 e6", "skip"])
        #expect(early.layers.map(\.share) == [2.0 / 3, 1.0 / 3] && early.layers.map(\.since) == [60, 65])
        // Of the whole run: what is settled afterwards is compared with how it stood in the search phase.
        let summary = try run(lines: 11).summary
        let late = try #require(summary.selection)
        #expect(late.window == 55...70 && late.loggedSteps == 4 && late.changes == 3 && summary.phase == .fineTune)
        #expect(late.layers.map(\.choice) == ["3x3 e6", "skip"])
        #expect(late.layers.map(\.share) == [0.5, 0.5] && late.layers.map(\.since) == [75, 65])
    }

    @Test("names the parts that are on where the space's file is not that of the run any more")
    func unknownSpace() throws {
        let layers = try #require(try run(lines: 8, knowsSpace: false).summary.selection).layers
        #expect(layers.map(\.choice) == ["expansion 6", "none"])
        let first = try #require(try run(lines: 1, knowsSpace: false).summary.selection).layers
        #expect(first.map(\.choice) == ["kernel 5, expansion 6", "expansion 3, expansion 6"])
    }

    @Test("of a finished run has its result, and is the same as JSON")
    func finished() throws {
        let (directory, _) = try run(lines: 11)
        let result: JSON = [
            "schema": "onepath.result/1", "test_images": 10, "correct": 9, "correct_among_five": 10,
            "cross_entropy": 0.5,
            "provenance": Provenance(command: "onepath search", seed: 0, inputs: []).json,
        ]
        try result.write(to: directory.file("result.json"))
        let summary = try RunSummary(contentsOf: directory.path)
        #expect(summary.state == .finished && summary.result?.correct == 9 && summary.secondsLeft == nil)
        let json = summary.json
        #expect(json["state"] == "finished" && json["step"] == 80 && json["phase"] == "fine_tune")
        #expect(json["facts"]?["device"] == "pixel1" && json["result"]?["test_images"] == 10)
        #expect(json["curves"]?["loss"] == .array(summary.curves[0].values.map(JSON.number)))
        #expect(json["selection"]?["window"] == [55, 70] && json["selection"]?["changes"] == 3)
        guard case .array(let layers)? = json["selection"]?["layers"] else {
            Issue.record("no layers in \(json)")
            return
        }
        #expect(layers[1] == ["name": "a.2", "choice": "skip", "share": 0.5, "since": 65])
        // It can be printed: no number in it is infinite.
        #expect(try JSON(parsing: json.text(pretty: true), path: "") == json)
    }

    @Test("of a finished search shows what was found, also where no step came after candidates were compared")
    func found() throws {
        let result: JSON = [
            "schema": "onepath.result/1", "test_images": 10, "correct": 9, "correct_among_five": 10,
            "cross_entropy": 0.5, "provenance": Provenance(command: "onepath search", seed: 0, inputs: []).json,
        ]
        let (directory, _) = try run(lines: 11)
        let path = directory.file("small.json"), device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))
        let largest = try SearchSpace(contentsOf: path).largest
        try largest.json().write(to: directory.file("architecture.json"))
        try result.write(to: directory.file("result.json"))
        // While it fine-tunes, the steps have the network that was found.
        #expect(try RunSummary(contentsOf: directory.path).foundLatencyMs == 2.5)

        let provenance = try Provenance(command: "onepath search", seed: 3, files: [path] + device.inputs)
        try Self.config(provenance, candidates: 5).write(to: directory.file("config.json"))
        let config = try String(contentsOfFile: directory.file("config.json"), encoding: .utf8)
        let without = config.replacing("\"fine_tune_fraction\": 0.125", with: "\"fine_tune_fraction\": 0.0")
        #expect(without != config)
        try AtomicFile.write(without, to: directory.file("config.json"))
        let summary = try RunSummary(contentsOf: directory.path), selection = try #require(summary.selection)
        // The steps from 65 to 80 have a kernel of 3, and skip the second layer.
        #expect(selection.layers.map(\.choice) == ["5x5 e6", "5x5 e6"] && selection.layers.map(\.since) == [80, 80])
        #expect(selection.window == 65...80 && selection.layers.map(\.share) == [0, 0])
        let latency = CostModel(device: device).estimate(largest.network).latencyMs
        #expect(summary.foundLatencyMs == latency && latency != 2.5)
        #expect(summary.json["found_latency_ms"] == .number(latency))
    }

    @Test("of a training has whatever figures its lines hold")
    func training() throws {
        let directory = try TemporaryDirectory()
        let config: JSON = [
            "schema": "onepath.training/1", "architecture": "found", "data": "images", "train_examples": 205,
            "configuration": ["epochs": 4, "batch": 10, "seed": 3, "label_smoothing": 0.1], "something": "else",
        ]
        try config.write(to: directory.file("config.json"))
        let lines: [JSON] = [
            [
                "step": 10, "epoch": 1, "cross_entropy": 2.5, "images_per_second": 100.0, "test_accuracy": nil,
            ],
            [
                "step": 20, "epoch": 1, "cross_entropy": 1.5, "images_per_second": 100.0, "test_accuracy": 0.5,
            ],
        ]
        let text = lines.map { $0.text(pretty: false) + "\n" }.joined() + "{\"st"
        _ = try directory.write(Array(text.utf8), to: "metrics.jsonl")
        let lock = try DirectoryLock(directory.path)
        let summary = try withExtendedLifetime(lock) { try RunSummary(contentsOf: directory.path) }
        #expect(summary.kind == "training" && summary.state == .running && summary.step == 20 && summary.steps == 80)
        #expect(summary.facts.map(\.name) == ["architecture", "data", "train_examples", "seed", "batch"])
        #expect(summary.curves.map(\.name) == ["cross_entropy", "test_accuracy"])
        #expect(summary.curves.map(\.values) == [[2.5, 1.5], [0.5]] && summary.secondsLeft == 6)
        #expect(summary.phase == nil && summary.selection == nil)

        // Images of 8, 10, 13 and 16 pixels: 200 of each size are left, and those of 8 were trained on at 100 a second.
        let settings = try String(contentsOfFile: directory.file("config.json"), encoding: .utf8)
        try AtomicFile.write(
            settings.replacing("\"seed\": 3", with: "\"seed\": 3, \"train_resolution\": [8, 16]"),
            to: directory.file("config.json"))
        let growing = try withExtendedLifetime(lock) { try RunSummary(contentsOf: directory.path) }
        let seconds = try #require(growing.secondsLeft)
        #expect(abs(seconds - 2 * (100 + 169 + 256) / 64) < 1e-9 && growing.imagesPerSecond == 100)

        try JSON.object([.init(key: "schema", value: "onepath.training/1")]).write(to: directory.file("config.json"))
        let found = invalidPlace { try RunSummary(contentsOf: directory.path) }
        #expect(found?.sentence.contains("missing field \"configuration\"") == true)
    }

    @Test("refuses what is no run, and damaged lines before the last")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.missing(path: directory.file("config.json"), what: "run (its config.json)")) {
            try RunSummary(contentsOf: directory.path)
        }
        try JSON.object([.init(key: "schema", value: "onepath.space/1")]).write(to: directory.file("config.json"))
        #expect(invalidPlace { try RunSummary(contentsOf: directory.path) }?.place == "/schema")
        #expect(invalidPlace { try run(lines: 2, torn: "{\"st\n{") }?.place.hasPrefix("line 3") == true)
    }
}
