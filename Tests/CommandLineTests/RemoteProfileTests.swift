import Files
import Foundation
import HardwareProfiles
import TFLite
import Testing
import TestSupport

/// With a stand-in for adb, which replays what a phone printed; `Tests/Interop` has a real sshd and a real runtime.
@Suite("onepath profile and measure on a phone")
struct RemoteProfileTests {
    private static func arguments(_ phone: ADBStandIn, output: String) -> [String] {
        [
            "profile", "--architecture", "mobilenet-v2", "--adb", "--benchmark-model", phone.benchmarkModel, "--cores",
            "4-6", "--memory", "lpddr4x-4266x64", "--output", output,
        ]
    }

    @Test("go from the cable to a profile with the phone's own figures, in one command")
    func profile() throws {
        let directory = try TemporaryDirectory()
        let phone = try ADBStandIn(), output = directory.file("phone.json")
        let outcome = try Program.run(Self.arguments(phone, output: output), environment: phone.environment)
        #expect(outcome.status == 0, "\(outcome.error)")
        // What the runtime ran besides the network's operators is told, and nothing stays on the phone.
        #expect(outcome.error.contains("Constant Pad (ND, X32), Softmax (NC, F32) for 0.21 ms"), "\(outcome.error)")
        #expect(try phone.files() == [])
        #expect(try directory.names() == ["phone.json"])
        let device = try DeviceProfile(contentsOf: output)
        #expect(device.hardware.clusters.map(\.cores.value).sorted() == [1, 3, 4])
        #expect(device.runtime == Runtime(name: .xnnpack, dataType: .float32, threads: 1, cluster: "middle"))
        let document = try JSON(contentsOf: output, what: "device profile")
        #expect(document["machine"]?["processor"] == "Google Pixel 4 (msmnile)")
        guard case .array(let tables)? = document["tables"], case .array(let operators)? = tables.first?["operators"] else {
            Issue.record("no operators in \(document)")
            return
        }
        // The first convolution and the classifier, as the log has them.
        #expect(operators.first?["latency_ms"] == 1.672 && operators.last?["latency_ms"] == 0.645)
        let estimate = try Program.run(["estimate", "--architecture", "mobilenet-v2", "--device", output, "--json"])
        // The sum of all nodes but the pads and the softmax.
        guard case .number(let latency)? = try estimate.json()["latency_ms"] else {
            Issue.record("no latency: \(estimate.output) \(estimate.error)")
            return
        }
        #expect(abs(latency - 54.588) < 0.3)
    }

    @Test("keep what is measured when the phone is unplugged, and go on from there")
    func unplugged() throws {
        let directory = try TemporaryDirectory()
        let phone = try ADBStandIn(), output = directory.file("phone.json")
        try phone.unplug(after: 32)
        let first = try Program.run(Self.arguments(phone, output: output), environment: phone.environment)
        #expect(first.status == 66, "\(first.output)")
        #expect(
            first.error.contains(
                "onepath: the device 8A2X1EFGH does not answer any more (adb: device '8A2X1EFGH' not found): connect it "
                    + "again; the same command goes on from there"), "\(first.error)")
        #expect(try directory.names() == ["phone.json.partial.jsonl"])
        try phone.unplug(after: 100_000)
        let second = try Program.run(Self.arguments(phone, output: output), environment: phone.environment)
        #expect(second.status == 0, "\(second.error)")
        #expect(second.error.contains(" visits are done"), "\(second.error)")
    }

    @Test("tell of a phone that is unplugged while a file is copied to it as of any other that is")
    func unpluggedWhileCopying() throws {
        let directory = try TemporaryDirectory()
        let phone = try ADBStandIn()
        try phone.unplugWhileCopying(true)
        let outcome = try Program.run(
            Self.arguments(phone, output: directory.file("phone.json")), environment: phone.environment)
        #expect(outcome.status == 66, "\(outcome.error)")
        #expect(outcome.error.contains("the device 8A2X1EFGH does not answer any more"), "\(outcome.error)")
    }

    @Test("measure a whole network")
    func measure() throws {
        let phone = try ADBStandIn()
        let outcome = try Program.run(
            ["measure", "--architecture", "mobilenet-v2", "--adb=8A2X1EFGH", "--benchmark-model", phone.benchmarkModel,
             "--json"], environment: phone.environment)
        #expect(outcome.status == 0, "\(outcome.error)")
        guard case .number(let latency)? = try outcome.json()["latency_ms"] else {
            Issue.record("no latency: \(outcome.output)")
            return
        }
        #expect(abs(latency - 54.587) < 1e-9)
        #expect(try outcome.json()["runtime"]?["name"] == "TensorFlow Lite with XNNPACK")
    }

    @Test("compare integers with what a profile of float32 knows of them, and say where threads are fewer")
    func otherThanTheProfile() throws {
        let phone = try ADBStandIn()
        func interval(_ options: [String]) throws -> (low: Double, high: Double, error: String) {
            let outcome = try Program.run(
                ["measure", "--architecture", "mobilenet-v2", "--adb", "--benchmark-model", phone.benchmarkModel, "--device",
                 "pixel4", "--json"] + options, environment: phone.environment)
            guard case .array(let interval)? = try outcome.json()["estimate_interval_ms"],
                case .number(let low)? = interval.first, case .number(let high)? = interval.last
            else {
                Issue.record("no interval: \(outcome)")
                return (0, 0, outcome.error)
            }
            return (low, high, outcome.error)
        }
        let float = try interval([]), threads = try interval(["--threads", "4"])
        try phone.compute(in: "QC8")
        let int8 = try interval(["--data-type", "int8"])
        // The profile has no latency of integers, so less is known.
        #expect(int8.high / int8.low > 1.2 * float.high / float.low, "\(int8) \(float)")
        #expect(threads.error.contains("onepath: pixel4: 1 thread of the 4 that were asked for"), "\(threads.error)")
        #expect(!float.error.contains("pixel4: 1 thread"), "\(float.error)")
    }

    @Test("refuse what was computed in another data type than the asked one", arguments: [
        ("F32", "int8", "the report's kernels are float32, and the models are int8"),
        ("QC8", "float32", "the report's kernels are int8, and the models are float32"),
        ("F16", "float32", "the report's kernels are float16, and the models are float32"),
    ])
    func otherDataType(computed: String, asked: String, sentence: String) throws {
        let directory = try TemporaryDirectory(), phone = try ADBStandIn()
        try phone.compute(in: computed)
        let output = directory.file("phone.json")
        for arguments in [
            Self.arguments(phone, output: output),
            ["measure", "--architecture", "mobilenet-v2", "--adb", "--benchmark-model", phone.benchmarkModel],
        ] {
            let outcome = try Program.run(arguments + ["--data-type", asked], environment: phone.environment)
            #expect(outcome.status == 65 && outcome.output == "", "\(outcome)")
            #expect(outcome.error.contains("onepath: the output of benchmark_model: \(sentence)"), "\(outcome.error)")
        }
        #expect(try directory.names() == [] && phone.files() == [])
    }

    @Test("measure a model of another program as it is")
    func measureFile() throws {
        let directory = try TemporaryDirectory(), phone = try ADBStandIn()
        let model = directory.file("photos.tflite")
        let exported = try Program.run([
            "export", "--architecture", "mobilenet-v2", "--untrained", "--format", "tflite", "--output", model,
        ])
        #expect(exported.status == 0, "\(exported.error)")
        let options = ["--tflite", model, "--adb", "--benchmark-model", phone.benchmarkModel]
        let outcome = try Program.run(
            ["measure", "--device", "pixel4", "--json"] + options, environment: phone.environment)
        #expect(outcome.status == 0, "\(outcome.error)")
        let document = try outcome.json()
        #expect(document["architecture"] == "mobilenet-v2")
        guard case .number(let latency)? = document["latency_ms"], case .number(let estimate)? = document["estimate_ms"],
            case .array(let interval)? = document["estimate_interval_ms"], case .number(let low)? = interval.first,
            case .number(let high)? = interval.last
        else {
            Issue.record("no estimate: \(outcome.output)")
            return
        }
        #expect(abs(latency - 54.587) < 1e-9 && low < estimate && estimate < high)
        #expect(document["estimate_complete"] == true)
        // What came to the phone is the file itself.
        #expect(try phone.lastModel() == BinaryFile.read(model, what: "model"))
        // What the prediction lacks is told beside it.
        try TFLiteModel.withCustomOperator().write(to: directory.file("custom.tflite"))
        let lacking = try Program.run(
            ["measure", "--device", "pixel4", "--tflite", directory.file("custom.tflite")] + options.dropFirst(2),
            environment: phone.environment)
        #expect(lacking.status == 0 && lacking.output.contains("The operator Fold is not known (1x: answer)"), "\(lacking)")
        let told = try Program.run(
            ["measure", "--device", "pixel4", "--json", "--tflite", directory.file("custom.tflite")] + options.dropFirst(2),
            environment: phone.environment
        ).json()
        #expect(told["estimate_device"] == "pixel4" && told["estimate_complete"] == false)
        guard case .array(let notes)? = told["estimate_notes"] else {
            Issue.record("no notes: \(told)")
            return
        }
        #expect(notes.first == "the operator Fold is not known (1x: answer): priced as memory traffic alone", "\(notes)")
        for (arguments, sentence) in [
            (["--tflite", model], "--tflite: only with --adb or --ssh"),
            (options + ["--architecture", "mobilenet-v2"], "expected either an --architecture or a --tflite model"),
            (options + ["--data-type", "int8"], "expected no --tflite"),
        ] {
            let refused = try Program.run(["measure"] + arguments, environment: phone.environment)
            #expect(refused.status == 64 && refused.error.contains(sentence), "\(refused.error)")
        }
    }

    @Test("tell what is wrong with the connection, the phone or the program, in one sentence")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let phone = try ADBStandIn()
        func check(_ lines: [String], _ status: Int32, _ sentence: String, _ arguments: [String] = []) throws {
            try phone.connect(lines)
            let outcome = try Program.run(
                Self.arguments(phone, output: directory.file("phone.json")) + arguments, environment: phone.environment)
            #expect(outcome.status == status, "\(outcome.error)")
            #expect(outcome.error.contains("onepath: " + sentence), "\(outcome.error)")
            #expect(try directory.names() == [])
        }
        try check([], 66, "adb sees no device: connect the phone")
        try check(["8A2X1EFGH\tunauthorized"], 66, "the device 8A2X1EFGH does not trust this computer yet: unlock")
        try check(["8A2X1EFGH\toffline"], 66, "the device 8A2X1EFGH does not answer any more (adb lists it as offline)")
        try check(["8A2X1EFGH\tdevice", "R58M\tdevice"], 64, "adb sees 2 devices: choose one with --adb SERIAL, from")
        let usable = ["8A2X1EFGH\tdevice"]
        let numbers = "the device 8A2X1EFGH has processors 0 to 7: expected numbers of these, or ranges such as 0-7"
        try check(usable, 64, "--cores 8: \(numbers)", ["--cores", "8"])
        // A mask, as taskset itself takes it.
        try check(usable, 64, "--cores f0: \(numbers)", ["--cores", "f0"])
        let programs = try TemporaryDirectory()
        var head: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1] + Array(repeating: 0, count: 58)
        head[18] = 243
        let foreign = try programs.write(head, to: "foreign")
        try check(
            usable, 65, "\(foreign) is built for RISC-V, and the device 8A2X1EFGH has aarch64",
            ["--benchmark-model", foreign])
        let broken = try programs.write(Array("#!/bin/sh\necho 'unknown flag: graph'\nexit 1\n".utf8), to: "broken")
        try check(
            usable, 65, "\(broken) does not run on the device 8A2X1EFGH: unknown flag: graph",
            ["--benchmark-model", broken])
        try phone.fill(true)
        try check(usable, 73, "the device 8A2X1EFGH has no space left in /data/local/tmp for a file of ")
        try phone.fill(false)
        try phone.screen(isAsleep: true, wakes: false)
        try check(usable, 66, "the screen of the device 8A2X1EFGH is off and does not turn on")
        // Nothing of this leaves files behind.
        #expect(try phone.files() == [])
        let missing = try Program.run(
            Self.arguments(phone, output: directory.file("phone.json")), environment: ["PATH": "/nowhere"])
        #expect(missing.status == 66 && missing.error.contains("adb is not installed on this machine"), "\(missing.error)")
    }

    @Test("measure on no other phone than the one that is named", arguments: [["--adb", "R58M"], ["--adb=R58M"]])
    func otherPhone(_ option: [String]) throws {
        let phone = try ADBStandIn()
        let outcome = try Program.run(
            ["measure", "--architecture", "mobilenet-v2"] + option + ["--benchmark-model", phone.benchmarkModel],
            environment: phone.environment)
        #expect(outcome.status == 66, "\(outcome)")
        #expect(outcome.error.contains("onepath: adb sees no device R58M; connected: 8A2X1EFGH"), "\(outcome.error)")
    }

    @Test("refuse options that do not go together", arguments: [
        (["--adb", "--ssh", "board", "--benchmark-model", "x"], "--adb and --ssh exclude each other"),
        (["--ssh", "-oProxyCommand=x", "--benchmark-model", "x"], "--ssh"),
        (["--ssh", "pi@", "--benchmark-model", "x"], "--ssh: expected a host, or user@host, found \"pi@\""),
        (["--ssh", "ssh://", "--benchmark-model", "x"], "--ssh: expected a host, or user@host, found \"ssh://\""),
        (["--ssh", "my board", "--benchmark-model", "x"], "--ssh: expected a host, or user@host, found \"my board\""),
        (["--adb"], "expected --benchmark-model too"),
        (["--cores", "1"], "only for a device that is given by --adb or --ssh"),
        (["--runtime", "tflite"], "only with --adb or --ssh"),
        (["--adb", "--benchmark-model", "x"], "with its hardware, found neither"),
        (
            ["--adb", "--benchmark-model", "x", "--memory", "lpddr4x-4266x32", "--like", "pixel1"],
            "with its hardware, found both"
        ),
        (["--adb", "--benchmark-model", "x", "--memory", "much"], "expected a kind, a rate and bits"),
    ])
    func usage(_ options: [String], _ sentence: String) throws {
        let directory = try TemporaryDirectory()
        let outcome = try Program.run(
            ["profile", "--space", "fashion-mnist", "--output", directory.file("a.json")] + options)
        #expect(outcome.status == 64 && outcome.error.contains(sentence), "\(outcome.error)")
    }
}
