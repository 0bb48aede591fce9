import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("A table of ProxylessNAS or Once-for-All")
struct OFATableTests {
    private static let yaml = """
        Conv-input:224x224x3-output:112x112x32:
          count: 12
          mean: 4.56
          var: 0.04
        expanded_conv-input:112x112x32-output:112x112x16-expand:1-kernel:3-stride:1-idskip:0: {count: 3, mean: 6.5}
        expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:1: {mean: 9.15}
        expanded_conv-input:56x56x24-output:28x28x40-expand:3-kernel:7-stride:2-idskip:0: {mean: 3}
        Conv_1-input:7x7x320-output:7x7x1280: {mean: 2.5}
        Logits-input:7x7x1280-output:1000: {mean: 0.9}

        """
    private static let mobileNetV3 = """
        Conv-input:224x224x3-output:112x112x16: {count: 50, mean: 2.5, var: 0.01}
        expanded_conv-input:112x112x16-output:112x112x16-expand:16-kernel:3-stride:1-idskip:1-se:0-hs:0: {mean: 4}
        expanded_conv-input:56x56x24-output:28x28x40-expand:72-kernel:5-stride:2-idskip:0-se:1-hs:0: {mean: 3}
        expanded_conv-input:28x28x40-output:28x28x40-expand:120-kernel:5-stride:1-idskip:1-se:1-hs:0: {mean: 2}
        expanded_conv-input:14x14x80-output:14x14x80-expand:184-kernel:3-stride:1-idskip:1-se:0-hs:1: {mean: 1.5}
        expanded_conv-input:14x14x112-output:14x14x160-expand:672-kernel:5-stride:1-idskip:0-se:1-hs:1: {mean: 5}
        expanded_conv-input:14x14x16-output:14x14x16-expand:32-kernel:7-stride:1-idskip:0-se:1-hs:1: {mean: 0.5}
        Conv_1-input:7x7x160-output:7x7x960: {mean: 1.25}
        AvgPool2D-input:7x7x960-output:1x1x960: {mean: 0.1}
        Conv_2-input:1x1x960-output:1x1x1280: {mean: 0.3}
        Logits-input:1x1x1280-output:1000: {mean: 0.7}

        """
    private static let stem = Operator.convolution(
        kernel: 3, stride: 2, input: FeatureShape(height: 224, width: 224, channels: 3), outputChannels: 32,
        activation: .relu)

    @Test("is read to blocks and operators")
    func reads() throws {
        let table = try OFATable(text: Self.yaml, path: "mobile_trim.yaml").table
        #expect(table.unmatched == [])
        let latencies = Dictionary(uniqueKeysWithValues: table.measurements.map { ($0.subject.key, $0.latencyMs) })
        #expect(
            latencies == [
                "convolution k3 s2 224x224x3->112x112x32 relu": 4.56,
                "block k3 s1 e1 112x112x32->112x112x16 unexpanded": 6.5,
                "block k5 s1 e6 56x56x24->56x56x24 residual": 9.15,
                "block k7 s2 e3 56x56x24->28x28x40": 3,
                "convolution k1 s1 7x7x320->7x7x1280 relu": 2.5,
                "global_average_pool k1 s1 7x7x1280->1x1x1280, fully_connected k1 s1 1x1x1280->1x1x1000": 0.9,
            ])
        // A standard deviation of 0.2 ms, on the scale of a median absolute deviation.
        #expect(
            table.measurements[0]
                == Measurement(subject: .operator(Self.stem), latencyMs: 4.56, deviationMs: 0.6745 * 0.2, count: 12))
        #expect(table.measurements[2].deviationMs == nil && table.measurements[2].count == nil)
    }

    @Test("for MobileNetV3 has its squeeze-excites and activations, and prices such a network")
    func mobileNetV3() throws {
        let table = try OFATable(text: Self.mobileNetV3, path: "224_lookup_table.yaml").table
        #expect(table.unmatched == [])
        let latencies = Dictionary(uniqueKeysWithValues: table.measurements.map { ($0.subject.key, $0.latencyMs) })
        #expect(
            latencies == [
                "convolution k3 s2 224x224x3->112x112x16 hard_swish": 2.5,
                "block k3 s1 e1 112x112x16->112x112x16 unexpanded residual": 4,
                // A quarter of 72 is 18, which is nearer to 16 than to 24, but more than a tenth above it.
                "block k5 s2 e3 56x56x24->28x28x40 se1.0 se_activation=hard_sigmoid": 3,
                "block k5 s1 e3 28x28x40->28x28x40 se0.8 residual se_activation=hard_sigmoid": 2,
                "block k3 s1 e2.3 14x14x80->14x14x80 residual activation=hard_swish": 1.5,
                "block k5 s1 e6 14x14x112->14x14x160 se1.5 activation=hard_swish se_activation=hard_sigmoid": 5,
                "block k7 s1 e2 14x14x16->14x14x16 se0.5 activation=hard_swish se_activation=hard_sigmoid": 0.5,
                "convolution k1 s1 7x7x160->7x7x960 hard_swish": 1.25,
                "global_average_pool k1 s1 7x7x960->1x1x960": 0.1,
                "fully_connected k1 s1 1x1x960->1x1x1280 hard_swish": 0.3,
                "fully_connected k1 s1 1x1x1280->1x1x1000": 0.7,
            ])
        // All of these but the last two blocks, of which one has another stride, stand in the published network.
        let network = try Architecture(contentsOf: ShippedFiles.reference("mobilenet-v3-large")).network
        let keys = Set(network.layers.flatMap { [$0.key] + $0.operators.map(\.key) })
        #expect(table.measurements.filter { !keys.contains($0.subject.key) }.map(\.latencyMs) == [5, 0.5])
    }

    @Test("may be JSON")
    func json() throws {
        let text = #"{"Conv-input:224x224x3-output:112x112x32": {"count": 12, "mean": 4.56, "var": 0.04}}"#
        let yaml = try OFATable(text: Self.yaml, path: "a").table
        #expect(try OFATable(text: text, path: "b").table.measurements == [yaml.measurements[0]])
    }

    @Test("lists what cannot be matched, with the reason", arguments: [
        ("expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:4-stride:1-idskip:0", "no kernel of 4x4"),
        ("expanded_conv-input:56x56x24-output:28x28x24-expand:6-kernel:3-stride:1-idskip:0", "stride of 1 does not"),
        ("expanded_conv-input:56x56x24-output:28x28x24-expand:6-kernel:3-stride:2-idskip:1", "a residual from"),
        ("expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:3-stride:1", "no whole number in \"idskip\""),
        ("expanded_conv-input:56x56x24-output:56x56x24-expand:72-kernel:3-stride:1-idskip:0-hs:1", "number in \"se\""),
        ("expanded_conv-input:56x56x24-output:56x56x24-expand:9-kernel:3-stride:1-idskip:0-se:0-hs:0", "no expansion"),
        ("Conv-input:224x224x3-output:60x60x32", "no stride of 1 or 2"),
        ("Conv-input:224x224-output:112x112x32", "no shape in \"input\""),
        ("resnet50-input:56x56x24-output:56x56x24", "no kind of layer is called \"resnet50\""),
        ("Conv_1-whatever", "\"whatever\" is no field"),
        // Products of such sides are more than an integer holds.
        ("Conv-input:65536x65536x65536-output:65536x65536x65536", "a shape in \"input\" that no network has"),
        (
            "expanded_conv-input:65536x65536x65536-output:65536x65536x65536-expand:6-kernel:5-stride:1-idskip:0",
            "a shape in \"input\" that no network has"
        ),
        ("Logits-input:7x7x9223372036854775807-output:1000", "a shape in \"input\""),
        ("Conv_1-input:8192x8192x64-output:8192x8192x65536", "a feature map of 8192x8192x65536, which no network has"),
        (
            "expanded_conv-input:8192x8192x8-output:8192x8192x8-expand:32-kernel:3-stride:1-idskip:0",
            "a feature map of 8192x8192x256"
        ),
        ("expanded_conv-input:7x7x8-output:7x7x8-expand:9223372036854775807-kernel:3-stride:1-idskip:0", "in \"expand\""),
    ])
    func unmatched(key: String, reason: String) throws {
        let table = try OFATable(text: "\(key): {mean: 1.0}\n", path: "table").table
        #expect(table.measurements == [] && table.unmatched.count == 1)
        #expect(table.unmatched[0].key == key && table.unmatched[0].reason.contains(reason), "\(table.unmatched)")
    }

    @Test("refuses latencies that are none", arguments: ["0", "-1.5", ".nan", ".inf", "1.0e-12", "1.0e300"])
    func refused(mean: String) throws {
        let table = try OFATable(text: "Conv-input:224x224x3-output:112x112x32: {mean: \(mean)}\n", path: "t").table
        #expect(table.measurements == [] && table.unmatched[0].reason.contains(" ms is "))
        let missing = try OFATable(text: "Conv-input:224x224x3-output:112x112x32: 3\n", path: "t").table
        #expect(missing.unmatched[0].reason == "no \"mean\"")
    }

    @Test("keeps a standard deviation too, and shows a number with letters in it")
    func deviations() throws {
        let text = "Conv-input:224x224x3-output:112x112x32: {count: 9, mean: 3.5, std: 0.25}\n"
            + "Conv_1-input:7x7x320-output:7x7x1280: {mean: 2.5ms}\n"
        let table = try OFATable(text: text, path: "t").table
        #expect(table.measurements.map(\.deviationMs) == [0.6745 * 0.25])
        #expect(table.unmatched.map(\.reason) == ["\"mean\" is no number: \"2.5ms\""])
    }

    @Test("lists numbers with decimal commas, which YAML splits, and those in other units", arguments: [
        ("mean: 3,3", "\"3\" stands alone behind a comma; expected numbers with decimal points"),
        ("mean: 3300, unit: us", "is in \"us\", and latencies of such a table are in milliseconds"),
    ])
    func otherNumbers(fields: String, reason: String) throws {
        let text = "Conv-input:224x224x3-output:112x112x32: {\(fields)}\nConv_1-input:7x7x320-output:7x7x1280: {mean: 2.5, unit: ms}\n"
        let table = try OFATable(text: text, path: "t").table
        #expect(table.measurements.map(\.latencyMs) == [2.5] && table.unmatched.map(\.reason) == [reason])
    }

    @Test("has no numbers to the base of 60, as YAML 1.1 has them")
    func sexagesimal() throws {
        let text = "Conv-input:224x224x3-output:112x112x32: {count: 1:10, mean: 3.5}\n"
            + "Conv_1-input:7x7x320-output:7x7x1280: {mean: 1:30}\n"
        let table = try OFATable(text: text, path: "t").table
        #expect(table.measurements.map(\.latencyMs) == [3.5] && table.measurements[0].count == nil)
        #expect(table.unmatched.map(\.reason) == ["\"mean\" is no number: \"1:30\""])
    }

    @Test("may have the line ends of any system", arguments: ["\r\n", "\r"])
    func lineEnds(end: String) throws {
        let text = Self.yaml.replacing("\n", with: end)
        #expect(try OFATable(text: text, path: "t").table == OFATable(text: Self.yaml, path: "t").table)
        let deep = "x:\n" + String(repeating: "- 1\n", count: 100)
        #expect(try OFATable(text: deep.replacing("\n", with: end), path: "t").table.unmatched.count == 1)
    }

    @Test("of another program is named for what it is", arguments: [
        ("precisions:\n  float:\n    performance_metrics:\n      phone: {inference_time_milliseconds: 3}\n", "AI Hub"),
        ("{'op_name': 'conv', 'op_data_shape': (8, 8), 'op_latency': 1.0}\n", "NNI"),
        ("layerchoice_block_1:\n  MBConv: 2.5\n", "nn-Meter"), ("<!DOCTYPE html>\n<p>\n", "web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        ("subject,input_height\nblock,7\n", "--format csv reads"),
    ])
    func foreign(text: String, says: String) {
        let found = invalidPlace { try OFATable(text: text, path: "table.yaml") }
        #expect(found?.sentence.contains(says) == true, "\(found?.sentence ?? "read")")
    }

    @Test("makes the pooling with the classifier a measured layer of the profile")
    func classifier() throws {
        let device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))
        let table = try OFATable(text: Self.yaml, path: "t").table
        let document = try ProfileDocument(
            table.measurements,
            .init(
                name: "theirs", text: "", source: "t", hardware: "pixel1", runtime: device.runtime),
            provenance: Provenance(command: "", seed: nil, inputs: []), path: ShippedFiles.device("theirs"))
        guard case .array(let tables)? = document.json["tables"], case .array(let groups)? = tables.first?["groups"] else {
            Issue.record("no groups")
            return
        }
        #expect(groups.compactMap { $0["latency_ms"] } == [.number(0.9)])
    }

    @Test("that would cost more than its length is refused with its line", arguments: [
        String(repeating: "[", count: 8000), String(repeating: "- ", count: 8000), String(repeating: "? ", count: 8000),
        "x: {mean: 1}\na: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "x: {mean: 1}\ny: *x\n",
    ])
    func hostile(text: String) {
        let found = invalidPlace { try OFATable(text: text, path: "table.yaml") }
        #expect(found?.place.hasPrefix("line ") == true, "\(found?.sentence ?? "read")")
    }

    @Test("is read in a time that grows with its length")
    func length() throws {
        func seconds(_ count: Int) throws -> Double {
            let text = (0..<count).map { "Conv-input:224x224x3-output:112x112x32-x\($0): {mean: 1}\n" }.joined()
            var found = 0
            let seconds = try Processor.seconds {
                found = try OFATable(text: text, path: "t").table.unmatched.count
            }
            #expect(found == count)
            return seconds
        }
        _ = try seconds(10)
        let short = try seconds(2500), long = try seconds(20_000)
        #expect(long < max(0.3, 8 * 4 * short), "\(short) s, \(long) s")
    }

    @Test("that is none is told with its file", arguments: ["", "- 1\n- 2\n", "a: [1\n", "just text"])
    func damaged(text: String) {
        let found = invalidPlace { try OFATable(text: text, path: "table.yaml") }
        #expect(found?.sentence.hasPrefix("table.yaml: ") == true)
    }
}
