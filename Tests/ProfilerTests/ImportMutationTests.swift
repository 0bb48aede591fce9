import Architectures
import Files
import Foundation
import HardwareProfiles
import Profiler
import Testing
import TestSupport

/// Whatever stands in a table that others measured, or in a journal, reading ends with latencies that a profile can hold, or
/// with a sentence.
@Suite("Mutated tables and journals")
struct ImportMutationTests {
    private static let rounds = 10_000
    private static let path = "copy.table"

    private func survive(
        _ text: String, seed: UInt64, read: (String) throws -> ImportedTable
    ) throws {
        var random = SeededRandom(seed: seed)
        let runtime = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")).runtime
        let description = ProfileDocument.Description(
            name: "mine", text: "", source: "x", hardware: "hardware/pixel1.json", runtime: runtime)
        var refused = 0, unmatched = 0, profiles = 0
        for round in 0..<Self.rounds {
            do {
                let table = try read(Mutation.of(text, &random))
                if !table.unmatched.isEmpty { unmatched += 1 }
                for measurement in table.measurements {
                    #expect(LatencyTable.latenciesMs.contains(measurement.latencyMs))
                    #expect(measurement.subject.macs >= 0)
                }
                // To fit a model takes longer than to read.
                guard round % 100 == 0, !table.measurements.isEmpty else { continue }
                profiles += 1
                let provenance = Provenance(command: "x", seed: nil, inputs: [])
                do {
                    _ = try ProfileDocument(
                        table.measurements, description, provenance: provenance, path: ShippedFiles.device("mine"))
                } catch let error as FileError {
                    #expect("\(error)".contains("mine.json: /"), "\(error)")
                }
            } catch let error as FileError {
                refused += 1
                if !error.description.contains(Self.path) { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > 0 && refused < Self.rounds && unmatched + refused > Self.rounds / 4 && profiles > 0)
    }


    @Test("of Once-for-All are read or refused")
    func ofa() throws {
        let yaml = """
            Conv-input:224x224x3-output:112x112x32:
              count: 12
              mean: 4.56
              var: 0.04
            expanded_conv-input:112x112x32-output:112x112x16-expand:1-kernel:3-stride:1-idskip:0: {count: 3, mean: 6.5}
            expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:1: {mean: 9.15}
            expanded_conv-input:56x56x24-output:28x28x40-expand:72-kernel:7-stride:2-idskip:0-se:1-hs:1: {mean: 3}
            Conv_1-input:7x7x320-output:7x7x1280: {mean: 2.5}
            AvgPool2D-input:7x7x960-output:1x1x960: {mean: 0.1}
            Logits-input:7x7x1280-output:1000: {mean: 0.9}
            """
        try survive(yaml, seed: 1) { try OFATable(text: $0, path: Self.path).table }
    }

    @Test("of comma-separated columns are read or refused")
    func csv() throws {
        let template = try MeasurementSheet.template(for: ProfilingPlan(space: .small()))
        let lines = template.split(separator: "\n").prefix(20).enumerated().map { index, line in
            index == 0 ? String(line) : line.dropLast(3) + ",1.5,0.25,7"
        }
        try survive(lines.joined(separator: "\n"), seed: 2) { try MeasurementSheet(text: $0, path: Self.path).table }
    }

    @Test("of TensorFlow Lite are read or refused")
    func tfLite() throws {
        let network = try SearchSpace.small().smallest.network
        let names: [Architectures.Operator.Kind: String] = [
            .convolution: "CONV_2D", .depthwiseConvolution: "DEPTHWISE_CONV_2D", .globalAveragePool: "MEAN",
            .fullyConnected: "FULLY_CONNECTED", .add: "ADD", .multiply: "MUL",
        ]
        let rows = network.layers.flatMap(\.operators).enumerated().map { index, step in
            "\t\(names[step.kind] ?? "?")\t 9.000\t 0.\(index + 1)\t 1.500%\t 1\t[layer/\(index), x]:\(index)"
        }
        let text = """
            INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
            ============================== Run Order ==============================
            \t[node type]\t[first]\t[avg ms]\t[%]\t[times called]\t[Name]
            \(rows.joined(separator: "\n"))

            Number of nodes executed: \(rows.count)
            """
        try survive(text, seed: 3) { try TFLiteBenchmarkReport(text: $0, path: Self.path).table(of: network) }
    }

    @Test("of NNI are read or refused")
    func nni() throws {
        let rows = """
            {'op_name': 'ir_k3_e6', 'op_data_shape': (56, 56, 24, 40, 2), 'op_dtype': 'float32', 'op_latency': 3.1}
            {'op_name': 'ir_k5_e1', 'op_data_shape': (28, 28, 40, 40, 1), 'op_dtype': 'float32', 'op_latency': 2.25}
            {'op_name': 'ir_k3_e3_se', 'op_data_shape': (14, 14, 80, 80, 1), 'op_dtype': 'float32', 'op_latency': 1.5}
            {"op_name": "conv_k3", "op_data_shape": [224, 224, 3, 32, 2], "op_dtype": "float32", "op_latency": 4.5}
            """
        // Only a table without any row is refused, so each row is one.
        for (index, row) in rows.split(separator: "\n").enumerated() {
            try survive(String(row), seed: UInt64(50 + index)) {
                try NNITable(text: $0, path: Self.path, dataType: .float32).table
            }
        }
    }

    @Test("of nn-Meter are read or refused")
    func nnMeter() throws {
        let kernels = """
            {"conv-bn-relu": {
              "A": {"config": {"HW": 14, "CIN": 98, "COUT": 123, "KERNEL_SIZE": 3, "STRIDES": 1}, "latency": "42.001 +- 0.5"},
              "B": {"config": {"HW": 28, "CIN": 16, "COUT": 32, "KERNEL_SIZE": 1, "STRIDES": 1}, "latency": 1.25}},
            "dwconv-bn-relu6": {"C": {"config": {"HW": 56, "CIN": 24, "KERNEL_SIZE": 5, "STRIDES": 2}, "latency": "0.75 +- 0.1"}},
            "fc": {"D": {"config": {"CIN": 960, "COUT": 1000}, "latency": "0.5 +- 0.0"}},
            "global-avgpool": {"E": {"config": {"HW": 7, "CIN": 960}, "latency": "0.125 +- 0.1"}}}
            """
        try survive(kernels, seed: 6) { try NNMeterTable(text: $0, path: Self.path).table }
    }

    /// What a mutation of whole networks comes to.
    private func survive(
        networks text: String, seed: UInt64, read: (String) throws -> ImportedNetworks
    ) throws {
        var random = SeededRandom(seed: seed)
        let runtime = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1-xnnpack")).runtime
        let target = ImportedNetworks.Target(
            runtime: runtime, device: nil, architecture: "mobilenet-v2", known: ["mobilenet-v2", "efficientnet-b0"], cores: 8)
        var refused = 0, stored = 0
        for round in 0..<Self.rounds {
            do {
                let networks = try read(Mutation.of(text, &random))
                let selection = try networks.selected(target)
                stored += selection.networks.count
                #expect(
                    selection.networks.count + selection.unmatched.count == networks.rows.count + networks.unmatched.count)
                #expect(selection.networks.allSatisfy { LatencyTable.latenciesMs.contains($0.latencyMs) })
            } catch let error as FileError {
                refused += 1
                if !error.description.contains(Self.path) { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > 0 && refused < Self.rounds && stored > 0)
    }

    @Test("of whole networks by AI Hub are read or refused")
    func aiHub() throws {
        let yaml = """
            precisions:
              float:
                components:
                  MobileNet-v2:
                    performance_metrics:
                      Samsung Galaxy S24:
                        tflite: {inference_time_milliseconds: 9.25, primary_compute_unit: CPU}
                        onnx: {inference_time_milliseconds: 8.5, primary_compute_unit: CPU}
            models:
            - name: EfficientNet-B0
              performance_metrics:
              - torchscript_onnx_tflite: {inference_time: 12250.0, precision: fp32, primary_compute_unit: CPU}
                reference_device_info: {name: Samsung Galaxy S24, os: '14'}
            """
        try survive(networks: yaml, seed: 7) { try AIHubResults(text: $0, path: Self.path).networks }
        let job = """
            {"execution_summary": {"estimated_inference_time": 12500, "all_inference_times": [12500, 12750]},
             "execution_detail": [{"name": "a", "type": "CONV_2D", "compute_unit": "CPU", "execution_time": 250}]}
            """
        try survive(networks: job, seed: 8) { try AIHubResults(text: $0, path: Self.path).networks }
    }

    @Test("of whole networks by LiteRT are read or refused")
    func liteRT() throws {
        let rows = """
            {"model": "x/MobileNet-v2", "device": "Pixel 9", "accelerator": "cpu", "latency_ms": {"median": 9.5, "avg": 9.9}}
            {"file": "efficientnet_b0.tflite", "accelerator": "cpu", "threads": 1, "latency_ms": {"avg": 21}}
            {"latency_metrics": {"avg_ms": 22.5, "median_ms": 21.5}, "misc_metrics": {"num_runs": 50}}
            """
        try survive(networks: rows, seed: 9) { try LiteRTResults(text: $0, path: Self.path).networks }
    }

    @Test("of visits are gone on with or refused")
    func journals() throws {
        let directory = try TemporaryDirectory()
        let journal = directory.file("out.json.partial.jsonl")
        let plan = ProfilingPlan(architectures: [try SearchSpace.small().smallest])
        func profiling(budget: Double) -> Profiling {
            let clock = ScriptedClock()
            var settings = ProfilingSettings()
            settings.budgetSeconds = budget
            return Profiling(
                plan: plan, runtime: ScriptedRuntime(clock: clock, duration: ScriptedRuntime.plain), settings: settings,
                machine: .scripted, clock: clock.monotonic)
        }
        _ = try profiling(budget: 300).run(journal: journal)
        let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").map(String.init)
        var random = SeededRandom(seed: 4)
        var known = 0, refused = 0
        for round in 0..<Self.rounds {
            var copy = lines
            let at = random.below(copy.count)
            if random.below(4) == 0 {
                copy[at] = Mutation.of(copy[at], &random)
            } else {
                copy[at] = try JSON(parsing: copy[at], path: "x").mutated(&random).text(pretty: false)
            }
            try (copy.joined(separator: "\n") + "\n").write(toFile: journal, atomically: false, encoding: .utf8)
            do {
                let result = try profiling(budget: 0).run(journal: journal)
                known += 1
                for measurement in result.measurements {
                    #expect(LatencyTable.latenciesMs.contains(measurement.latencyMs))
                    _ = measurement.json.text(pretty: false)
                }
            } catch let error as FileError {
                refused += 1
                if !error.description.contains(journal) { Issue.record("round \(round): \(error)") }
            } catch is ProfilingError {
                refused += 1
            }
        }
        #expect(known > Self.rounds / 20 && refused > Self.rounds / 4, "\(known) known, \(refused) refused")
    }
}
