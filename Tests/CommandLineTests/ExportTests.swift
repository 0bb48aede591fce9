import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath export")
struct ExportTests {
    @Test("writes what the other programs read, and reads its own files back")
    func formats() throws {
        let directory = try TemporaryDirectory()
        func export(_ architecture: String, _ format: String, _ name: String, _ more: [String] = []) throws {
            let outcome = try Program.run(
                ["export", "--architecture", architecture, "--format", format, "--output", directory.file(name)] + more)
            #expect(
                outcome.status == 0 && outcome.error == "" && outcome.output.contains(directory.file(name)),
                "\(outcome.error)")
        }
        try export("single-path-nas", "json", "a.json")
        try export("single-path-nas", "timm", "network.py")
        try export(directory.file("network.py"), "json", "b.json")
        try export("single-path-nas", "safetensors", "w.safetensors", ["--untrained"])
        try export("single-path-nas", "onnx", "n.onnx", ["--weights", directory.file("w.safetensors"), "--fold"])
        try export(directory.file("network.py"), "onnx", "m.onnx", ["--untrained"])
        #expect(
            try Architecture(contentsOf: directory.file("a.json"))
                == Architecture(contentsOf: ShippedFiles.reference("single-path-nas")))
        func totals(_ arguments: [String]) throws -> [JSON?] {
            let json = try Program.run(["estimate", "--device", "pixel1", "--json"] + arguments).json()
            return [json["macs"], json["parameters"]]
        }
        #expect(try totals(["--architecture", directory.file("b.json")]) == [333_467_072, 4_421_616])
        #expect(try totals(["--onnx", directory.file("m.onnx")]) == [333_467_072, 4_421_616])
        #expect(try totals(["--onnx", directory.file("n.onnx")])[0] == 333_467_072)
    }

    @Test("of weights gives the logits that the network had, also through timm's names")
    func logits() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let architecture = directory.file("a.json")
        try ArchitectureDocument(space.smallest, provenance: nil).write(to: architecture)
        try WeightsFile(TrainedWeights(untrained: space.smallest), provenance: nil).write(
            to: directory.file("w.safetensors"))
        let pixels = (0..<20 * 784).map { Float($0 % 255) / 255 }
        try SafetensorsFile.write(
            [NamedTensor(name: "images", shape: [20, 28, 28, 1], values: pixels)],
            to: directory.file("images.safetensors"))
        let exported = try Program.run([
            "export", "--architecture", architecture, "--weights", directory.file("w.safetensors"), "--format",
            "safetensors",
            "--output", directory.file("timm.safetensors"),
        ])
        #expect(exported.status == 0, "\(exported.error)")
        let logits = try ["w", "timm"].map { name in
            let outcome = try Program.run([
                "logits", "--architecture", architecture, "--weights", directory.file("\(name).safetensors"),
                "--images",
                directory.file("images.safetensors"), "--output", directory.file("logits.safetensors"),
            ])
            #expect(outcome.status == 0, "\(outcome.error)")
            return try SafetensorsFile(path: directory.file("logits.safetensors")).tensor("logits")
        }
        #expect(logits[0]?.shape == [20, 10] && logits[0] == logits[1])
        #expect(Set(logits[0]?.values ?? []).count > 100)
    }

    @Test("of weights of another number of classes writes a network of theirs, and says so")
    func otherClasses() throws {
        let directory = try TemporaryDirectory()
        var network = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")).smallest
        try ArchitectureDocument(network, provenance: nil).write(to: directory.file("a.json"))
        network.classes = 3
        try WeightsFile(TrainedWeights(untrained: network), provenance: nil).write(to: directory.file("w.safetensors"))
        let exported = try Program.run([
            "export", "--architecture", directory.file("a.json"), "--weights", directory.file("w.safetensors"),
            "--image-mean", "0.5", "--image-std", "0.5", "--format", "onnx", "--output", directory.file("w.onnx"),
        ])
        #expect(exported.status == 0, "\(exported.error)")
        #expect(exported.output.contains("The weights are for 3 classes, and so is what is written; the architecture says 10."))
        #expect(try ONNXFile(contentsOf: directory.file("w.onnx")).weights.weights.architecture.classes == 3)
    }

    @Test("writes the report of an architecture, with its latency where a device is given")
    func report() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("report.html")
        for (more, hasLatency) in [([], false), (["--device", "pixel1"], true)] {
            let outcome = try Program.run(
                ["export", "--architecture", "single-path-nas", "--format", "html", "--output", path] + more)
            #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
            let page = try String(contentsOfFile: path, encoding: .utf8)
            for part in ["333,467,072", "4,421,616", "the largest", "stage5.4: 5x5 e6, 7x7x192 to 7x7x192"] {
                #expect(page.contains(part), "\(part)")
            }
            #expect(page.contains("80.4 ms") == hasLatency && page.contains("latency-title") == hasLatency)
            #expect(!page.contains("cross-entropy-title") && !page.contains("90 % interval"))
        }
        // A latency that is not measured has the interval of an estimate.
        let network = ["--architecture", "mobilenet-v2", "--device", "pixel6"]
        _ = try Program.run(["export", "--format", "html", "--output", path] + network)
        let estimate = try Program.run(["estimate", "--json"] + network).json()
        guard case .number(let low)? = estimate["latency_low_ms"], case .number(let high)? = estimate["latency_high_ms"] else {
            Issue.record("no interval")
            return
        }
        let interval = "90 % interval: \(low.significant(3)) to \(high.significant(3)) ms"
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("<small>\(interval)</small>"), "\(interval)")
    }

    @Test("of a run that is not there, or is not finished, says so")
    func noRun() throws {
        let directory = try TemporaryDirectory()
        let outcome = try Program.run(
            ["export", "--run", directory.path, "--format", "svg", "--output", directory.file("x")])
        #expect(outcome.status == 66 && outcome.error.contains("no run"), "\(outcome.error)")
    }

    @Test("with wrong usage says what is expected", arguments: [
        (["--format", "onnx"], "expected weights: those of a --run, --weights or --untrained, found none"),
        (["--format", "safetensors"], "expected weights: those of a --run, --weights or --untrained, found none"),
        (["--format", "onnx", "--weights", "w", "--untrained"], "found --weights and --untrained"),
        (["--format", "json", "--untrained"], "holds no weights"),
        (["--format", "timm", "--weights", "w"], "holds no weights"),
        (["--format", "json", "--fold"], "--fold: expected --format onnx"), (["--format", "tflite"], "expected weights: those of a --run"),
        (["--format", "json", "--raw-input"], "--raw-input: expected --format onnx or tflite"),
        (["--format", "timm", "--data", "d"], "--data: expected --format onnx or tflite"),
        (["--format", "json", "--holdout", "0.2"], "--holdout: expected --format onnx or tflite"),
        (["--format", "timm", "--no-cache"], "--no-cache: expected --format onnx or tflite"),
        (["--format", "svg", "--skip-broken"], "--skip-broken: expected --format onnx or tflite"),
        (["--format", "html", "--run", "r"], "expected either --architecture or --run, found both"),
        (["--format", "json", "--device", "pixel1"], "--device: expected --format html or svg, or tflite"),
        (["--format", "onnx", "--untrained", "--run", "r"], "expected either --architecture or --run, found both"),
        (["--format", "svg", "--untrained"], "holds no weights"),
        (["--format", "onnx", "--untrained", "--skip-broken"], "--skip-broken: expected --data, the images that it is for"),
    ])
    func usage(arguments: [String], says: String) throws {
        let outcome = try Program.run(
            ["export", "--architecture", "single-path-nas", "--output", "/proc/onepath"] + arguments)
        #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
    }

    @Test("refuses images that nothing says how to normalise, and writes nothing")
    func dataWithoutNormalization() throws {
        let directory = try TemporaryDirectory()
        let outcome = try Program.run(
            ["export", "--architecture", "mobilenet-v2", "--format", "onnx", "--untrained", "--data", "none", "--output", "u.onnx"],
            in: directory.path)
        #expect(outcome.status == 64 && outcome.error.contains("--data: expected weights that say how images are"), "\(outcome.error)")
        #expect(access(directory.file("u.onnx"), F_OK) != 0)
    }

    @Test("refuses a name that is usual for another format, and takes any other")
    func names() throws {
        let directory = try TemporaryDirectory()
        func export(_ format: String, _ name: String) throws -> Program.Outcome {
            try Program.run(
                ["export", "--architecture", "single-path-nas", "--format", format, "--output", name], in: directory.path)
        }
        for (format, name, end, other) in [
            ("json", "a.py", "json", "timm"), ("timm", "a.JSON", "py", "json"), ("svg", "a.b.htm", "svg", "html"),
            ("html", "a.onnx", "html", "onnx"),
        ] {
            let outcome = try export(format, name)
            let says = "--output: expected a name that ends with .\(end) for --format \(format), found \(name), the name of a "
                + "file of --format \(other)"
            #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
        }
        let model = try Program.run(
            ["export", "--architecture", "single-path-nas", "--untrained", "--format", "tflite", "--output", "o.onnx"],
            in: directory.path)
        #expect(model.status == 64 && model.error.contains("found o.onnx, the name of a file of --format onnx"), "\(model.error)")
        #expect(try directory.names().isEmpty)
        for (format, name) in [("timm", "a.py"), ("timm", "json"), ("html", "a.htm"), ("svg", "a.svg.txt"), ("json", "a.JSON")] {
            #expect(try export(format, name).status == 0, "\(name)")
        }
        #expect(try directory.names() == ["a.JSON", "a.htm", "a.py", "a.svg.txt", "json"])
    }

    @Test("with files that are missing, damaged or cannot be written says so")
    func badFiles() throws {
        let directory = try TemporaryDirectory()
        let damaged = try directory.write(Array("damaged".utf8), to: "damaged.py")
        let cases: [(arguments: [String], status: Int32, says: String)] = [
            (["single-path-nas", "onnx", "--weights", "/no.safetensors"], 66, "no weights at /no.safetensors"),
            (
                ["single-path-nas", "onnx", "--weights", damaged], 65,
                "\(damaged): byte 0: expected safetensors, found a text that begins with \"damaged\""
            ),
            ([damaged, "json"], 65, "\(damaged): expected a definition"),
            (["nothing", "json"], 66, "single-path-nas"),
            (["single-path-nas", "json"], 73, "cannot write /proc/onepath"),
        ]
        for (arguments, status, says) in cases {
            let outcome = try Program.run(
                ["export", "--architecture", arguments[0], "--format", arguments[1], "--output", "/proc/onepath"]
                    + arguments[2...])
            #expect(outcome.status == status && outcome.error.contains(says), "\(outcome.error)")
        }
        let both = try Program.run(["estimate", "--architecture", "a", "--onnx", "b", "--device", "pixel1"])
        #expect(both.status == 64 && both.error.contains("--onnx needs --device, and goes with neither --architecture"))
        let model = try Program.run(["estimate", "--onnx", damaged, "--device", "pixel1"])
        #expect(model.status == 65 && model.error.hasPrefix("onepath: \(damaged): byte "), "\(model.error)")
    }

    /// Everything of one kind that takes more memory decoded than in the file.
    @Test("of hostile files takes at most twice their size and 64 MiB")
    func memory() throws {
        let directory = try TemporaryDirectory()
        func varint(_ value: Int) -> [UInt8] {
            value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
        }
        func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + varint(content.count) + content }
        func repeated(_ part: [UInt8], bytes: Int) -> [UInt8] {
            Array((0..<bytes / part.count).map { _ in part }.joined())
        }
        func header(_ text: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
        }
        let mebibyte = 1 << 20
        let entry = #""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"#
        let entries = (0..<9000).map { entry.replacing("\"a\"", with: "\"\($0)\"") }.joined()
        let files: [(name: String, bytes: [UInt8])] = [
            ("nodes.onnx", field(0x3a, repeated([0x0a, 0], bytes: 8 * mebibyte))),
            ("few_nodes.onnx", field(0x3a, repeated([0x0a, 0], bytes: 90_000))),
            ("attributes.onnx", field(0x3a, field(0x0a, repeated([0x2a, 0], bytes: 90_000)))),
            ("tensors.onnx", field(0x3a, repeated([0x2a, 0], bytes: 90_000))),
            ("values.onnx", field(0x3a, repeated([0x5a, 2, 0x12, 0], bytes: 90_000))),
            ("texts.onnx", field(0x3a, field(0x0a, repeated([0x0a, 0], bytes: 500_000)))),
            ("integers.onnx", field(0x3a, field(0x2a, field(0x3a, [UInt8](repeating: 1, count: 16 * mebibyte))))),
            ("floats.onnx", field(0x3a, field(0x2a, field(0x22, [UInt8](repeating: 1, count: 32 * mebibyte))))),
            ("raw.onnx", field(0x3a, field(0x2a, field(0x4a, [UInt8](repeating: 1, count: 64 * mebibyte))))),
            (
                "unknown.onnx",
                field(0x3a, repeated(field(0xf2, [0x07] + [UInt8](repeating: 0, count: 20)), bytes: 8 * mebibyte))
            ),
            ("brackets.safetensors", header(repeated(Array("[".utf8), bytes: mebibyte))),
            (
                "arrays.safetensors",
                header(Array("{\"a\":[".utf8) + repeated(Array("[],".utf8), bytes: 73_000) + Array("[]]}".utf8))
            ),
            ("entries.safetensors", header(Array("{\(entries.dropLast())}".utf8))),
            ("long.safetensors", header([UInt8](repeating: 0x20, count: 32 * mebibyte + 1))),
        ]
        let idle = PeakMemory.of(["estimate", "--onnx", directory.file("none.onnx"), "--device", "pixel1"])
        #expect(idle.status == 66)
        for (name, bytes) in files {
            let path = directory.file(name)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let peak = PeakMemory.of(
                name.hasSuffix(".onnx")
                    ? ["estimate", "--onnx", path, "--device", "pixel1"]
                    : [
                        "export", "--architecture", "single-path-nas", "--weights", path, "--format", "onnx",
                        "--output", directory.file("x"),
                    ])
            #expect(peak.status == 65, "\(name)")
            #expect(
                peak.bytes - idle.bytes <= 2 * bytes.count + 64 * mebibyte,
                "\(name): \((peak.bytes - idle.bytes) / mebibyte) MiB for \(bytes.count / mebibyte)")
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Right models, of which each part makes another one larger.
    @Test("of models that grow while they are read takes at most twice their size and 64 MiB")
    func growth() throws {
        func varint(_ value: Int) -> [UInt8] {
            value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
        }
        func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + varint(content.count) + content }
        func text(_ tag: UInt8, _ text: String) -> [UInt8] { field(tag, Array(text.utf8)) }
        func node(_ kind: String, _ inputs: [String], _ outputs: [String]) -> [UInt8] {
            field(0x0a, inputs.flatMap { text(0x0a, $0) } + outputs.flatMap { text(0x12, $0) } + text(0x22, kind))
        }
        // Input "image" [1, 16384, 1, 1], and "c", 64 integers.
        func model(_ nodes: [[UInt8]]) -> [UInt8] {
            let sides = [1, 16_384, 1, 1].flatMap { field(0x0a, [0x08] + varint($0)) }
            let image = text(0x0a, "image") + field(0x12, field(0x0a, [0x08, 1] + field(0x12, sides)))
            let constant = [0x08, 64, 0x10, 7] + field(0x3a, [UInt8](repeating: 1, count: 64)) + text(0x42, "c")
            return field(0x42, [0x10, 17])
                + field(0x3a, Array(nodes.joined()) + field(0x2a, constant) + field(0x5a, image) + field(0x62, text(0x0a, "o")))
        }
        func chain(_ kind: String, from first: String, _ count: Int, inputs: (String) -> [String]) -> [[UInt8]] {
            (0..<count).map { node(kind, inputs($0 == 0 ? first : "v\($0)"), ["v\($0 + 1)"]) }
        }
        let names = (0..<120_000).map { String($0, radix: 36) }
        let last = [node("Identity", ["v16000"], ["o"])]
        let files: [(name: String, status: Int32, bytes: [UInt8])] = [
            ("doubled", 65, model(chain("Concat", from: "c", 40) { [$0, $0] })),
            ("constants", 0, model(chain("Add", from: "c", 16_000) { [$0, "c"] } + [node("Exp", ["image"], ["o"])])),
            ("operators", 0, model(chain("Exp", from: "image", 16_000) { [$0] } + last)),
            ("sums", 0, model(chain("Add", from: "image", 16_000) { [$0, "image"] } + last)),
            ("split", 65, model([node("Split", ["image"], (0..<16_384).map { "s\($0)" })])),
            ("names", 65, model([node("Fancy", names, ["o"])])),
            ("results", 65, model([node("Fancy", ["image"], names)])),
        ]
        let directory = try TemporaryDirectory()
        let idle = PeakMemory.of(["estimate", "--onnx", directory.file("none.onnx"), "--device", "pixel1"])
        #expect(idle.status == 66)
        for (name, status, bytes) in files {
            let path = try directory.write(bytes, to: "\(name).onnx")
            let peak = PeakMemory.of(["estimate", "--onnx", path, "--device", "pixel1"])
            #expect(peak.status == status, "\(name)")
            #expect(
                peak.bytes - idle.bytes <= 2 * bytes.count + 64 << 20,
                "\(name): \((peak.bytes - idle.bytes) >> 20) MiB for \(bytes.count >> 10) KiB")
        }
    }
}
