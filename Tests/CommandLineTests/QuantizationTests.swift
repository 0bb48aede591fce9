import Files
import Foundation
import TFLite
import Testing
import TestSupport

@Suite("onepath export --int8")
struct QuantizationTests {
    /// A task with a training that is done.
    private func trained() throws -> SmallTask {
        let task = try SmallTask()
        let outcome = try task.program(task.train("run") + ["--quantization-aware", "2", "--learning-rate", "0.064"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let plan = try JSON(contentsOf: task.directory.file("run/config.json"), what: "plan")
        #expect(plan["configuration"]?["quantization_aware_epochs"] == 2)
        return task
    }

    @Test("refuses weights that do not say how images are normalised, as the float export does")
    func normalisation() throws {
        let task = try trained()
        let own = task.directory.file("run/weights.safetensors")
        // Names of the same length that nobody reads.
        var bytes = try BinaryFile.read(own, what: "weights")
        for name in ["image_mean", "image_deviation"] {
            let place = try #require(bytes.firstRange(of: Array("\"\(name)\"".utf8)))
            bytes[place.lowerBound + 1] = UInt8(ascii: "x")
        }
        try AtomicFile.write(bytes, to: task.directory.file("plain.safetensors"))
        let options = [
            "export", "--architecture", "run/architecture.json", "--weights", "plain.safetensors", "--format", "onnx", "--int8",
            "--data", "images", "--output", "n.onnx",
        ]
        let refused = try task.program(options)
        #expect(
            refused.status == 64 && refused.error.contains("--int8: expected weights that say how images are normalised, or "
                + "--image-mean and --image-std, found neither"), "\(refused.error)")
        let told = try task.program(options + ["--image-mean", "0.4", "--image-std", "0.3"])
        #expect(told.status == 0, "\(told.error)")
    }

    @Test("writes integers, and says how the network classifies with them")
    func export() throws {
        let task = try trained()
        let outcome = try task.program([
            "export", "--run", "run", "--format", "onnx", "--int8", "--calibration-images", "100", "--output", "n.onnx",
        ])
        #expect(outcome.status == 0, "\(outcome.error)")
        let figures = outcome.output.matches(of: /([0-9.]+) %/).compactMap { Double($0.output.1) }
        #expect(figures.count == 2 && figures[0] > 40, "\(outcome.output)")
        #expect(outcome.output.contains("of 40 test images") && abs(figures[0] - figures[1]) <= 10, "\(outcome.output)")
        // The importer recognises what a runtime runs on integers.
        let json = try Program.run(
            ["estimate", "--device", "pixel1", "--json", "--onnx", task.directory.file("n.onnx")]).json()
        guard case .array(let layers)? = json["layers"] else {
            Issue.record("no layers in \(json)")
            return
        }
        let types = layers.compactMap { $0["data_type"] }
        #expect(types.filter { $0 == "int8" }.count > 13, "\(types)")
        #expect(json["complete"] == true, "\(json)")
        let run = try task.program(["evaluate", "--onnx", "n.onnx", "--data", "images"])
        #expect(
            run.status == 65 && run.error.contains("metadata_props: expected a model on float32, found one of integers"),
            "\(run.error)")
    }

    @Test("says what it lacks")
    func refusals() throws {
        let task = try trained()
        func export(_ more: String...) throws -> Program.Outcome {
            try task.program(["export", "--format", "onnx", "--int8", "--output", "x"] + more)
        }
        let pair = ["--architecture", "run", "--weights", "run"]
        let cases: [(arguments: [String], status: Int32, says: String)] = [
            (["--run", "run", "--calibration-images", "1000"], 65, "images training: expected 1000 calibration images, found 320"),
            (pair, 64, "--int8: expected --data"),
            (["--run", "run", "--data", "fashion-mnist"], 65, "expected"),
            (["--run", "run", "--fold"], 64, "--fold: expected no --int8"),
            (["--run", "run", "--calibration-images", "0"], 64, "--calibration-images: expected a number from 1"),
        ]
        for (arguments, status, says) in cases {
            let outcome = try task.program(["export", "--format", "onnx", "--int8", "--output", "x"] + arguments)
            #expect(outcome.status == status && outcome.error.contains(says), "\(arguments): \(outcome.error)")
        }
        let other = try task.program(["export", "--run", "run", "--format", "json", "--int8", "--output", "x"])
        #expect(other.status == 64 && other.error.contains("--int8: expected --format tflite or onnx"), "\(other.error)")
        let none = try task.program([
            "export", "--run", "run", "--format", "onnx", "--calibration-images", "9", "--output", "x"])
        #expect(none.status == 64 && none.error.contains("--calibration-images: expected --int8"), "\(none.error)")
        for option in [["--data", "images"], ["--holdout", "0.2"], ["--no-cache"], ["--skip-broken"]] {
            let outcome = try task.program(["logits", "--run", "run", "--images", "i", "--output", "x"] + option)
            #expect(outcome.status == 64 && outcome.error.contains("\(option[0]): expected --int8, which it is for"), "\(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: task.directory.file("x")))

        // Classes in another order would be names of other things.
        try Data("trousers\nshirt\nboot\nbag\n".utf8).write(to: URL(fileURLWithPath: task.directory.file("images/classes.txt")))
        let again = try task.program(task.train("named"))
        #expect(again.status == 0, "\(again.error)")
        try Data("shirt\ntrousers\nboot\nbag\n".utf8).write(to: URL(fileURLWithPath: task.directory.file("images/classes.txt")))
        let swapped = try task.program(
            ["export", "--run", "named", "--format", "onnx", "--int8", "--data", "images", "--output", "x"])
        #expect(
            swapped.status == 65
                && swapped.error.contains("class 0: expected \"trousers\", as the network was trained with, found \"shirt\""),
            "\(swapped.error)")
    }

    @Test("--labels names the classes of the file anew, and those of the images are found by the names of the training")
    func renamed() throws {
        let task = try SmallTask()
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: task.directory.file(name)))
        }
        try write("trousers\nshirt\nboot\nbag\n", to: "images/classes.txt")
        let trained = try task.program(task.train("named"))
        #expect(trained.status == 0, "\(trained.error)")
        // As an editor of Windows saves it.
        try write("\u{FEFF}Hose\r\nHemd\r\nStiefel\r\nTasche\r\n\r\n", to: "labels.txt")
        let export = ["export", "--run", "named", "--format", "tflite"]
        for options in [[], ["--int8", "--calibration-images", "100"]] {
            let outcome = try task.program(export + ["--labels", "labels.txt", "--output", "n.tflite"] + options)
            #expect(outcome.status == 0 && outcome.output.contains("40 test images"), "\(outcome)")
            let names = try TFLiteModel(contentsOf: task.directory.file("n.tflite")).classNames
            #expect(names == ["Hose", "Hemd", "Stiefel", "Tasche"])
        }
        try write("Hose\n\nStiefel\nTasche\n", to: "labels.txt")
        let empty = try task.program(export + ["--labels", "labels.txt", "--output", "x"])
        #expect(
            empty.status == 65
                && empty.error.contains("labels.txt: line 2: expected the name of a class, found an empty line"),
            "\(empty.error)")
        // Images of other classes are refused before anything is written.
        try write("coat\nshirt\nboot\nbag\n", to: "images/classes.txt")
        let other = try task.program(export + ["--data", "images", "--output", "x"])
        #expect(other.status == 65 && other.error.contains("expected the classes of the images, \"coat\" among them"), "\(other)")
        #expect(!FileManager.default.fileExists(atPath: task.directory.file("x")))
    }

    @Test("of a network with swish says what it would cost")
    func swish() throws {
        let task = try SmallTask()
        let path = task.directory.file("network.json")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        // Of the stem and of the head, as timm's networks have them.
        let changed = text.replacing(#""output_channels": 24"#, with: #""output_channels": 24, "activation": "swish""#)
            .replacing(#""output_channels": 6"#, with: #""output_channels": 6, "activation": "swish""#)
        #expect(changed.ranges(of: "swish").count == 2)
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
        let made = try task.program([
            "export", "--architecture", "./network.json", "--untrained", "--format", "safetensors", "--output", "w.safetensors",
        ])
        #expect(made.status == 0, "\(made.error)")
        let outcome = try task.program([
            "export", "--architecture", "./network.json", "--weights", "w.safetensors", "--format", "onnx", "--int8",
            "--data", "images", "--output", "x",
        ])
        #expect(outcome.status == 65, "\(outcome.error)")
        // 12 x 12 pixels of 6 channels and 3 x 3 of 24 are read and written once more.
        #expect(
            outcome.error.contains(
                "found swish after 2 operators: in int8 each of them is a table over the map, which reads and writes 2160 bytes more"),
            "\(outcome.error)")
    }
}
