import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("A table of nn-Meter")
struct NNMeterTableTests {
    private static let kernels = """
        {
          "conv-bn-relu": {
            "A1": {"model": "a.tflite", "shapes": [[14, 14, 98]],
              "config": {"HW": 14, "CIN": 98, "COUT": 123, "KERNEL_SIZE": 3, "STRIDES": 1}, "latency": "42.001 +- 0.5"},
            "A2": {"config": {"HW": 28, "CIN": 16, "COUT": 32, "KERNEL_SIZE": 1, "STRIDES": 1}, "latency": 1.25}
          },
          "dwconv-bn-relu6": {
            "B1": {"config": {"HW": 56, "CIN": 24, "KERNEL_SIZE": 5, "STRIDES": 2}, "latency": "0.75 +- 0.01"}
          },
          "fc": {"C1": {"config": {"CIN": 960, "COUT": 1000}, "latency": "0.5 +- 0.0"}},
          "global-avgpool": {"D1": {"config": {"HW": 7, "CIN": 960}, "latency": "0.125 +- 0.1"}},
          "add": {"E1": {"config": {"HW": 7, "CIN": 96}, "latency": "0.0625 +- 0.1"}}
        }
        """

    @Test("of kernels is read to operators")
    func reads() throws {
        let table = try NNMeterTable(text: Self.kernels, path: "k.json").table
        #expect(table.unmatched == [] && table.rows == 6)
        let latencies = Dictionary(uniqueKeysWithValues: table.measurements.map { ($0.subject.key, $0.latencyMs) })
        #expect(
            latencies == [
                "convolution k3 s1 14x14x98->14x14x123 relu": 42.001,
                "convolution k1 s1 28x28x16->28x28x32 relu": 1.25,
                "depthwise_convolution k5 s2 56x56x24->28x28x24 relu": 0.75,
                "fully_connected k1 s1 1x1x960->1x1x1000": 0.5,
                "global_average_pool k1 s1 7x7x960->1x1x960": 0.125,
                "add k1 s1 7x7x96->7x7x96": 0.0625,
            ])
        #expect(table.measurements[0].deviationMs == 0.6745 * 0.5 && table.measurements[1].deviationMs == nil)
    }

    @Test("may have sizes like 14.0, and deviations after other signs")
    func forms() throws {
        let text = Self.kernels.replacing("\"HW\": 14", with: "\"HW\": 14.0").replacing("42.001 +- 0.5", with: "42.001 +/- 0.5")
            .replacing("0.75 +- 0.01", with: "0.75 ± 0.01")
        #expect(try NNMeterTable(text: text, path: "k.json").table == NNMeterTable(text: Self.kernels, path: "k.json").table)
    }

    @Test("with tabs and a byte order mark is the same")
    func tabs() throws {
        let text = "\u{FEFF}" + Self.kernels.replacing("  ", with: "\t")
        #expect(try NNMeterTable(text: text, path: "k.json").table == NNMeterTable(text: Self.kernels, path: "k.json").table)
    }

    @Test("lists every row that is no measurement here, with its reason", arguments: [
        ("\"add\"", "\"channelshuffle\"", "no operator of a network here is \"channelshuffle\""),
        ("\"fc\"", "\"add-relu\"", "no operator of a network here is \"add-relu\""),
        ("\"HW\": 14", "\"HW\": 0", "no \"HW\" from 1 to"),
        ("\"KERNEL_SIZE\": 3", "\"KERNEL_SIZE\": 4", "a kernel of 4x4"),
        ("\"config\": {\"CIN\": 960, \"COUT\": 1000}, ", "", "a name and a latency without a shape"),
        ("0.75 +- 0.01", "0.7s5 +- 0.01", "\"latency\" is no mean with a deviation: \"0.7s5 +- 0.01\""),
        ("0.75 +- 0.01", "0 +- 0.01", "0.0 ms is not between"),
    ])
    func unmatched(old: String, new: String, reason: String) throws {
        let text = Self.kernels.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.kernels)
        let table = try NNMeterTable(text: text, path: "k.json").table
        #expect(table.unmatched.count == 1 && table.storedRows == 5 && table.rows == 6)
        #expect(table.unmatched.first?.reason.hasPrefix(reason) == true, "\(table.unmatched)")
    }

    @Test("of layers without shapes lists them all")
    func layers() throws {
        let text = "layerchoice_stem_0:\n  ConvBNReLU-3-32: 1.2\n  ConvBNReLU-5-32: 1.5\nstationary_block_1: 0.44\n"
        let table = try NNMeterTable(text: text, path: "k.yaml").table
        #expect(table.measurements == [])
        #expect(
            table.unmatched.map(\.key) == [
                "layerchoice_stem_0 ConvBNReLU-3-32", "layerchoice_stem_0 ConvBNReLU-5-32", "stationary_block_1",
            ])
        #expect(table.unmatched.allSatisfy { $0.reason.hasPrefix("a name and a latency without a shape; a sheet") })
    }

    @Test("that is something else is named", arguments: [
        ("- 1\n- 2\n", "k.json: expected a mapping of kernels to their measurements"),
        ("<html></html>", "k.json: this is a web page or XML"),
        ("a: *b\n", "k.json: line 1: expected a table without anchors and aliases"),
        // A line of its data set for each network, and what its command prints.
        ("{\"id\": \"a_1\", \"cortexA76cpu_tflite21\": 31.2, \"graph\": {\"i\": {\"inbounds\": []}}}\n{\"id\": \"a_2\"}\n",
         "k.json: this is nn-Meter's list of networks, each a graph"),
        ("(nn-Meter) Start latency prediction ...\n(nn-Meter) [RESULT] predict latency for a.onnx: 52.3 ms\n",
         "k.json: this is what nn-Meter predicts for whole networks"),
    ])
    func other(text: String, message: String) throws {
        #expect { try NNMeterTable(text: text, path: "k.json") } throws: { "\($0)".hasPrefix(message) }
    }
}
