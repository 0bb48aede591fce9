import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("Latencies of whole networks")
struct ImportedNetworksTests {
    private static let known = ["mobilenet-v2", "mobilenet-v3-large", "efficientnet-b0", "mobilenet_v2"]

    private func select(
        _ networks: ImportedNetworks, on device: String? = nil, of architecture: String? = nil,
        name: Runtime.Name = .xnnpack, dataType: Runtime.DataType = .float32
    ) throws -> (networks: [MeasuredNetwork], unmatched: [ImportedTable.Unmatched]) {
        let selection = try networks.selected(
            .init(
                runtime: Runtime(name: name, dataType: dataType, threads: 4, cluster: "big"), device: device,
                architecture: architecture, known: Self.known, cores: 8))
        #expect(selection.networks.count + selection.unmatched.count == networks.rows.count + networks.unmatched.count)
        return selection
    }

    // MARK: LiteRT

    private static let leaderboard = """
        {"row_id": "a", "model": "litert-community/MobileNet-v2", "device": "Pixel 9", "accelerator": "cpu", \
        "latency_ms": {"median": 9.5, "avg": 9.9}, "runs": 50}
        {"row_id": "b", "model": "litert-community/MobileNet-v2", "device": "Pixel 9", "accelerator": "gpu", "latency_ms": {"median": 3.5}}

        {"row_id": "c", "file": "efficientnet_b0.tflite", "device": "Pixel 9", "accelerator": "cpu", "threads": 1, \
        "latency_ms": {"avg": 21}}
        {"row_id": "d", "model": "YOLO", "device": "Pixel 9", "accelerator": "cpu", "latency_ms": {"median": 9.1}}
        {"row_id": "e", "model": "litert-community/MobileNet-v2", "device": "Pixel 9", "accelerator": "cpu", "latency_ms": {"median": 9.7}}
        {"row_id": "f", "model": "MobileNet-v2", "status": "failed"}
        """

    @Test("of LiteRT's list are stored or listed")
    func liteRTList() throws {
        let selection = try select(LiteRTResults(text: Self.leaderboard, path: "m.jsonl").networks)
        #expect(selection.networks.map(\.architecture) == ["mobilenet-v2", "efficientnet-b0"])
        #expect(selection.networks.map(\.latencyMs) == [9.5, 21] && selection.networks.map(\.threads) == [4, 1])
        #expect(selection.networks[0].source == "LiteRT on Pixel 9: m.jsonl, which does not say how many threads ran, nor the data type, taken as float32")
        #expect(
            selection.unmatched.map(\.description) == [
                "line 7: no latency of a network in milliseconds",
                "b: computed by the GPU, and a profile is of a CPU", "d: no network is known here as \"YOLO\"",
                "e: a second latency of mobilenet-v2",
            ])
    }

    @Test("of one run of LiteRT need an architecture", arguments: [
        #"{"latency_metrics": {"avg_ms": 22.5, "median_ms": 21.5}, "misc_metrics": {"num_runs": 50}}"#,
        #"{"latencyMetrics": {"avgMs": 22.5, "medianMs": 21.5}}"#, #"{"latency_metrics": {"avg_ms": 21.5}}"#,
        "{\n  \"latency_metrics\": {\n    \"avg_ms\": 21.5,\n    \"median_ms\": 0\n  }\n}\n",
    ])
    func liteRTRun(text: String) throws {
        let networks = try LiteRTResults(text: text, path: "r.json").networks
        let selection = try select(networks, of: "mobilenet-v2")
        #expect(selection.networks.map(\.latencyMs) == [21.5] && selection.networks[0].architecture == "mobilenet-v2")
        #expect(try select(networks).unmatched.first?.reason.contains("expected an --architecture") == true)
    }

    @Test("of LiteRT's list with something wrong in a row are listed with what is there")
    func liteRTRows() throws {
        func row(_ threads: String, _ latency: String) -> String {
            #"{"row_id": "\#(threads)", "model": "MobileNet-v2", "accelerator": "cpu", "threads": \#(threads), "latency_ms": \#(latency)}"#
        }
        let text = [
            row("1", #"{"median": 9.5}"#), row("2", #""5.1 ms""#), row("0", "7"), row("16", "3.5"),
            #"{"row_id": "b", "model": "MobileNet-v2", "threads": "4", "latency_ms": 4.5}"#, #"{"row_id": "c", "mod"#,
        ].joined(separator: "\n")
        let selection = try select(LiteRTResults(text: text, path: "m.jsonl").networks)
        #expect(selection.networks.map(\.latencyMs) == [9.5, 4.5] && selection.networks.map(\.threads) == [1, 4])
        #expect(
            selection.unmatched.map(\.description) == [
                #"line 2: "latency_ms" is no number: "5.1 ms""#, #"line 3: "threads" is no number of threads: 0"#,
                "line 6: not JSON: expected more, found the end of the file", "16: ran with 16 threads, and the profile has 8 cores",
            ])
    }

    // MARK: AI Hub

    private static let perf = """
        supported_devices:
        - Samsung Galaxy S24
        precisions:
          float:
            components:
              MobileNet-v2:
                performance_metrics:
                  Samsung Galaxy S24:
                    tflite:
                      inference_time_milliseconds: 9.25
                      primary_compute_unit: CPU
                      layer_counts: {total: 71, npu: 0, gpu: 0, cpu: 71}
                    onnx: {inference_time_milliseconds: 8.5, primary_compute_unit: CPU}
                  Google Pixel 4:
                    tflite: {inference_time_milliseconds: 30.5, primary_compute_unit: CPU}
                    qnn_dlc: {inference_time_milliseconds: null, job_status: Failed}
          w8a8:
            components:
              MobileNet-v2:
                performance_metrics:
                  Samsung Galaxy S24:
                    tflite: {inference_time_milliseconds: 0.5, primary_compute_unit: NPU}
                    tflite_cpu: {inference_time_milliseconds: 4.5, primary_compute_unit: CPU}
        """

    @Test("of AI Hub's perf.yaml are stored or listed")
    func perfYAML() throws {
        let networks = try AIHubResults(text: Self.perf, path: "perf.yaml").networks
        let selection = try select(networks, on: "samsung galaxy s24")
        #expect(selection.networks.map(\.latencyMs) == [9.25] && selection.networks[0].architecture == "mobilenet-v2")
        #expect(
            selection.unmatched.map(\.description) == [
                "MobileNet-v2, float, Google Pixel 4, qnn_dlc: no inference time; the job's status is Failed",
                "MobileNet-v2, float, Samsung Galaxy S24, onnx: ran with onnx; of such tables, only TensorFlow Lite's "
                    + "latencies fit a profile",
                "MobileNet-v2, float, Google Pixel 4, tflite: measured on Google Pixel 4",
                "MobileNet-v2, w8a8, Samsung Galaxy S24, tflite: computed by the NPU, and a profile is of a CPU",
                "MobileNet-v2, w8a8, Samsung Galaxy S24, tflite_cpu: is int8, and the profile is float32",
            ])
        // One device may be written in two ways.
        let twoWays = Self.leaderboard.replacing(#"{"row_id": "c", "file": "efficientnet_b0.tflite", "device": "Pixel 9""#, with:
            #"{"row_id": "c", "file": "efficientnet_b0.tflite", "device": "pixel 9""#)
        #expect(twoWays != Self.leaderboard)
        let leaderboard = try LiteRTResults(text: twoWays, path: "l.jsonl").networks
        #expect(try select(leaderboard, on: "PIXEL 9").networks.count == 2 && select(leaderboard).networks.count == 2)
        #expect(try select(networks, dataType: .int8).networks.map(\.latencyMs) == [4.5])
        #expect(try select(networks, on: "Samsung Galaxy S24", name: .ncnn).networks.isEmpty)
        #expect { try select(networks) } throws: {
            "\($0)" == "perf.yaml: latencies of 2 devices: Google Pixel 4, Samsung Galaxy S24; expected one of them in "
                + "--measured-on"
        }
    }

    @Test("of AI Hub that several units computed, or with letters in the time, are listed with what is there", arguments: [
        (
            "primary_compute_unit: CPU\n              layer_counts: {total: 71, npu: 0, gpu: 0, cpu: 71}", "primary_compute_unit: 'null'",
            "the file does not say which processor computed, and AI Hub prefers the NPU"
        ),
        ("9.25", "9.25 ms", #""inference_time_milliseconds" is no number: "9.25 ms""#),
        (
            "npu: 0, gpu: 0, cpu: 71", "npu: 30, gpu: 0, cpu: 41",
            "computed by the NPU (30 layers) and the CPU (41 layers), and a profile is of a CPU"
        ),
    ])
    func doubtful(old: String, new: String, reason: String) throws {
        let networks = try AIHubResults(text: Self.perf.replacing(old, with: new), path: "perf.yaml").networks
        let selection = try select(networks, on: "Samsung Galaxy S24")
        #expect(selection.networks == [])
        #expect(selection.unmatched.contains { $0.description == "MobileNet-v2, float, Samsung Galaxy S24, tflite: \(reason)" })
    }

    @Test("of AI Hub that are no measurements are listed with what is there")
    func noMeasurements() throws {
        let text = """
            models:
              - name: MobileNet-v2
                performance_metrics:
                  - reference_device_info: {name: Google Pixel 4}
                    tflite: {inference_time: 9250.0, primary_compute_unit: CPU, precision: fp32}
                    qnn_dlc: null
                    onnx: 3.5
            """
        let networks = try AIHubResults(text: text, path: "perf.yaml").networks
        #expect(networks.rows.count == 1)
        #expect(networks.unmatched.map(\.description) == [
            "MobileNet-v2, Google Pixel 4, qnn_dlc: expected a measurement, found \"null\"",
            "MobileNet-v2, Google Pixel 4, onnx: expected a measurement, found 3.5",
        ])
    }

    @Test("of AI Hub's older perf.yaml are in microseconds")
    func olderPerfYAML() throws {
        let text = """
            aggregated:
              supported_devices: [Google Pixel 3]
            models:
            - name: MobileNet-v3-Large
              performance_metrics:
              - torchscript_onnx_tflite:
                  inference_time: 12250.0
                  throughput: 81.6
                  layer_info: {layers_on_npu: 0, layers_on_gpu: 0, layers_on_cpu: 128, total_layers: 128}
                  precision: fp32
                  primary_compute_unit: CPU
                reference_device_info:
                  name: Google Pixel 3
                  os: '10'
                timestamp: '2024-02-05T11:27:27.000000Z'
              - torchscript_onnx_qnn: {inference_time: null, primary_compute_unit: null}
                reference_device_info: {name: Google Pixel 3, os: '10'}
            """
        let selection = try select(AIHubResults(text: text, path: "perf.yaml").networks)
        #expect(selection.networks.map(\.latencyMs) == [12.25])
        #expect(selection.networks.map(\.architecture) == ["mobilenet-v3-large"])
        #expect(selection.unmatched.map(\.reason) == ["no inference time"])
    }

    @Test("of one job of AI Hub are those of the whole network")
    func job() throws {
        func networks(_ units: [String]) throws -> ImportedNetworks {
            let layers = units.enumerated().map {
                #"{"name": "l\#($0.offset)", "type": "CONV_2D", "compute_unit": "\#($0.element)", "execution_time": 250}"#
            }
            return try AIHubResults(
                text: #"{"execution_summary": {"estimated_inference_time": 12500}, "execution_detail": ["#
                    + layers.joined(separator: ",") + "]}", path: "job.json").networks
        }
        let onCPU = try select(networks(["CPU", "CPU"]), of: "mobilenet-v2")
        #expect(onCPU.networks.map(\.latencyMs) == [12.5])
        let reason = "a layer without shapes; only the whole network is stored; it takes 0.25 ms"
        #expect(onCPU.unmatched.map(\.reason) == [reason, reason])
        let mixed = try select(networks(["NPU", "NPU", "CPU"]), of: "mobilenet-v2")
        #expect(mixed.networks.isEmpty)
        #expect(mixed.unmatched.contains {
            $0.reason == "computed by the NPU (2 layers) and the CPU (1 layers), and a profile is of a CPU"
        })
    }

    @Test("that are something else are named", arguments: [
        ("a: 1\n", "expected \"performance_metrics\" of networks, or the \"execution_summary\" of a job, found neither"),
        ("{\"op_name\": 1, \"op_latency\": 2}", "this is a table of NNI's"), ("<html></html>", "this is a web page or XML"),
    ])
    func other(text: String, message: String) throws {
        #expect { try AIHubResults(text: text, path: "x") } throws: { "\($0)".hasPrefix("x: \(message)") }
    }

    @Test("of no result of LiteRT are refused", arguments: [
        ("{}", "x: expected \"latency_metrics\" with \"avg_ms\", or rows with \"latency_ms\", found neither"),
        ("nothing", "x: "), ("[1, 2]", "x: expected \"latency_metrics\""),
        (
            "{\"latency_metrics\": {\"avg_ms\": -1}}",
            "x: expected \"latency_metrics\" with \"avg_ms\", or rows with \"latency_ms\", found none that can be read: \"avg_ms\" is no "
                + "latency above 0: -1"
        ),
        ("BENCHMARK RESULTS\nInference (avg): 7.5 ms (10 runs)\n", "x: this is what LiteRT's benchmark_model prints of a whole network"),
        ("Inference timings in us: Init: 9, Inference (avg): 5\n", "x: this is a report of TensorFlow Lite's benchmark_model without"),
    ])
    func noResult(text: String, message: String) throws {
        #expect { try LiteRTResults(text: text, path: "x") } throws: { "\($0)".hasPrefix(message) }
    }
}
