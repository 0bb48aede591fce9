import Files
import Foundation
import Testing
import TestSupport

@Suite("Bad input")
struct BadInputTests {
    struct Case: CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        /// Parts of the sentence.
        let says: [String]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    private static func search(
        space: String = "fashion-mnist", device: String = "pixel1", data: String = "fashion-mnist", _ more: [String] = []
    ) -> [String] {
        ["search", "--space", space, "--device", device, "--data", data, "--output", "/proc/onepath"] + more
    }

    private static func quality(_ more: [String]) -> [String] {
        ["benchmark", "search-quality", "--output", "/proc/onepath"] + more
    }

    static let cases = [
        Case(arguments: search(space: "nothing"), status: 66, says: ["search space", "fashion-mnist, nas-bench-macro, single-path-mobile"]),
        Case(arguments: search(space: "./no.json"), status: 66, says: ["no search space at ./no.json"]),
        Case(arguments: search(device: "nothing"), status: 66, says: ["device profile", "onepath show devices lists all"]),
        Case(
            arguments: search(["--device", "pixel1", "--target-latency", "2"]), status: 64,
            says: ["--device: expected different devices, found one twice: pixel1, pixel1"]),
        Case(
            arguments: search(["--device", "devices/pixel1.json", "--target-latency", "2"]), status: 64,
            says: ["--device: expected different devices, found one twice: pixel1, devices/pixel1.json"]),
        Case(arguments: search(data: "nothing"), status: 66, says: ["data set", "fashion-mnist"]),
        Case(arguments: search(space: "/"), status: 66, says: ["/"]),
        Case(
            arguments: search(space: "devices/pixel1.json"), status: 65,
            says: ["devices/pixel1.json: /schema: expected \"onepath.space/1\""]),
        Case(
            arguments: search(space: "single-path-mobile"), status: 65,
            says: ["expected images of 224x224x3 in 1000 classes", "found images of 28x28x1 in 10 classes"]),
        Case(arguments: search(["--train-examples", "0"]), status: 64, says: ["expected a number from 1 to 60000"]),
        Case(arguments: search(["--train-examples", "50"]), status: 64, says: ["batches of 64 images"]),
        Case(
            arguments: search(["--lambda", "-1"]), status: 64,
            says: ["--lambda: found -1, which is read as an option; write --lambda=-1"]),
        Case(arguments: search(["--lambda=-1"]), status: 64, says: ["--lambda: expected a number from 0"]),
        Case(arguments: search(["--lambda", "nan"]), status: 64, says: ["--lambda: expected"]),
        Case(arguments: search(["--epochs", "0"]), status: 64, says: ["--epochs: expected a number from 1"]),
        Case(arguments: search(["--epochs", "many"]), status: 64, says: ["--epochs"]),
        Case(arguments: search(["--batch", "1"]), status: 64, says: ["--batch: expected"]),
        Case(arguments: search(["--seed", "-1"]), status: 64, says: ["--seed"]),
        Case(arguments: search(["--threads", "0"]), status: 64, says: ["--threads: expected"]),
        Case(arguments: search(["--checkpoint-every", "0"]), status: 64, says: ["--checkpoint-every: expected"]),
        Case(arguments: search(["--resume", "--dry-run"]), status: 64, says: ["expected one of them, found both"]),
        Case(arguments: search(["--batch", "60001"]), status: 64, says: ["batches of 60001 images"]),
        Case(arguments: quality(["--trainings", "0"]), status: 64, says: ["--trainings: expected a number from 1"]),
        Case(arguments: quality(["--seeds=-1"]), status: 64, says: ["--seeds: expected a number from 0"]),
        Case(arguments: quality(["--target-latencies", "0,1"]), status: 64, says: ["expected positive numbers"]),
        Case(arguments: ["search", "--output", "x"], status: 64, says: ["expected --space and --device and --data, or"]),
        Case(arguments: ["search", "--resume"], status: 64, says: ["expected --output, the folder of the run to resume"]),
        Case(
            arguments: ["search", "--resume", "--output", "/proc/onepath"], status: 66,
            says: ["no search to resume (its config.json) at /proc/onepath/config.json"]),
        Case(arguments: train(["--epochs", "0"]), status: 64, says: ["--epochs: expected a number from 1"]),
        Case(arguments: train(["--learning-rate", "0"]), status: 64, says: ["--learning-rate: expected a number above 0"]),
        Case(arguments: train(["--optimizer", "adam"]), status: 64, says: ["expected rmsprop or sgd, found adam"]),
        Case(arguments: train(["--learning-rate-schedule", "steps"]), status: 64, says: ["exponential or cosine"]),
        Case(
            arguments: train(["--epochs", "2", "--quantization-aware", "3"]), status: 64,
            says: ["--quantization-aware: expected a number from 0 to 2, found 3"]),
        Case(arguments: train(["--dropout", "1"]), status: 64, says: ["--dropout: expected"]),
        Case(arguments: train(["--inherit", "./no"]), status: 66, says: ["no weights at ./no"]),
        Case(
            arguments: train(["--inherit", "devices"]), status: 66, says: ["no run (its config.json) at devices/config.json"]),
        Case(
            arguments: train(), status: 65,
            says: ["expected images of 224x224x3 in 1000 classes for the architecture mobilenet-v2"]),
        Case(
            arguments: train(architecture: "efficientnet-b0"), status: 65, says: ["efficientnet-b0: expected ReLU or ReLU6 alone"]),
        Case(arguments: ["train", "--output", "x"], status: 64, says: ["expected --architecture and --data, or"]),
        Case(
            arguments: ["evaluate", "--data", "fashion-mnist"], status: 64,
            says: ["expected --run, or --architecture and --weights, or --onnx, or --tflite"]),
        Case(arguments: ["evaluate", "--run", ""], status: 64, says: ["--run: expected a directory, found nothing"]),
        Case(
            arguments: ["evaluate", "--data", "fashion-mnist", "--onnx", "./no.onnx"], status: 66,
            says: ["no ONNX model at ./no.onnx"]),
        Case(
            arguments: ["evaluate", "--data", "fashion-mnist", "--onnx", "Makefile"], status: 65, says: ["Makefile: "]),
        Case(arguments: search(), status: 73, says: ["cannot write /proc/onepath"]),
        Case(arguments: ["profile", "--output", "/proc/x"], status: 64, says: ["either a --space or an --architecture"]),
        Case(arguments: ["profile", "--space", "fashion-mnist"], status: 64, says: ["either an --output or a --plan"]),
        Case(
            arguments: ["profile", "--space", "fashion-mnist", "--output", "/proc/x"], status: 73,
            says: ["cannot write /proc/x.partial.jsonl"]),
        Case(arguments: ["profile", "--space", "nothing", "--plan", "/proc/x"], status: 66, says: ["search space"]),
        Case(
            arguments: ["profile", "--import", "./no.csv", "--format", "csv", "--output", "/proc/x"], status: 66,
            says: ["no table of measurements at ./no.csv"]),
        Case(
            arguments: ["profile", "--import", "README.md", "--output", "/proc/x"], status: 64, says: ["its --format is needed"]),
        Case(
            arguments: ["profile", "--import", "Makefile", "--format", "csv", "--output", "/proc/x"], status: 65,
            says: ["Makefile: line ", "unknown column"]),
        Case(
            arguments: ["profile", "--import", "Makefile", "--format", "tflite-benchmark", "--output", "/proc/x"], status: 64,
            says: ["expected one --architecture"]),
        Case(
            arguments: [
                "profile", "--import", "Makefile", "--format", "tflite-benchmark", "--architecture", "single-path-nas",
                "--output", "/proc/x",
            ], status: 65, says: ["Makefile: expected a list \"Run Order\""]),
        Case(
            arguments: ["measure", "--architecture", "single-path-nas", "--threads", "0"], status: 64,
            says: ["--threads: expected"]),
        Case(
            arguments: ["measure", "--architecture", "single-path-nas", "--threads", "256"], status: 64,
            says: ["cannot bind the measurement to 256 processor cores"]),
        Case(
            arguments: ["measure", "--architecture", "single-path-nas", "--budget", "nan"], status: 64,
            says: ["--budget: expected"]),
        Case(arguments: ["search"], status: 64, says: ["--space"]),
        Case(arguments: ["show", "run", ""], status: 64, says: ["run: expected its folder"]),
        Case(arguments: ["invent"], status: 64, says: ["invent"]),
        Case(arguments: ["show", "everything"], status: 64, says: ["everything"]),
        Case(
            arguments: ["estimate", "--architecture", "nothing", "--device", "pixel1"], status: 66,
            says: ["architecture", "single-path-nas"]),
        Case(
            arguments: ["estimate", "--architecture", "searchspaces/fashion-mnist.json", "--device", "pixel1"], status: 65,
            says: ["/schema: expected \"onepath.architecture/1\""]),
        Case(arguments: ["estimate"], status: 64, says: ["expected --architecture, --onnx or --tflite, the network, and --device, the device profile"]),
        Case(
            arguments: ["estimate", "--architecture", "mobilenet-v2"], status: 64, says: ["expected --device, the device profile"]),
        Case(
            arguments: ["estimate", "--architecture", "mobilenet-v2", "--compare", "pixel4", "--confidence", "0.8"],
            status: 64, says: ["--confidence: expected --json with --compare"]),
        Case(arguments: estimate(["--threads", "3"]), status: 64, says: ["big or a number from 1 to 2", "found 3"]),
        Case(arguments: estimate(["--threads", "all"]), status: 64, says: ["--threads: expected big", "found all"]),
        Case(arguments: estimate(["--device-threads", "3"]), status: 64, says: ["--device-threads: expected big or a number from 1 to 2"]),
        Case(arguments: estimate(["--device-threads", "0"]), status: 64, says: ["--device-threads: expected big", "found 0"]),
        Case(
            arguments: estimate(["--device-threads", "99999999999999999999", "--compare", "pixel2"]), status: 64,
            says: ["--device-threads: expected big"]),
        Case(arguments: estimate(["--threads", "1", "--device-threads", "1"]), status: 64, says: ["found both"]),
        Case(arguments: seeded(["estimate"]), status: 64, says: seed), Case(arguments: seeded(search()), status: 64, says: seed),
        Case(arguments: seeded(train()), status: 64, says: seed),
        Case(arguments: seeded(["search", "--resume", "--output", "x"]), status: 64, says: seed),
        Case(
            arguments: seeded(
                ["profile", "--import", "devices/measurements-example.csv", "--format", "csv", "--output", "/proc/x"]),
            status: 64, says: seed),
        Case(arguments: seeded(["measure", "--architecture", "single-path-nas"]), status: 64, says: seed),
        Case(arguments: estimate(["--compare", "pixel2"]), status: 64, says: ["--compare needs either"]),
        Case(arguments: ["estimate", "--compare", "pixel2"], status: 64, says: ["--compare needs either"]),
        Case(
            arguments: [
                "export", "--architecture", "mobilenet-v2", "--untrained", "--format", "onnx", "--output", "x.onnx", "--image-mean",
                "0", "--image-std", "1e-7",
            ], status: 64, says: ["--image-std: expected numbers from 1e-06 to 1000000"]),
        Case(arguments: estimate(["--space", "fashion-mnist"]), status: 64, says: ["--space: expected --sweep N too, found none"]),
        Case(
            arguments: ["estimate", "--device", "pixel1", "--compare", "mobilenet-v1", "mobilenet-v1"], status: 64,
            says: ["--compare: expected each name once, found mobilenet-v1 twice"]),
        Case(
            arguments: ["estimate", "--device", "pixel1", "--compare", "mobilenet-v1", "nothing"], status: 66,
            says: ["architecture", "mobilenet-v2"]),
        Case(arguments: sweep("0", ["--space", "fashion-mnist"]), status: 64, says: ["--sweep: expected", "found 0"]),
        Case(arguments: sweep("1000001", ["--space", "fashion-mnist"]), status: 64, says: ["--sweep: expected"]),
        Case(arguments: sweep("10", []), status: 64, says: ["--sweep needs --space and --device"]),
        Case(arguments: sweep("10", ["--space", "nothing"]), status: 66, says: ["search space", "fashion-mnist"]),
        Case(arguments: ["calibrate"], status: 64, says: ["--device"]),
        Case(arguments: ["calibrate", "--device", "nothing"], status: 66, says: ["device profile", "onepath show devices lists all"]),
        Case(arguments: ["calibrate", "--device", "pixel1"], status: 64, says: ["--output: expected a file", "pixel1, a name, is not replaced"]),
    ]

    private static func train(_ more: [String] = [], architecture: String = "mobilenet-v2") -> [String] {
        ["train", "--architecture", architecture, "--data", "fashion-mnist", "--output", "/proc/onepath"] + more
    }

    /// More than a file can hold.
    private static func seeded(_ arguments: [String]) -> [String] { arguments + ["--seed", "18446744073709551615"] }
    private static let seed = ["--seed", "expected a whole number from 0 to 9223372036854775807"]

    private static func estimate(_ more: [String]) -> [String] {
        ["estimate", "--architecture", "single-path-nas", "--device", "pixel1"] + more
    }

    private static func sweep(_ count: String, _ more: [String]) -> [String] {
        ["estimate", "--sweep", count, "--device", "pixel1"] + more
    }

    @Test("gives one clear sentence and the exit code", arguments: cases)
    func sentence(bad: Case) throws {
        let outcome = try Program.run(bad.arguments)
        #expect(outcome.status == bad.status)
        #expect(outcome.output == "")
        for part in bad.says { #expect(outcome.error.contains(part), "\(outcome.error)") }
        if bad.status != 64 { #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)") }
    }

    @Test("is what a full disk leaves of the output", arguments: [["show", "devices"], ["show", "spaces", "--json"]])
    func lostOutput(arguments: [String]) throws {
        // Neither output nor error may grow.
        let outcome = try Program.run(arguments, fileLimit: 0)
        #expect(outcome.status == 73 && !outcome.isKilled && outcome.output == "")
    }

    @Test("in a space, a device or an architecture is told with file and place")
    func damagedFiles() throws {
        let directory = try TemporaryDirectory()
        let space = try String(contentsOfFile: ShippedFiles.space("fashion-mnist"), encoding: .utf8)
        // In another folder the hardware is found by its whole path.
        let device = try String(contentsOfFile: ShippedFiles.device("pixel1"), encoding: .utf8)
            .replacing("\"hardware/", with: "\"\(ShippedFiles.root)/devices/hardware/")
        let damages = [
            ("--space", space.replacing("\"stride\": 2", with: "\"stride\": -1"), "/stages/1/stride: expected"),
            ("--space", space.replacing("\"classes\": 10", with: "\"classes\": NaN"), "line "),
            ("--space", space.replacing("\"classes\": 10", with: "\"classes\": 1e300"), "/classes: expected"),
            ("--space", space.replacing("\"classes\": 10", with: "\"class\": 10"), "/class"),
            ("--space", String(space.prefix(300)), "line "),
            ("--device", device.replacing("onepath.device/1", with: "onepath.device/2"), "/schema: expected"),
            ("--device", device.replacing("\"latency_ms\": ", with: "\"latency_ms\": -"), "/latency_ms: expected"),
            (
                "--device", device.replacing("\"single-path-mobile\"", with: "\"fashion-mnist\""),
                "/tables/0/entries/0: expected layer stage1.1 as in fashion-mnist"
            ),
        ]
        for (flag, text, place) in damages {
            let file = try directory.write(Array(text.utf8), to: "damaged.json")
            let arguments = Self.search(
                space: flag == "--space" ? file : "fashion-mnist", device: flag == "--device" ? file : "pixel1")
            let outcome = try Program.run(arguments)
            #expect(outcome.status == 65, "\(outcome.error)")
            #expect(outcome.error.hasPrefix("onepath: \(file): ") && outcome.error.contains(place), "\(outcome.error)")
        }
    }

    @Test("in image files is told with file and place")
    func damagedImages() throws {
        let source = "/usr/share/datasets/fashion-mnist"
        let names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
        let labels = try Data(contentsOf: URL(fileURLWithPath: "\(source)/t10k-labels-idx1-ubyte.gz"))
        var corrupt = labels
        corrupt[labels.count / 2] ^= 0x55
        for (what, damaged) in [("truncated", labels.prefix(labels.count / 2)), ("corrupt", corrupt)] {
            let directory = try TemporaryDirectory()
            for name in names {
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file("\(name).gz"), withDestinationPath: "\(source)/\(name).gz")
            }
            try FileManager.default.removeItem(atPath: directory.file("t10k-labels-idx1-ubyte.gz"))
            let file = try directory.write(Array(damaged), to: "t10k-labels-idx1-ubyte.gz")
            let outcome = try Program.run(Self.search(data: directory.path))
            #expect(outcome.status == 65, "\(what): \(outcome.error)")
            #expect(outcome.error.hasPrefix("onepath: \(file): "), "\(what): \(outcome.error)")
        }
    }
}
