import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("Measuring on a device at the end of a cable or of a network")
struct RemoteBenchTests {
    /// What benchmark_model prints for a model whose operators take these times, in milliseconds.
    private static func report(_ steps: [(Architectures.Operator, Double)], listed: Bool) -> String {
        let whole = steps.reduce(0) { $0 + $1.1 }
        var lines = [
            "INFO: STARTING!", "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
            "INFO: count=5 first=9000 curr=9000 min=8000 max=9000 avg=8500.5 std=120",
            "INFO: Inference timings in us: Init: 16772, First inference: 9000, Warmup (avg): 8999.5, "
                + "Inference (avg): \(whole * 1000)",
        ]
        if listed {
            lines += [
                "INFO: Operator-wise Profiling Info for Regular Benchmark Runs:",
                "============================== Run Order ==============================",
                "\t[node type]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]",
            ]
            for (index, (step, ms)) in steps.enumerated() {
                let type =
                    switch step.kind {
                    case .convolution: "Convolution (NHWC, F32) IGEMM"
                    case .depthwiseConvolution: "Convolution (NHWC, F32) DWConv"
                    case .globalAveragePool: "Mean (ND, F32)"
                    case .fullyConnected: "Fully Connected (NC, F32) GEMM"
                    case .add: "Add (ND, F32)"
                    default: "Multiply (ND, F32)"
                    }
                lines.append("\t\(type)\t9.0\t\(ms)\t1.5%\t1.5%\t0.0\t1\tDelegate/\(type):\(index)")
            }
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    @Test("does not go on with what other processors measured")
    func otherCores() throws {
        let directory = try TemporaryDirectory(), program = try Self.script(in: directory)
        let device = Device { Double(ScriptedRuntime.plain($0)) / 1e6 }
        func run(_ cores: String) throws {
            let bench = try device.bench(ScriptedShell(answer: device.answer), cores: cores, program: program)
            _ = try Profiling(plan: ProfilingPlan(space: .small()), bench: bench).run(journal: directory.file("journal"))
        }
        try run("0-1")
        try run("0-1")
        #expect { try run("2-3") } throws: { "\($0)".contains("another plan, runtime or machine") }
    }

    @Test("does not know an operator that takes no longer than the start of a model, and knows the others")
    func shorterThanLaunch() throws {
        let directory = try TemporaryDirectory()
        let least = RemoteBench.leastNetwork.layers.flatMap(\.operators)[0]
        let device = Device { $0 == least ? 0.01 : $0.kind == .globalAveragePool ? 0.005 : 1 }
        device.listed = false
        var commands = 0
        let shell = ScriptedShell { command in
            commands += 1
            return try device.answer(command)
        }
        let bench = try device.bench(shell, program: try Self.script(in: directory))
        var settings = ProfilingSettings()
        settings.budgetSeconds = 1
        let plan = ProfilingPlan(architectures: [try SearchSpace.small().randomArchitectures(1, seed: 2)[0]])
        // A command takes a millisecond, however busy this machine is.
        let clock = MonotonicClock(now: { 1_000_000 * commands })
        let result = try Profiling(plan: plan, bench: bench, settings: settings, clock: clock).run()
        #expect(result.unmeasured.count == 1 && result.measurements.count == plan.subjects.count - 1)
    }

    /// A device that runs the network that was last written, each operator in the time of a function.
    private final class Device {
        var model: Network?
        /// The reference takes so many times its time of 2 ms: the next reading's factor.
        var referenceFactors: [Double] = []
        var listed = true
        var pauses: [Double] = []
        var events: [RemoteBench.Event] = []
        var status = 0
        var launches = 0
        /// What becomes of a text before it is printed.
        var printed: (String) -> String = { $0 }
        let duration: (Architectures.Operator) -> Double

        init(duration: @escaping (Architectures.Operator) -> Double) { self.duration = duration }

        func answer(_ command: String) throws -> RemoteOutput {
            let output = try output(command)
            return RemoteOutput(text: printed(output.text), status: output.status)
        }

        private func output(_ command: String) throws -> RemoteOutput {
            if let known = ScriptedShell.board(command) { return known }
            guard command.contains("benchmark_model") else { return RemoteOutput(text: "", status: 0) }
            if command.contains("reference.tflite") {
                let factor = referenceFactors.isEmpty ? 1 : referenceFactors.removeFirst()
                let steps = RemoteBench.referenceNetwork.layers.flatMap(\.operators).map { ($0, 2 * factor) }
                return RemoteOutput(text: report(steps, listed: listed), status: 0)
            }
            let steps = (model?.layers.flatMap(\.operators) ?? []).map { ($0, duration($0)) }
            if model == RemoteBench.leastNetwork { launches += 1 }
            return RemoteOutput(text: status == 0 ? report(steps, listed: listed) : "Illegal instruction", status: status)
        }

        func bench(
            _ shell: ScriptedShell, cores: String? = nil, dataType: Runtime.DataType = .float32, program: String
        ) throws -> RemoteBench {
            try RemoteBench(
                shell: shell,
                runner: BenchmarkModel(path: program, threads: 1, cores: cores, usesXNNPACK: true, dataType: dataType),
                tell: { self.events.append($0) }, pause: { self.pauses.append($0) },
                modelFile: { network, path in
                    self.model = network
                    try AtomicFile.write(Array("model".utf8), to: path)
                    return path
                })
        }
    }

    private static func script(in directory: TemporaryDirectory) throws -> String {
        try directory.write(Array("#!/bin/sh\n".utf8), to: "benchmark_model")
    }

    @Test("profiles a space to the program's own figures, operator by operator")
    func operators() throws {
        let directory = try TemporaryDirectory()
        let device = Device { Double(ScriptedRuntime.plain($0)) / 1e6 }
        let shell = ScriptedShell(answer: device.answer)
        let bench = try device.bench(shell, cores: "2-3", program: try Self.script(in: directory))
        #expect(bench.timesOperators && device.events.isEmpty)
        #expect(bench.machine.processor == "Raspberry Pi 4 Model B Rev 1.1" && bench.machine.cores == 4)
        let plan = try ProfilingPlan(space: .small())
        let result = try Profiling(plan: plan, bench: bench).run()
        #expect(result.measurements.count == plan.subjects.count && result.unmeasured.isEmpty)
        for measurement in result.measurements {
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }
            #expect(abs(measurement.latencyMs - Double(expected) / 1e6) < 1e-9)
        }
        #expect(shell.commands.contains { $0.hasPrefix("taskset c '/tmp/onepath.a1B2c3/benchmark_model'") })
        bench.removeFiles()
        #expect(shell.commands.last == "rm -rf '/tmp/onepath.a1B2c3'")
    }

    @Test("measures blocks and operators alone where the program lists no operators, and says so")
    func alone() throws {
        let directory = try TemporaryDirectory()
        let device = Device { Double(ScriptedRuntime.plain($0)) / 1e6 }
        device.listed = false
        let bench = try device.bench(ScriptedShell(answer: device.answer), program: try Self.script(in: directory))
        #expect(!bench.timesOperators && bench.operatorProblem?.contains("Run Order") == true)
        let architecture = try SearchSpace.small().randomArchitectures(1, seed: 2)[0]
        let plan = ProfilingPlan(architectures: [architecture])
        let result = try Profiling(plan: plan, bench: bench).run()
        #expect(result.measurements.count == plan.subjects.count)
        // A model of one addition tells what every model takes besides its operators.
        let least = RemoteBench.leastNetwork.layers.flatMap(\.operators).reduce(0) { $0 + ScriptedRuntime.plain($1) }
        #expect(device.launches == 1 && least > 0)
        for measurement in result.measurements {
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) } - least
            #expect(abs(measurement.latencyMs - Double(expected) / 1e6) < 1e-9)
        }
    }

    @Test("refuses what another engine, other threads or another data type ran, at first and later")
    func otherThanAsked() throws {
        let directory = try TemporaryDirectory(), program = try Self.script(in: directory)
        let network = try SearchSpace.small().randomArchitectures(1, seed: 2)[0].network
        let float32 = "the output of benchmark_model: the report's kernels are float32, and the models are int8"
        let changes: [(asked: Runtime.DataType, change: (String) -> String, says: String)] = [
            (.float32, { $0.replacing("F32", with: "QC8") }, "kernels are int8, and the models are float32"),
            (.float32, { $0.replacing("F32", with: "F16") }, "kernels are float16, and the models are float32"),
            (.int8, { $0 }, float32),
            (
                .float32, { $0.replacing("INFO: STARTING!", with: "INFO: STARTING!\nINFO: Num threads: [4]") },
                "ran with 4 threads, and the program was told to use 1"
            ),
            (
                .float32, { $0.replacing("Convolution (NHWC, F32) IGEMM", with: "TfLiteGpuDelegateV2") },
                "TfLiteGpuDelegateV2: nodes ran on a GPU delegate"
            ),
            (
                .float32, { $0.replacing("Convolution (NHWC, F32) IGEMM", with: "TfLiteNnapiDelegate") },
                "TfLiteNnapiDelegate: nodes ran on the NNAPI delegate"
            ),
        ]
        for (asked, change, says) in changes {
            let device = Device { _ in 1 }
            device.printed = change
            let shell = ScriptedShell(answer: device.answer)
            let first = invalidPlace { try device.bench(shell, dataType: asked, program: program) }?.sentence
            #expect(first?.contains(says) == true, "\(first ?? "measured")")
            // Nothing stays on the device.
            #expect(shell.commands.last == "rm -rf '/tmp/onepath.a1B2c3'")

            // A device that was as it should be, and is not any more.
            device.printed = asked == .int8 ? { $0.replacing("F32", with: "QC8") } : { $0 }
            let bench = try device.bench(shell, dataType: asked, program: program)
            #expect(bench.timesOperators)
            device.printed = change
            let later = invalidPlace { try bench.visit(network, eachOperator: true) }?.sentence
            #expect(later?.contains(says) == true, "\(later ?? "measured")")
        }
    }

    @Test("refuses what ran otherwise also where the program lists no operators, as for whole networks", arguments: [
        ("Num threads: [4]", "ran with 4 threads, and the program was told to use 1"),
        (
            "Explicitly applied GPU delegate, and the model graph will be completely executed by the delegate.",
            "line 2: the model was given to the GPU delegate; expected a run on the CPU"
        ),
        (
            "Explicitly applied NNAPI delegate, and the model graph will be partially executed by the delegate w/ 2 delegate "
                + "kernels.", "line 2: the model was given to the NNAPI delegate"
        ),
        ("Num threads: [1]", nil),
        ("Explicitly applied XNNPACK delegate, and the model graph will be completely executed by the delegate.", nil),
        ("Though NNAPI delegate is explicitly applied, the model graph will not be executed by the delegate.", nil),
    ] as [(String, String?)])
    func settings(line: String, problem: String?) throws {
        let directory = try TemporaryDirectory(), program = try Self.script(in: directory)
        let network = try SearchSpace.small().randomArchitectures(1, seed: 2)[0].network
        let device = Device { _ in 1 }
        device.listed = false
        let bench = try device.bench(ScriptedShell(answer: device.answer), program: program)
        device.printed = { $0.replacing("INFO: STARTING!", with: "INFO: STARTING!\nINFO: \(line)") }
        let found = invalidPlace { try bench.visit(network, eachOperator: false) }?.sentence
        #expect(problem.map { found?.contains($0) == true } ?? (found == nil), "\(found ?? "measured")")
    }

    /// A bench on a device, and a network for it.
    ///
    /// - Parameter answer: to commands; the device's own without it.
    private static func started(
        _ device: Device, answer: ((String) throws -> RemoteOutput)? = nil
    ) throws -> (bench: RemoteBench, network: Network) {
        let directory = try TemporaryDirectory()
        let bench = try device.bench(ScriptedShell(answer: answer ?? device.answer), program: try script(in: directory))
        return (bench, try SearchSpace.small().randomArchitectures(1, seed: 2)[0].network)
    }

    @Test("waits while the device is hot, and says when it goes on")
    func throttling() throws {
        let device = Device { _ in 1 }
        let (bench, network) = try Self.started(device)
        for _ in 0..<2 { _ = try bench.visit(network, eachOperator: true) }
        #expect(device.pauses.isEmpty)
        // Slow once by chance; then hot for three readings after the one that confirms it.
        device.referenceFactors = [1.3, 1, 1]
        _ = try bench.visit(network, eachOperator: true)
        #expect(device.pauses.isEmpty)
        device.referenceFactors = [1.4, 1.4, 1.3, 1.2, 1.02, 1]
        let segment = try #require(try bench.visit(network, eachOperator: true).first)
        #expect(device.pauses == [10, 10, 10])
        #expect(device.events == [.isHot(factor: 1.4), .isCool(seconds: 30)])
        #expect(abs(segment.reference[0] - 2.04e6) < 1 && abs(segment.reference[1] - 2e6) < 1)
    }

    @Test("waits for a hot device, and measures as long as without that")
    func waitingIsFree() throws {
        let device = Device { _ in 1 }
        var visits = 0
        let (bench, network) = try Self.started(device) { command in
            if command.contains("benchmark_model"), command.contains("model.tflite") { visits += 1 }
            return try device.answer(command)
        }
        // After two visits it is hot for a minute, which is longer than the budget.
        device.referenceFactors = [1, 1, 1, 1, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1]
        var settings = ProfilingSettings()
        settings.budgetSeconds = 10
        settings.minimumVisits = 8
        // A visit takes a second.
        let clock = MonotonicClock(now: { Int(1e9 * (Double(visits) + device.pauses.reduce(0, +))) })
        let result = try NetworkTiming(bench: bench, settings: settings, clock: clock).run([network])[0]
        #expect(device.pauses.reduce(0, +) == 60 && result.count == 8)
    }

    @Test("does not take a few readings that are short by chance for what is usual")
    func shortReadings() throws {
        let device = Device { _ in 1 }
        let (bench, network) = try Self.started(device)
        // One reading in eight is a sixth shorter than the others.
        for visit in 0..<40 {
            device.referenceFactors = visit % 4 == 3 ? [1, 0.84] : [1, 1]
            _ = try bench.visit(network, eachOperator: true)
        }
        #expect(device.pauses.isEmpty, "\(device.events)")
    }

    @Test("goes on with a device that stays slow, after the longest wait")
    func slow() throws {
        let device = Device { _ in 1 }
        let (bench, network) = try Self.started(device)
        for _ in 0..<2 { _ = try bench.visit(network, eachOperator: true) }
        device.referenceFactors = Array(repeating: 1.5, count: 1000)
        _ = try bench.visit(network, eachOperator: true)
        #expect(device.pauses.count == 60 && device.events.last == .staysSlow(seconds: 600))
        _ = try bench.visit(network, eachOperator: true)
        #expect(device.pauses.count == 60)
    }

    @Test("wakes a phone whose screen is off, and tells where it stays off")
    func screen() throws {
        let directory = try TemporaryDirectory()
        let device = Device { _ in 1 }
        var isAsleep = true, wakes = true
        let shell = ScriptedShell(isAndroid: true) { command in
            if command.hasPrefix("dumpsys power") {
                return RemoteOutput(text: "  mWakefulness=\(isAsleep ? "Asleep" : "Awake")\n", status: 0)
            }
            if command.contains("KEYCODE_WAKEUP") { isAsleep = !wakes }
            return try device.answer(command)
        }
        let bench = try device.bench(shell, program: try Self.script(in: directory))
        #expect(device.events == [.screenWasOff])
        (isAsleep, wakes) = (true, false)
        let network = try SearchSpace.small().randomArchitectures(1, seed: 2)[0].network
        #expect(throws: RemoteError.screenOff(device: shell.name)) { try bench.visit(network, eachOperator: true) }
    }

    @Test("tells a program for other processors, one that does not run, and processors that the device lacks")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let device = Device { _ in 1 }
        var elf: [UInt8] = Array(repeating: 0, count: 64)
        elf.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
        elf[18] = 62
        let foreign = try directory.write(elf, to: "x86")
        let error = #expect(throws: RemoteError.self) {
            try device.bench(ScriptedShell(answer: device.answer), program: foreign)
        }
        #expect(
            "\(try #require(error))"
                == "\(foreign) is built for x86-64, and the scripted device has aarch64: expected a build for that")
        let program = try Self.script(in: directory)
        for list in ["4", "0-4", "3-1", "", "a", "-1", "1-", "0-1-2"] {
            #expect(throws: RemoteError.noProcessors(device: "the scripted device", asked: list, count: 4)) {
                try device.bench(ScriptedShell(answer: device.answer), cores: list, program: program)
            }
        }
        let bench = try device.bench(ScriptedShell(answer: device.answer), program: program)
        device.status = 132
        let network = try SearchSpace.small().randomArchitectures(1, seed: 2)[0].network
        let failure = RemoteError.cannotRun(
            file: program, device: "the scripted device", reason: "Illegal instruction (it was ended by signal 4)")
        #expect(throws: failure) { try bench.visit(network, eachOperator: true) }
    }

    @Test("knows for which processors a program was built, and which systems run it")
    func executables() throws {
        func head(_ machine: Int, order: UInt8 = 1) -> [UInt8] {
            var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, order] + Array(repeating: 0, count: 14)
            bytes[order == 1 ? 18 : 19] = UInt8(machine & 255)
            bytes[order == 1 ? 19 : 18] = UInt8(machine >> 8)
            return bytes
        }
        #expect(Executable(head: head(183)) == .arm64 && Executable(head: head(258, order: 2)) == .loongArch)
        #expect(Executable(head: head(8)) == .other(8))
        #expect(Executable(head: Array("#!/usr/bin/env python3\n".utf8)) == nil && Executable(head: []) == nil)
        #expect(Executable.arm32.runs(on: "aarch64") && !Executable.arm64.runs(on: "armv7l"))
        #expect(Executable.x86.runs(on: "x86_64") && !Executable.x8664.runs(on: "i686"))
        #expect(!Executable.riscV.runs(on: "aarch64") && Executable.riscV.runs(on: "riscv64"))
    }

    @Test("reads what adb lists, and a command's status after its output")
    func texts() throws {
        let listed = """
            * daemon not running; starting now at tcp:5037
            List of devices attached
            8A2X1EFGH\tdevice
            192.168.0.7:5555\tunauthorized
            emulator-5554\toffline

            """
        let devices = ADBShell.devices(in: listed)
        #expect(devices.map(\.serial) == ["8A2X1EFGH", "192.168.0.7:5555", "emulator-5554"])
        #expect(devices.map(\.state) == ["device", "unauthorized", "offline"])
        #expect(RemoteOutput(marked: "a\r\nb\r\nonepath-status 3\r\n") == RemoteOutput(text: "a\nb", status: 3))
        #expect(RemoteOutput(marked: "\nonepath-status 0\n") == RemoteOutput(text: "", status: 0))
        #expect(RemoteOutput(marked: "a\nonepath-stat") == nil)
        #expect(RemoteOutput(text: "STARTING!\nKilled\n", status: 137).brief == "Killed (it was ended by signal 9)")
        #expect(RemoteOutput(text: "unknown flag\n", status: 1).brief == "unknown flag")
        let program = BenchmarkModel(path: "x", threads: 1, cores: nil, usesXNNPACK: true)
        #expect(program.latencyMs(in: "Inference (avg): 26817.8\n") == 26.8178)
        #expect(program.latencyMs(in: "Inference (avg): 0") == nil && program.latencyMs(in: "none") == nil)
    }

    @Test("measures whole networks with ncnn's program, by the fastest of its loops")
    func benchncnn() throws {
        let directory = try TemporaryDirectory()
        let program = try directory.write(Array("#!/bin/sh\n".utf8), to: "benchncnn")
        var models: [Network] = []
        let shell = ScriptedShell { command in
            if let known = ScriptedShell.board(command) { return known }
            guard command.contains("benchncnn") else { return RemoteOutput(text: "", status: 0) }
            let ms = command.contains("reference.param") ? "   4.01" : "  12.34"
            return RemoteOutput(
                text: "loop_count = 4\nnum_threads = 2\npowersave = 0\ngpu_device = -1\ncooling_down = 0\n"
                    + "         model.param  min = \(ms)  max =   20.00  avg =   13.00\n",
                status: 0)
        }
        let bench = try RemoteBench(
            shell: shell, runner: Benchncnn(path: program, threads: 2, cores: "2-3"),
            modelFile: { network, path in
                models.append(network)
                try AtomicFile.write(Array("model".utf8), to: path)
                return path
            })
        #expect(!bench.timesOperators && bench.operatorProblem == "benchncnn lists no operators")
        #expect(bench.facts == RuntimeFacts(name: "ncnn", version: nil, threads: 2, dataType: .float32))
        let network = try Architecture(contentsOf: ShippedFiles.reference("mobilenet-v2")).network
        var settings = ProfilingSettings()
        settings.budgetSeconds = 1
        // A command takes a hundredth of a second, however busy this machine is.
        let clock = MonotonicClock(now: { 10_000_000 * shell.commands.count })
        let result = try NetworkTiming(bench: bench, settings: settings, clock: clock).run([network])[0]
        #expect(abs(result.latencyMs - 12.34) < 1e-9)
        #expect(models.first == RemoteBench.referenceNetwork && models.contains(network))
        let command = try #require(shell.commands.first { $0.contains("model.param") })
        #expect(
            command == "taskset c '/tmp/onepath.a1B2c3/benchncnn' '4' '2' '0' '-1' '0' 'param=/tmp/onepath.a1B2c3/model.param' "
                + "'shape=[224,224,3]'")

        let free = Benchncnn(path: program, threads: 1, cores: nil)
        #expect(free.latencyMs(in: "x min =    0.00 max = 1.0") == nil && free.latencyMs(in: "x min=7.25 max=9") == 7.25)
        #expect(free.latencyMs(in: "") == nil && free.latencyMs(in: "min =") == nil && free.latencyMs(in: "min = nan") == nil)
    }
}
