import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("A report of TensorFlow Lite's benchmark_model")
struct TFLiteBenchmarkReportTests {
    /// The network of an architecture with a residual block of expansion 2, and nodes for its operators.
    private static func network() throws -> Network {
        try SearchSpace.small().randomArchitectures(1, seed: 4)[0].network
    }

    /// The ways in which versions of benchmark_model, and logs, lay the same list out.
    private enum Form: CaseIterable {
        /// Of TensorFlow 1, one list alone.
        case first
        /// Up to TensorFlow 2.8.
        case withStart
        /// Later.
        case withoutStart
        /// Copied with spaces for tabs.
        case spaces
        /// On Android: logcat with threads, with a tag alone, with a tag and the time; Android Studio's, new and old.
        case log, brief, time, studio, olderStudio
        /// On Android with a user, seconds since 1970 or a time zone, or with the heading of a message on its own line.
        case user, epoch, zone, long
        /// Abseil's, TensorFlow's, a place in the program after "INFO: ", and a terminal's colours.
        case abseil, tensorFlow, source, colours
        /// On iOS, and quoted in a mail.
        case ios, mail
        /// --profiling_output_csv_file, up to 2.8 and later.
        case commaWithStart, commaWithoutStart

        /// What a log or a mail puts before each line.
        var prefix: String? {
            switch self {
            case .log: "05-30 15:16:44.858  3380  3380 I tflite  : "
            case .brief: "I/tflite  ( 3380): "
            case .time: "05-30 15:16:44.858 I/tflite  ( 3380): "
            case .studio: "2024-05-30 15:16:44.858  3380-3381  tflite    org.example.benchmark    I  "
            case .olderStudio: "2019-05-30 15:16:44.858 3380-3381/org.example.benchmark I/tflite: "
            case .user: "05-30 15:16:44.858  u0_a123  3380  3381 I tflite  : "
            case .epoch: "1706745599.123  3380  3381 I tflite  : "
            case .zone: "2024-05-30 15:16:44.858 +0200  3380  3381 I tflite  : "
            case .long: "[ 05-30 15:16:44.858  3380: 3381 I/tflite ]\n"
            case .abseil: "I0000 00:00:1706745599.000123    3380 benchmark_tflite_model.cc:890] "
            case .tensorFlow: "2024-05-30 15:16:44.858123: I tensorflow/lite/tools/benchmark.cc:42] "
            case .source: "INFO: [benchmark_tflite_model.cc:890] "
            case .colours: "\u{1B}[1;32mINFO: \u{1B}[0m"
            case .ios: "2021-05-30 15:16:44.858123+0200 Benchmark[338:3381] "
            case .mail: "> > "
            default: nil
            }
        }

        var isComma: Bool { self == .commaWithStart || self == .commaWithoutStart }
        var hasStart: Bool { [.first, .withStart, .commaWithStart].contains(self) }
    }

    /// A report about `network`, node n taking 0.1 · (n + 1) ms, with other nodes before the n-th.
    private static func report(
        of network: Network, form: Form, names: (Architectures.Operator) -> String, others: [Int: [String]] = [:],
        timesCalled: Int = 1
    ) -> String {
        func list(_ title: String, _ rows: [(type: String, average: Double, name: String)]) -> String {
            var lines = ["============================== \(title) =============================="]
            if form.isComma {
                let start = form.hasStart ? ("start, ", "0.5, ") : ("", "")
                lines.append("node type, \(start.0)first, avg_ms, %, cdf%, mem KB, times called, name")
                lines += rows.map {
                    "\($0.type), \(start.1)9, \($0.average), 1.5%, 1.5%, 0, \(timesCalled), \($0.name)"
                }
            } else {
                let start = form.hasStart ? ("          [start]\t", "            0.500\t") : ("", "")
                lines.append(
                    "\t             [node type]\t\(start.0)  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t"
                        + "[times called]\t[Name]")
                lines += rows.map {
                    "\t                 \($0.type)\t\(start.1)    9.000\t    \($0.average)\t  1.500%\t 11.500%\t"
                        + "     0.000\t        \(timesCalled)\t\($0.name)"
                }
            }
            let text = lines.joined(separator: "\n") + "\n"
            return form == .spaces ? text.replacing("\t", with: "   ") : text
        }
        let nodes = network.layers.flatMap(\.operators).enumerated().flatMap { index, step in
            let type = names(step)
            let name = type.contains("(") ? "Delegate/\(type):\(index)" : "[layer/\(index)]:\(index)"
            return (others[index] ?? []).map { ($0, 7.5, "[other, more]:0") } + [(type, Double(index + 1) / 10, name)]
        }
        let runs = """
            \(list("Run Order", nodes))
            \(list("Top by Computation Time", nodes.reversed()))
            Number of nodes executed: \(nodes.count)

            """
        if form == .first { return "STARTING!\n" + runs }
        let report = """
            INFO: STARTING!
            Inference timings in us: Init: 16772, First inference: 8781, Warmup (avg): 7514.93, Inference (avg): 7454.97
            INFO: Profiling Info for Benchmark Initialization:
            \(list("Run Order", [("AllocateTensors", 0.1, "AllocateTensors/0")]))
            INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
            \(runs)
            Delegate internal:\u{20}
            \(list("Run Order", [("DelegateOpInvoke", 0.1, "Delegate/whole:0")]))

            """
        guard let prefix = form.prefix else { return report }
        return report.replacing("INFO: ", with: "").split(separator: "\n", omittingEmptySubsequences: false)
            .map { prefix + $0 + (form == .long ? "\n" : "") }.joined(separator: "\n")
    }

    private static func tfLite(_ step: Architectures.Operator) -> String {
        switch step.kind {
        case .convolution: "CONV_2D"
        case .depthwiseConvolution: "DEPTHWISE_CONV_2D"
        case .globalAveragePool: "MEAN"
        case .fullyConnected: "FULLY_CONNECTED"
        case .add: "ADD"
        case .multiply: "MUL"
        default: preconditionFailure("no block has a \(step.kind)")
        }
    }

    private static func delegate(_ step: Architectures.Operator) -> String {
        switch step.kind {
        case .convolution: "Convolution (NHWC, F32) \(step.kernel > 1 ? "IGEMM" : "GEMM")"
        case .depthwiseConvolution: "Convolution (NHWC, F32) DWConv"
        case .globalAveragePool: "Global Average Pooling (NWC, F32)"
        case .fullyConnected: "Fully Connected (NC, F32) GEMM"
        case .add: "Add (ND, F32)"
        case .multiply: "Multiply (ND, F32)"
        default: preconditionFailure("no block has a \(step.kind)")
        }
    }

    /// The names since 2024.
    private static func latest(_ step: Architectures.Operator) -> String {
        switch step.kind {
        case .add, .multiply: "Binary Elementwise (ND)"
        default: delegate(step)
        }
    }

    @Test("tells the threads and the data type that it ran with, which the profile must have")
    func settings() throws {
        let device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))
        let network = try Self.network()
        func report(threads: Int, type: String) throws -> TFLiteBenchmarkReport {
            let text = Self.report(of: network, form: .withoutStart) { Self.delegate($0).replacing("F32", with: type) }
            return try TFLiteBenchmarkReport(text: "INFO: Num threads: [\(threads)]\n" + text, path: "report")
        }
        let plain = try report(threads: 1, type: "F32")
        #expect(plain.threads == 1 && plain.dataType == .float32)
        try plain.check(against: device.runtime, of: "pixel1")
        // KleidiAI's kernels of float32.
        try report(threads: 1, type: "PF32").check(against: device.runtime, of: "pixel1")
        for (found, says) in [
            (try report(threads: 4, type: "F32"), "ran with 4 threads, and pixel1 has 1"),
            (try report(threads: 1, type: "QC8"), "kernels are int8, and pixel1 is float32"),
            (try report(threads: 1, type: "F16"), "kernels are float16, and pixel1 is float32: expected a report of float32 or int8"),
            (try report(threads: 1, type: "PF16"), "kernels are float16"),
            (try report(threads: 1, type: "BF16, F32"), "kernels are bfloat16"),
            (try report(threads: 1, type: "QD8, F32, QC8W"), "kernels are int8"),
            (try report(threads: 1, type: "QP8, F32, QC8W"), "kernels are int8"),
            (try report(threads: 1, type: "PQS8, QC8W"), "kernels are int8"),
            (try report(threads: 1, type: "F32, QC8W"), "kernels are float products with weights of 8 bits"),
            (try report(threads: 1, type: "QD8, F32, QB4W"), "kernels are products with weights of 4 bits"),
        ] {
            let sentence = invalidPlace { try found.check(against: device.runtime, of: "pixel1") }?.sentence
            #expect(sentence?.contains(says) == true, "\(sentence ?? "passed")")
        }
        // The same of what a command had printed: here of integers on two threads.
        let facts = RuntimeFacts(name: "TensorFlow Lite with XNNPACK", version: nil, threads: 2, dataType: .int8)
        for type in ["QC8", "QS8", "QU8"] { try report(threads: 2, type: type).check(against: facts) }
        for (threads, type, says) in [
            (2, "F32", "report: the report's kernels are float32, and the models are int8: expected a program that runs them"),
            (2, "F16", "report: the report's kernels are float16, and the models are int8"),
            (1, "QC8", "report: the report ran with 1 thread, and the program was told to use 2: expected one that heeds"),
        ] {
            let sentence = invalidPlace { try report(threads: threads, type: type).check(against: facts) }?.sentence
            #expect(sentence?.hasPrefix(says) == true, "\(sentence ?? "passed")")
        }
    }

    @Test("of another delegate is refused with what ran")
    func gpu() throws {
        let network = try Self.network()
        let text = Self.report(of: network, form: .withStart, names: Self.tfLite, others: [0: ["TfLiteGpuDelegateV2"]])
        let found = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report").table(of: network) }
        #expect(found?.sentence.contains("ran on a GPU delegate") == true, "\(found?.sentence ?? "read")")
        // Also before anyone asks for the operators of a network.
        let facts = RuntimeFacts(name: "TensorFlow Lite with XNNPACK", version: nil, threads: 1)
        let checked = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report").check(against: facts) }
        #expect(checked?.sentence == found?.sentence)
    }

    @Test("of a delegate that lists no nodes is refused with its name", arguments: [
        ("TfLiteArmNnDelegate", "the Arm NN delegate"), ("TfLiteNeuronDelegate", "Neuron"), ("VxDelegate", "VX"),
        ("TfLiteFlexDelegate", "operators of TensorFlow itself"), ("LiteRtDispatchDelegate", "NPU"), ("DISPATCH_OP", "NPU"),
        ("edgetpu-custom-op", "the Edge TPU"), ("LITERT_CL", "OpenCL"), ("QnnDelegate", "Qualcomm"), ("DELEGATE", "not known here"),
    ])
    func others(type: String, name: String) throws {
        let alone = Network(of: Operator.add(FeatureShape(height: 1, width: 1, channels: 1)))
        let text = Self.report(of: alone, form: .withoutStart, names: { _ in type })
        let found = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report").table(of: Self.network()) }
        #expect(found?.sentence.contains(name) == true && found?.sentence.contains(type) == true, "\(found?.sentence ?? "read")")
        #expect(found?.sentence.contains("xnnpack") == false && found?.place.hasPrefix("line ") == true)
    }

    @Test("of two runs is refused with both places, also where the second one breaks off")
    func twoRuns() throws {
        let network = try Self.network()
        for form in [Form.withoutStart, .first, .log] {
            let text = Self.report(of: network, form: form, names: Self.tfLite)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for count in [lines.count, lines.count / 2, 1] {
                let both = text + "\n" + lines.prefix(count).joined(separator: "\n")
                let found = invalidPlace { try TFLiteBenchmarkReport(text: both, path: "report") }
                #expect(
                    found?.sentence.contains("a second run of benchmark_model begins here, and the first one on line 1;") == true,
                    "\(form), \(count) lines: \(found?.sentence ?? "read")")
                #expect(found?.place == "line \(lines.count + 1)")
            }
        }
    }

    @Test("may have the line ends of any system", arguments: ["\r\n", "\r", "\r\r\n"])
    func lineEnds(end: String) throws {
        let network = try Self.network()
        let text = Self.report(of: network, form: .withStart, names: Self.delegate)
        let plain = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
        let other = try TFLiteBenchmarkReport(text: text.replacing("\n", with: end), path: "report").table(of: network)
        #expect(other == plain && !plain.measurements.isEmpty)
    }

    @Test("gives the mean of every operator, and the sums of the blocks")
    func reads() throws {
        let network = try Self.network()
        for form in Form.allCases {
            for names in [Self.tfLite, Self.delegate, Self.latest] {
                let text = Self.report(of: network, form: form, names: names, others: [2: ["PAD"]])
                let table = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
                #expect(table.unmatched.map(\.key) == ["PAD [other, more]:0"], "\(form)")
                #expect(table.unmatched[0].reason.contains("7.5 ms"))
                var index = 0
                var expected: [String: [Double]] = [:]
                for layer in network.layers {
                    var sum = 0.0
                    for step in layer.operators {
                        index += 1
                        sum += Double(index) / 10
                        expected[step.key, default: []].append(Double(index) / 10)
                    }
                    if case .block = layer.content { expected[layer.key, default: []].append(sum) }
                }
                #expect(table.measurements.count == expected.count)
                for measurement in table.measurements {
                    let median = SampleMedian(try #require(expected[measurement.subject.key])).median
                    #expect(abs(measurement.latencyMs - median) < 1e-12)
                }
            }
        }
    }

    @Test("is read or refused in a time that grows with its length", arguments: [
        "x ", "[", "[node type] ", "[avg ms] ", "a 1 ", "1 x ", "INFO: ", "01-31 23:59:59.0 1 1 I ", "CONV_2D 1 x\n", "MUL 1 x\n",
        "= Run Order =\n", "Profiling Info for Regular Benchmark Runs\n", "a, 1, ", "node type, ", ":", "0 ",
    ])
    func length(word: String) throws {
        let network = try Self.network()
        let heading = "Profiling Info for Regular Benchmark Runs\n= Run Order =\n"
        let columns = "[node type] [first] [avg ms] [times called] [Name]\n"
        func seconds(_ count: Int) throws -> Double {
            let words = String(repeating: word, count: count)
            let numbers = "[node type] " + String(repeating: "[avg ms] ", count: count) + "[Name]\n"
            return Processor.seconds {
                for text in [words, heading + words, heading + columns + words, heading + numbers + words] {
                    // A report of one operator after the other is read, and is none of this network.
                    #expect(invalidPlace { try TFLiteBenchmarkReport(text: text, path: "r").table(of: network) } != nil)
                }
            }
        }
        _ = try seconds(10)
        let short = try seconds(2000), long = try seconds(16_000)
        #expect(long < max(0.3, 8 * 4 * short) && long < 2, "\(short) s, \(long) s")
    }

    /// Activations that are not fused, as nodes of TensorFlow Lite's own and of its delegate.
    private static let activationNodes: [(Activation, own: [String], delegated: [String])] = [
        (.sigmoid, ["LOGISTIC"], ["Sigmoid (NC, F32)"]),
        (.swish, ["LOGISTIC", "MUL"], ["Sigmoid (NC, F32)", "Multiply (ND, F32)"]),
        (.hardSwish, ["HARD_SWISH"], ["HardSwish (NC, F32)"]),
        (.hardSigmoid, ["MUL"], ["Add (ND, F32)", "Clamp (NC, F32)", "Multiply (ND, F32)"]),
        (.relu, [], []), (.none, [], []),
    ]

    @Test("counts the nodes of an activation to the operator before them", arguments: [false, true])
    func activations(isDelegated: Bool) throws {
        let shape = FeatureShape(height: 4, width: 4, channels: 4)
        for activation in [Activation.relu, .swish, .hardSwish] {
            for gate in [Activation.sigmoid, .hardSigmoid] {
                let block = Block(
                    shape: .init(kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4),
                    squeezeExcite: SqueezeExcite(ratio: 0.5, gate: gate), residual: true, activation: activation)
                let network = Network(of: block, input: shape)
                let steps = network.layers[0].operators
                var others: [Int: [String]] = [:]
                for (index, step) in steps.enumerated() {
                    let nodes = try #require(Self.activationNodes.first { $0.0 == step.activation })
                    others[index + 1] = isDelegated ? nodes.delegated : nodes.own
                }
                let text = Self.report(
                    of: network, form: .withoutStart, names: isDelegated ? Self.delegate : Self.tfLite, others: others)
                let table = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
                #expect(table.unmatched == [])
                for (index, step) in steps.enumerated() {
                    let found = try #require(table.measurements.first { $0.subject == .operator(step) })
                    let expected = Double(index + 1) / 10 + 7.5 * Double(others[index + 1]?.count ?? 0)
                    #expect(abs(found.latencyMs - expected) < 1e-9, "\(step.key) of \(block)")
                }
            }
        }
    }

    @Test("whose rows are several nodes, or whose delegate hides them, is refused with what to do")
    func delegates() throws {
        let network = try Self.network()
        let several = Self.report(of: network, form: .withoutStart, names: Self.delegate, timesCalled: 3)
        let partitions = invalidPlace { try TFLiteBenchmarkReport(text: several, path: "report").table(of: network) }
        #expect(partitions?.sentence.contains("is 3 nodes of several delegate kernels") == true)
        let alone = Network(of: Operator.add(FeatureShape(height: 1, width: 1, channels: 1)))
        let whole = Self.report(of: alone, form: .withStart, names: { _ in "TfLiteXNNPackDelegate" })
        let hidden = invalidPlace { try TFLiteBenchmarkReport(text: whole, path: "report").table(of: network) }
        #expect(hidden?.sentence.contains("expected a run with --use_xnnpack=false") == true)
    }

    @Test("of another model is refused at the node that differs, or at what is missing")
    func another() throws {
        let network = try Self.network()
        let text = Self.report(of: network, form: .withStart, names: Self.tfLite)
        let larger = try SearchSpace.small().largest.network
        let differs = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report").table(of: larger) }
        #expect(differs?.sentence.contains(larger.name) == true, "\(String(describing: differs))")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let add = try #require(lines.firstIndex { $0.contains("DEPTHWISE_CONV_2D") })
        let without = lines.enumerated().filter { $0.offset != add }.map(\.element).joined(separator: "\n")
        let missing = invalidPlace { try TFLiteBenchmarkReport(text: without, path: "report").table(of: network) }
        #expect(missing?.place == "line \(add + 1)" && missing?.sentence.contains("depthwise_convolution") == true)
    }

    /// A report of one sum, which takes 0.125 ms, and the network with it.
    private static let sum = Network(of: Operator.add(FeatureShape(height: 8, width: 8, channels: 16)))
    private static let node = "Add (ND, F32)\t0.5\t0.125\t1\tDelegate/Add (ND, F32):0"
    private static let short = [
        "Operator-wise Profiling Info for Regular Benchmark Runs:",
        "============================== Run Order ==============================",
        "\t[node type]\t[first]\t[avg ms]\t[times called]\t[Name]", node, "",
        "============================== Top by Computation Time ==============================",
    ]

    @Test("may stand behind what any log puts before each line", arguments: [
        "bench-1  | ", "2024-05-06 07:08:0#,123 - INFO - ", "May 06 07:08:0# pi benchmark_model[1234]: ", "   # VERBOSE: ",
        "05-30 13:04:39.02#: I/tflite(25935): ", "07:08:09.12#  tflite                  I  ",
        "2024-05-06 07:08:09.123456+0200 Benchmark[123:45#] [tflite] ", "native : stat_summarizer.cc:85 ", "été | ",
    ])
    func unknownPrefixes(prefix: String) throws {
        let lines = Self.short.enumerated().map { prefix.replacing("#", with: "\($0.offset)") + $0.element }
        // Editors drop spaces at the ends of lines.
        func trimmed(_ line: String) -> String {
            var line = line
            while line.last == " " { line.removeLast() }
            return line
        }
        for text in [lines, lines.map(trimmed)] {
            let table = try TFLiteBenchmarkReport(text: text.joined(separator: "\n"), path: "report").table(of: Self.sum)
            #expect(table.measurements.map(\.latencyMs) == [0.125] && table.unmatched == [], "\(table.unmatched)")
        }
    }

    @Test("may have an empty line after each, as texts that were pasted twice have")
    func doubled() throws {
        let network = try Self.network()
        let text = Self.report(of: network, form: .withoutStart, names: Self.delegate)
        let plain = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
        let doubled = try TFLiteBenchmarkReport(text: text.replacing("\n", with: "\n\n"), path: "report").table(of: network)
        #expect(doubled == plain && !plain.measurements.isEmpty)
    }

    @Test("with lines of other programs among its nodes lists them, and names them where a node is missing")
    func strays() throws {
        var lines = Self.short
        lines.insert("underrun of 3 buffers", at: 3)
        let table = try TFLiteBenchmarkReport(text: lines.joined(separator: "\n"), path: "report").table(of: Self.sum)
        #expect(table.measurements.map(\.latencyMs) == [0.125] && table.rows == 2 && table.storedRows == 1)
        #expect(
            table.unmatched.map(\.description) == [
                "line 4: no node and its mean latency in milliseconds: \"underrun of 3 buffers\""
            ])
        let odd = Self.node.replacing("0.125", with: "0.12x5")
        let alone = Self.short.map { $0 == Self.node ? odd : $0 }.joined(separator: "\n")
        #expect(
            invalidPlace { try TFLiteBenchmarkReport(text: alone, path: "report") }?.sentence
                == "report: line 4: expected a node and its mean latency in milliseconds, found \"Add (ND, F32) 0.5 0.12x5 1 "
                + "Delegate/Add (ND, F32):0\"")
        let missing = invalidPlace {
            try TFLiteBenchmarkReport(text: lines.joined(separator: "\n"), path: "report").table(of: Self.network())
        }
        #expect(missing?.sentence.hasSuffix("; line 4 is no node that can be read: \"underrun of 3 buffers\"") == true)
    }

    @Test("may be a list that was cut out of a CSV file, with quotes around cells", arguments: ["", "\""])
    func cutOut(quote: String) throws {
        let text = "\n\(quote)node type\(quote),first,avg_ms,%,cdf%,mem KB,times called,name\n"
            + "\(quote)Add (ND, F32)\(quote),0.5,0.125,99%,99%,0,1,\(quote)Delegate/Add (ND, F32):0\(quote)\n"
        let table = try TFLiteBenchmarkReport(text: text, path: "report").table(of: Self.sum)
        #expect(table.measurements.map(\.latencyMs) == [0.125] && table.unmatched == [])
    }

    @Test("may have lost its titles, which some pages take for marks of their own")
    func untitled() throws {
        let text = Self.short.filter { !$0.hasPrefix("=") }.joined(separator: "\n")
        let table = try TFLiteBenchmarkReport(text: "STARTING!\n" + text, path: "report").table(of: Self.sum)
        #expect(table.measurements.map(\.latencyMs) == [0.125] && table.unmatched == [])
    }

    @Test("of TensorFlow Lite's own integer kernels is int8, as its first node tells")
    func quantised() throws {
        let device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))
        let own = "QUANTIZE\t0.5\t0.25\t1\t[tfl.quantize]:0\nADD\t0.5\t0.125\t1\t[sum]:1"
        let text = Self.short.map { $0 == Self.node ? own : $0 }.joined(separator: "\n")
        let report = try TFLiteBenchmarkReport(text: text, path: "report")
        #expect(report.dataType == .int8)
        let sentence = invalidPlace { try report.check(against: device.runtime, of: "pixel1") }?.sentence
        #expect(sentence?.contains("kernels are int8, and pixel1 is float32") == true)
    }

    @Test("that breaks off after the list of the initialization says so")
    func initialization() {
        let text = "Num threads: [1]\nProfiling Info for Benchmark Initialization:\n" + Self.short.dropFirst().joined(separator: "\n")
        #expect(
            invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report") }?.sentence
                == "report: line 2: this list is of the initialization, and the one of the runs is missing; expected the whole report")
    }

    @Test("of TensorFlow itself is named")
    func tensorFlow() {
        let own = "NoOp\t0.5\t0.25\t0\t_SOURCE\nConv2D\t0.5\t0.125\t1\tconv"
        let text = Self.short.map { $0 == Self.node ? own : $0 }.joined(separator: "\n")
        let found = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report") }
        #expect(found?.sentence.hasPrefix("report: line 5: Conv2D is an operator of TensorFlow itself") == true)
    }

    @Test("without a list of nodes is refused", arguments: [
        "STARTING!\n", "=== Run Order ===\n", "=== Run Order ===\nsomething else\n",
        "=== Run Order ===\nnode type, first, avg_ms, times called, name\nADD, 1, x, 1, a\n",
    ])
    func damaged(text: String) {
        #expect(invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report") } != nil)
    }
}
