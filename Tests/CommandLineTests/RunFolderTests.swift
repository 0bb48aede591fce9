import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Runs, from wherever they are looked at", .serialized)
struct RunFolderTests {
    private let task: SmallTask

    init() throws { task = try SmallTask() }

    /// Runs the program in a folder beside that of the task.
    private func elsewhere(_ arguments: [String]) throws -> Program.Outcome {
        let folder = task.directory.file("else")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try Program.run(arguments, in: folder)
    }

    private func expectSuccess(_ outcome: Program.Outcome) { #expect(outcome.status == 0, "\(outcome.error)") }

    private func string(_ node: JSON?) -> String { if case .string(let text)? = node { text } else { "" } }

    @Test("what a run was given by path it finds from every folder, and what it was given by name stays a name")
    func resumedElsewhere() throws {
        expectSuccess(try task.program(task.search("alone", epochs: 2)))
        let stopped = try task.program(
            task.search("run", epochs: 2), interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130 || stopped.status == 0, "\(stopped.error)")
        let config = try JSON(contentsOf: task.directory.file("run/config.json"), what: "configuration")
        #expect(config["space_source"] == .string(AbsolutePath.of(task.directory.file("space.json"))))
        #expect(config["data"] == .string(AbsolutePath.of(task.directory.file("images"))))
        #expect(config["device_source"] == "pixel1")
        guard case .array(let inputs)? = config["provenance"]?["inputs"] else {
            Issue.record("no inputs")
            return
        }
        #expect(inputs.count >= 6 && inputs.allSatisfy { string($0["path"]).hasPrefix("/") })

        expectSuccess(try elsewhere(["show", "run", "../run"]))
        let wrong = try elsewhere(["search", "--resume", "--output", "../run", "--space", "fashion-mnist"])
        #expect(wrong.status == 64 && wrong.error.contains("--space: the run in ../run has "), "\(wrong.error)")
        // The same files, by other paths.
        expectSuccess(try elsewhere([
            "search", "--resume", "--output", "../run", "--space", "../space.json", "--data", "./../images",
        ]))
        #expect(try task.outcome(of: "run") == task.outcome(of: "alone"))
        let page = try elsewhere(["export", "--run", "../run", "--format", "html", "--output", "run.html"])
        expectSuccess(page)
        #expect(try String(contentsOfFile: task.directory.file("else/run.html"), encoding: .utf8).contains("the smallest"))
    }

    @Test("a run of before, whose paths are relative, resumes in the folder that it was begun in")
    func olderRun() throws {
        expectSuccess(try task.program(task.search("run", epochs: 1)))
        let path = task.directory.file("run/config.json"), root = AbsolutePath.of(task.directory.path) + "/"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let older = text.replacing("\"\(root)space.json\"", with: "\"./space.json\"").replacing(root, with: "")
        #expect(older != text && !older.contains(root))
        try AtomicFile.write(older, to: path)
        for space in ["./space.json", task.directory.file("space.json")] {
            let again = try task.program(["search", "--resume", "--output", "run", "--space", space, "--data", "images"])
            #expect(again.status == 0 && again.error == "onepath: the run in run is finished already\n", "\(again.error)")
        }
    }

    @Test("a run's folder stands for its files in every command that takes them")
    func commands() throws {
        expectSuccess(try task.program(task.search("found", epochs: 1)))
        expectSuccess(try task.program([
            "train", "--architecture", "found", "--inherit", "found", "--data", "images", "--output", "trained",
            "--epochs", "1", "--batch", "16",
        ]))
        let plan = try JSON(contentsOf: task.directory.file("trained/config.json"), what: "configuration")
        #expect(plan["inherit"] == .string(AbsolutePath.of(task.directory.file("found/weights.safetensors"))))
        for run in ["found", "trained"] {
            let given = try task.program([
                "evaluate", "--architecture", "\(run)/architecture.json", "--weights", "\(run)/weights.safetensors",
                "--data", "images", "--json",
            ])
            let found = try task.program(["evaluate", "--run", run, "--json"])
            expectSuccess(found)
            for key in ["correct", "test_images", "cross_entropy", "confusion"] {
                #expect(try found.json()[key] != nil && found.json()[key] == given.json()[key], "\(key)")
            }
            for format in ["onnx", "timm", "safetensors", "json", "html", "svg"] {
                expectSuccess(try elsewhere(["export", "--run", "../\(run)", "--format", format, "--output", "x.\(format)"]))
            }
            let architecture = try Architecture(contentsOf: task.directory.file("\(run)/architecture.json"))
            #expect(try Architecture(contentsOf: task.directory.file("else/x.json")) == architecture)
            let weights = try WeightsFile(contentsOf: task.directory.file("\(run)/weights.safetensors"), for: architecture)
            let exported = try WeightsFile(contentsOf: task.directory.file("else/x.safetensors"), for: architecture)
            for tensor in architecture.weightTensors {
                #expect(exported.weights[tensor.name] == weights.weights[tensor.name], "\(tensor.name)")
            }
            let pixels = [Float](repeating: 0.5, count: 144)
            try SafetensorsFile.write(
                [NamedTensor(name: "images", shape: [1, 12, 12, 1], values: pixels)], to: task.directory.file("i.safetensors"))
            expectSuccess(try task.program([
                "logits", "--run", run, "--images", "i.safetensors", "--output", "\(run).logits",
            ]))
            expectSuccess(try task.program(["estimate", "--architecture", run, "--device", "pixel6-tflite-2018"]))
        }
    }

    @Test("a folder that is no run, or whose run is not finished, gives one sentence")
    func noRun() throws {
        func check(_ run: String, status: Int32, says: String) throws {
            let commands = [
                ["evaluate", "--run", run], ["export", "--run", run, "--format", "onnx", "--output", "x"],
                ["estimate", "--architecture", run, "--device", "pixel1"],
                ["train", "--architecture", "./network.json", "--inherit", run, "--data", "images", "--output", "x"],
                ["logits", "--run", run, "--images", "i", "--output", "x"],
            ]
            for arguments in commands {
                let outcome = try task.program(arguments)
                #expect(outcome.status == status && outcome.error.contains(says), "\(arguments): \(outcome.error)")
                #expect(outcome.error.split(separator: "\n").count == 1 && outcome.output.isEmpty)
            }
        }
        try check("images", status: 66, says: "no run (its config.json) at images/config.json")
        let stopped = try task.program(
            task.search("run"), interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130)
        try check(
            "run", status: 65,
            says: "expected a finished run, found one without result.json; `onepath search --resume --output run` resumes it")
        for (more, says) in [
            (["--run", "run", "--weights", "w"], "expected --run, or --architecture and --weights"),
            (["--architecture", "a"], "expected --run, or --architecture and --weights"),
            (["--run", "run", "--onnx", "x"], "--onnx: expected no other network beside it"),
        ] {
            let outcome = try task.program(["evaluate"] + more)
            #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
        }
    }

    @Test("--no-provenance-paths leaves folders out of all that a run is given away with, and the run resumes")
    func withoutFolders() throws {
        let folder = AbsolutePath.of(task.directory.path)
        let stopped = try task.program(
            task.search("\(folder)/run", epochs: 2) + ["--space", "\(folder)/space.json", "--no-provenance-paths"],
            interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130 || stopped.status == 0, "\(stopped.error)")
        expectSuccess(try elsewhere(["search", "--resume", "--output", "../run"]))
        for format in ["onnx", "timm", "json", "safetensors", "html"] {
            expectSuccess(try elsewhere([
                "export", "--run", "\(folder)/run", "--format", format, "--output", "\(folder)/x.\(format)",
                "--no-provenance-paths",
            ]))
        }
        let root = AbsolutePath.of(ShippedFiles.root)
        for name in [
            "run/architecture.json", "run/weights.safetensors", "run/result.json", "x.onnx", "x.timm", "x.json",
            "x.safetensors", "x.html",
        ] {
            let bytes = try BinaryFile.read(task.directory.file(name), what: "file")
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains(folder) && !text.contains(root), "\(name)")
        }
        let result = try JSON(contentsOf: task.directory.file("run/result.json"), what: "result")
        let command = string(result["provenance"]?["command"])
        #expect(command.hasPrefix("onepath search --space space.json "), "\(command)")
        guard case .array(let inputs)? = result["provenance"]?["inputs"] else {
            Issue.record("no inputs")
            return
        }
        #expect(inputs[0]["path"] == "space.json")
        #expect(inputs[0]["sha256"] == .string(try FileDigest.sha256(of: task.directory.file("space.json"))))

        // A changed file is still found out.
        try FileManager.default.removeItem(atPath: task.directory.file("run/result.json"))
        let space = try String(contentsOfFile: task.directory.file("space.json"), encoding: .utf8)
        try AtomicFile.write(space.replacing("for a test", with: "for another"), to: task.directory.file("space.json"))
        let changed = try elsewhere(["search", "--resume", "--output", "../run"])
        #expect(changed.status == 65 && changed.error.contains("space.json: expected the SHA-256"), "\(changed.error)")
    }
}
