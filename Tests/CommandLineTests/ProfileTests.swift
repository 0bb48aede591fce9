import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath profile")
struct ProfileTests {
    @Test("that is interrupted keeps what is measured, says so, and goes on from there")
    func interruption() throws {
        let directory = try TemporaryDirectory()
        let output = directory.file("mine.json"), journal = output + ".partial.jsonl"
        func lines() -> Int {
            ((try? String(contentsOfFile: journal, encoding: .utf8)) ?? "").split(separator: "\n").count
        }
        let arguments = ["profile", "--space", "fashion-mnist", "--output", output]
        let outcome = try Program.run(arguments, interruptWhen: { lines() > 3 })
        #expect(outcome.status == 130)
        #expect(outcome.error.contains("blocks and") && outcome.error.contains("the same command goes on"), "\(outcome.error)")
        #expect(try directory.names() == ["mine.json.partial.jsonl"])
        let kept = lines()
        let again = try Program.run(arguments, interruptWhen: { lines() > kept })
        #expect(again.status == 130 && lines() > kept, "\(again.error)")

        // The measurements are of this space, and of no other.
        let other = try Program.run(["profile", "--architecture", "single-path-nas", "--output", output])
        #expect(other.status == 65 && other.error.contains("another plan, runtime or machine"), "\(other.error)")
    }

    @Test("writes a plan to be measured elsewhere, and imports it when it is filled in", arguments: [
        ["--space", "fashion-mnist"], ["--architecture", "mobilenet-v3-large"],
    ])
    func plan(of what: [String]) throws {
        let directory = try TemporaryDirectory()
        let plan = try Program.run(["profile"] + what + ["--plan", directory.file("plan")])
        #expect(plan.status == 0 && plan.output.contains("blocks and"), "\(plan.error)")
        #expect(plan.output.isWrapped(but: [directory.path]), "\(plan.output)")
        let sheet = directory.file("plan/measurements.csv")
        let lines = try String(contentsOfFile: sheet, encoding: .utf8).split(separator: "\n")
        // Every row has its model.
        let models = try FileManager.default.contentsOfDirectory(atPath: directory.file("plan/models"))
        let named = lines.dropFirst().map { String($0.prefix { $0 != "," }) }
        #expect(Set(models.map { "models/\($0)" }) == Set(named + named.map { $0.replacing(".onnx", with: ".tflite") }))
        // All but the last are measured.
        let filled = lines.enumerated().map { index, line in
            index == 0 || index == lines.count - 1 ? String(line) : line.dropLast(2) + "1.5,,"
        }
        try filled.joined(separator: "\n").write(toFile: sheet, atomically: true, encoding: .utf8)
        let output = directory.file("device.json")
        let imported = try Program.run(["profile", "--import", sheet, "--format", "csv", "--output", output])
        #expect(imported.status == 0, "\(imported.error)")
        #expect(imported.output.contains("\(lines.count - 2) latencies"))
        #expect(imported.output.contains("1 not imported:") && imported.output.contains("no latency_ms"))
        #expect(imported.output.isWrapped(but: ["Next: onepath ", directory.path]), "\(imported.output)")
        // What comes of it is a device profile that prices the networks of the space by the table.
        let profile = try JSON(contentsOf: output, what: "device profile")
        guard case .array(let tables)? = profile["tables"], case .array(let blocks)? = tables.first?["entries"],
            case .array(let operators)? = tables.first?["operators"]
        else {
            Issue.record("no tables in \(profile)")
            return
        }
        #expect(blocks.count + operators.count == lines.count - 2)
        #expect((blocks + operators).allSatisfy { $0["latency_ms"] == 1.5 })
        let estimate = try Program.run(
            ["estimate"] + what + (what[0] == "--space" ? ["--sweep", "3"] : []) + ["--device", output, "--json"])
        #expect(estimate.status == 0, "\(estimate.error)")
        guard what[0] == "--architecture", case .array(let layers)? = try estimate.json()["layers"] else { return }
        let measured = layers.filter { $0["source"] == "measured" }
        #expect(measured.count >= layers.count - 1 && measured.contains { $0["latency_ms"] == 1.5 })
    }

    @Test("imports a sheet with bad rows but for them, and tells what it converted")
    func badRows() throws {
        let directory = try TemporaryDirectory()
        let sheet = directory.file("sheet.csv"), output = directory.file("mine.json")
        let heading = "subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,Latency [us]"
        let rows = [
            "convolution,224,224,3,32,3,2,relu,4200", "convolutoin,224,224,3,32,3,2,relu,9", "convolution,224,224,3,16,3,2,relu,fast",
        ]
        // UTF-16, as PowerShell writes what a program prints.
        let text = ([heading] + rows).joined(separator: "\r\n"), units = [0xfeff] + Array(text.utf16)
        try Data(units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }).write(to: URL(fileURLWithPath: sheet))
        let arguments = ["profile", "--import", sheet, "--format", "csv", "--output", output]
        let strict = try Program.run(arguments + ["--strict"])
        #expect(strict.status == 65 && strict.error.contains("2 rows cannot be imported, and --strict wants all: line 3: subject:"))
        #expect(!FileManager.default.fileExists(atPath: output))
        let answer = try Program.run(arguments + ["--json"])
        #expect(answer.status == 0, "\(answer.error)")
        let json = try answer.json()
        #expect(json["rows"] == 3 && json["stored_rows"] == 1 && json["latencies"] == 1 && json["complete"] == false)
        #expect(json["notes"] == ["the column Latency [us] is in microseconds, and is stored as latency_ms"])
        #expect(json["hardware"] == "pixel1" && json["model"] != nil && json["model"] != .null)
        let folder = try Program.run(["profile", "--space", "fashion-mnist", "--budget", "2", "--output", directory.path])
        #expect(folder.status == 73 && folder.error.contains("it is a directory"), "\(folder.error)")
        #expect(!FileManager.default.fileExists(atPath: directory.path + ".partial.jsonl"))
        // What an import would not look at.
        for wrong in [["--threads", "4"], ["--runtime", "ncnn"], ["--space", "fashion-mnist"], ["--architecture", "mobilenet-v2"]] {
            let refused = try Program.run(arguments + wrong)
            #expect(refused.status == 64 && refused.error.contains(wrong[0]), "\(refused.error)")
        }
        for wrong in [["--format", "csv"], ["--like", "pixel1"]] {
            let refused = try Program.run(["profile", "--space", "fashion-mnist", "--plan", directory.file("plan")] + wrong)
            #expect(refused.status == 64 && refused.error.contains(wrong[0]), "\(refused.error)")
        }
        let profile = try JSON(contentsOf: output, what: "device profile")
        guard case .array(let dropped)? = json["dropped_rows"], case .array(let tables)? = profile["tables"],
            case .array(let operators)? = tables.first?["operators"]
        else {
            Issue.record("no dropped_rows in \(json), or no operators in \(profile)")
            return
        }
        #expect(dropped.map { $0["row"] } == ["line 3", "line 4"])
        #expect(dropped.last?["reason"] == "latency_ms: expected a number, found \"fast\"")
        #expect(operators.map { $0["latency_ms"] } == [4.2])
    }

    @Test("in int8 makes a profile of int8 tables, which a search's estimate uses, and goes on with no other's journal")
    func int8() throws {
        let directory = try TemporaryDirectory()
        let output = directory.file("mine.json")
        func profile(_ more: [String], budget: String = "6") throws -> Program.Outcome {
            try Program.run(["profile", "--space", "fashion-mnist", "--budget", budget, "--output", output] + more)
        }
        let outcome = try profile(["--data-type", "int8"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let document = try JSON(contentsOf: output, what: "device profile")
        #expect(document["runtime"]?["data_type"] == "int8")
        guard case .array(let tables)? = document["tables"] else {
            Issue.record("no tables in \(document)")
            return
        }
        #expect(tables.allSatisfy { $0["data_type"] == "int8" })
        let estimate = try Program.run(
            ["estimate", "--space", "fashion-mnist", "--sweep", "1", "--device", output, "--json"])
        #expect(estimate.status == 0, "\(estimate.error)")
        // What was measured in one type is no part of the other's.
        if FileManager.default.fileExists(atPath: output + ".partial.jsonl") {
            let other = try profile([])
            #expect(other.status == 65 && other.error.contains("another plan, runtime or machine"), "\(other.error)")
        }
        let refused = try Program.run([
            "profile", "--data-type", "int8", "--import", output, "--format", "csv", "--output", "x",
        ])
        #expect(refused.status == 64 && refused.error.contains("--data-type: expected"), "\(refused.error)")
    }

    @Test("plans what to measure in int8 elsewhere, as models of integers")
    func int8Plan() throws {
        let directory = try TemporaryDirectory()
        let plan = directory.file("plan")
        let outcome = try Program.run(["profile", "--space", "fashion-mnist", "--data-type", "int8", "--plan", plan])
        let told = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(outcome.status == 0 && told.hasSuffix(", a model of each beside it, as TensorFlow Lite of int8"), "\(outcome.error)")
        #expect(outcome.output.isWrapped(but: [plan]), "\(outcome.output)")
        let models = try FileManager.default.contentsOfDirectory(atPath: plan + "/models")
        #expect(models.count > 40 && models.allSatisfy { $0.hasSuffix(".tflite") })
        let named = try TextFile.read(plan + "/measurements.csv", what: "sheet").split(separator: "\n").dropFirst()
        #expect(Set(named.map { String($0.prefix { $0 != "," }) }) == Set(models.map { "models/\($0)" }))
        let model = try #require(models.first { $0.hasPrefix("depthwise") })
        let priced = try Program.run(["estimate", "--tflite", plan + "/models/" + model, "--device", "pixel4", "--json"])
        #expect(priced.status == 0, "\(priced.error)")
        guard case .array(let layers)? = try priced.json()["layers"] else {
            Issue.record("no layers")
            return
        }
        #expect(!layers.isEmpty && layers.allSatisfy { $0["data_type"] == "int8" }, "\(layers)")
    }
}
