import Architectures
import JSONDocuments
import Profiler
import TestSupport
import Testing

@Suite("A report of TensorFlow Lite's benchmark_model")
struct TFLiteBenchmarkReportTests {
    /// The network of an architecture with a residual block of expansion 2, and nodes for its operators.
    private static func network() throws -> Network {
        try SearchSpace.small().randomArchitectures(1, seed: 4)[0].network
    }

    private enum Form: CaseIterable { case text, comma }

    /// A report about `network`, node n taking 0.1 · (n + 1) ms, with other nodes before the n-th.
    private static func report(
        of network: Network, form: Form, names: (Architectures.Operator) -> String, others: [Int: String] = [:]
    ) -> String {
        func list(_ title: String, _ rows: [(String, Double, String)]) -> String {
            let heading = "============================== \(title) ==============================\n"
            switch form {
            case .text:
                return heading
                    + "\t             [node type]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t"
                    + "[times called]\t[Name]\n"
                    + rows.map { type, average, name in
                        "\t                 \(type)\t    9.000\t    \(average)\t  1.0%\t  1.0%\t     0.000\t        1\t"
                            + "\(name)\n"
                    }.joined() + "\n"
            case .comma:
                return heading + "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
                    + rows.map { "\($0.0), 0.5, 9, \($0.1), 1%, 1%, 0, 1, \($0.2)\n" }.joined() + "\n"
            }
        }
        let nodes = network.layers.flatMap(\.operators).enumerated().flatMap { index, step in
            (others[index].map { [($0, 7.5, "[other]:0")] } ?? [])
                + [(names(step), Double(index + 1) / 10, "[layer/\(index)]:\(index)")]
        }
        return """
            STARTING!
            Inference timings in us: Init: 16772, First inference: 8781, Warmup (avg): 7514.93, Inference (avg): 7454.97
            Profiling Info for Benchmark Initialization:
            \(list("Run Order", [("AllocateTensors", 0.1, "AllocateTensors/0")]))
            Operator-wise Profiling Info for Regular Benchmark Runs:
            \(list("Run Order", nodes))
            \(list("Top by Computation Time", nodes.reversed()))
            Number of nodes executed: \(nodes.count)

            """
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

    @Test("gives the mean of every operator, and the sums of the blocks")
    func reads() throws {
        let network = try Self.network()
        for form in Form.allCases {
            for names in [Self.tfLite, Self.delegate] {
                let text = Self.report(of: network, form: form, names: names, others: [2: "PAD"])
                let table = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
                #expect(table.unmatched.map(\.key) == ["PAD [other]:0"])
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

    @Test("counts the gate's sigmoid to the matrix product before it")
    func sigmoid() throws {
        let shape = FeatureShape(height: 4, width: 4, channels: 4)
        let block = Block(
            kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4, seRatio: 0.5, residual: false)
        let network = Network(of: block, input: shape)
        let text = Self.report(of: network, form: .text, names: Self.tfLite, others: [5: "LOGISTIC"])
        let table = try TFLiteBenchmarkReport(text: text, path: "report").table(of: network)
        let gate = try #require(table.measurements.first { $0.subject.key.hasSuffix("sigmoid") })
        #expect(table.unmatched == [] && abs(gate.latencyMs - (0.5 + 7.5)) < 1e-12)
    }

    @Test("of another model is refused at the node that differs, or at what is missing")
    func another() throws {
        let network = try Self.network()
        let text = Self.report(of: network, form: .text, names: Self.tfLite)
        let larger = try SearchSpace.small().largest.network
        let differs = invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report").table(of: larger) }
        #expect(differs?.sentence.contains(larger.name) == true, "\(String(describing: differs))")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let add = try #require(lines.firstIndex { $0.contains("DEPTHWISE_CONV_2D") })
        let without = lines.enumerated().filter { $0.offset != add }.map(\.element).joined(separator: "\n")
        let missing = invalidPlace { try TFLiteBenchmarkReport(text: without, path: "report").table(of: network) }
        #expect(missing?.place == "line \(add + 1)" && missing?.sentence.contains("depthwise_convolution") == true)
    }

    @Test("without a list of nodes is refused", arguments: [
        "STARTING!\n", "=== Run Order ===\n", "=== Run Order ===\nsomething else\n",
        "=== Run Order ===\nnode type, first, avg_ms, times called, name\nADD, 1, x, 1, a\n",
    ])
    func damaged(text: String) {
        #expect(invalidPlace { try TFLiteBenchmarkReport(text: text, path: "report") } != nil)
    }
}
