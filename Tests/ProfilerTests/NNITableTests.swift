import Architectures
import Files
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("A table of NNI")
struct NNITableTests {
    private static let rows = """
        {'op_name': 'ir_k3_e6', 'op_data_shape': (56, 56, 24, 40, 2), 'op_dtype': 'float32', 'op_latency': 3.1}
        {'op_name': 'ir_k5_e1', 'op_data_shape': (28, 28, 40, 40, 1), 'op_dtype': 'float32', 'op_latency': 2.25}
        {'op_name': 'ir_k3_e3_se', 'op_data_shape': (14, 14, 80, 80, 1), 'op_dtype': 'float32', 'op_latency': 1.5}
        {"op_name": "conv_k3", "op_data_shape": [224, 224, 3, 32, 2], "op_dtype": "float32", "op_latency": 4.5}

        """

    private func table(_ text: String, _ dataType: Runtime.DataType = .float32) throws -> ImportedTable {
        try NNITable(text: text, path: "lut.txt", dataType: dataType).table
    }

    @Test("is read to blocks and operators")
    func reads() throws {
        let table = try table(Self.rows)
        #expect(table.unmatched == [] && table.rows == 4 && table.storedRows == 4)
        let latencies = Dictionary(uniqueKeysWithValues: table.measurements.map { ($0.subject.key, $0.latencyMs) })
        #expect(
            latencies == [
                "block k3 s2 e6 56x56x24->28x28x40": 3.1,
                "block k5 s1 e1 28x28x40->28x28x40 unexpanded residual": 2.25,
                "block k3 s1 e3 14x14x80->14x14x80 se0.25 residual": 1.5,
                "convolution k3 s2 224x224x3->112x112x32 relu": 4.5,
            ])
    }

    @Test("is read as one list too")
    func list() throws {
        let rows = Self.rows.split(separator: "\n").joined(separator: ",\n")
        #expect(try table("[\n\(rows),\n]\n") == table(Self.rows))
    }

    @Test("is read as Python and its libraries print it, with comments, and with any line ends", arguments: [
        ("3.1", "np.float64(3.1)"), ("3.1", "numpy.float32(3.1)"), ("3.1", "'3.1'"), ("56, 56, 24", "56.0, np.int64(56), 24"),
        ("3.1}", "3.1}  # the first"), ("3.1}", "3.1},"), ("{'op_name'", "# ours\n{'op_name'"), ("3.1}\n", "3.1}, "),
        ("'op_data_shape'", "\n  'op_data_shape'"), ("\n", "\r\n"), ("\n", "\r"),
        ("'float32'", "'torch.float32'"), ("'float32'", "'FP32'"),
        ("{'op_name': 'ir_k3_e6'", "\u{FEFF}{\"op_name\": 'ir_k3_e6'"),
    ])
    func forms(old: String, new: String) throws {
        let text = Self.rows.replacing(old, with: new, maxReplacements: old == "\n" ? .max : 1)
        #expect(text != Self.rows)
        #expect(try table(text) == table(Self.rows))
        let line = Self.rows.split(separator: "\n").joined(separator: ", ")
        #expect(try table("[\(line)]") == table(Self.rows))
    }

    @Test("is read or refused in a time that grows with its length", arguments: ["{", "[", "{'a': ", "np(", "'", "{'op_name': 1}\n", "#"])
    func length(word: String) throws {
        func seconds(_ count: Int) -> Double {
            Processor.seconds { #expect(invalidPlace { try table(String(repeating: word, count: count)) } != nil) }
        }
        _ = seconds(10)
        let short = seconds(2000), long = seconds(16_000)
        #expect(long < max(0.3, 8 * 4 * short) && long < 2, "\(short) s, \(long) s")
    }

    @Test("lists every row that is no measurement here, with its reason", arguments: [
        ("'ir_k3_e6'", "'skip'", "no kind of block is called \"skip\""),
        ("'ir_k3_e6'", "'ShuffleNet_k3'", "no kind of block is called \"ShuffleNet_k3\""),
        ("'ir_k3_e6'", "'ir_k4_e6'", "no odd kernel in \"ir_k4_e6\""),
        ("'ir_k3_e6'", "'ir_k3'", "no expansion in \"ir_k3\""),
        ("'ir_k3_e6'", "'ir_k3_e6_g2'", "\"g2\" in \"ir_k3_e6_g2\" is not known"),
        ("(56, 56, 24, 40, 2)", "(56, 56, 24)", "no height, width, input channels, output channels and stride"),
        ("(56, 56, 24, 40, 2)", "(56, 56, 24, 40, 0)", "a shape in \"op_data_shape\" that no network has"),
        ("(56, 56, 24, 40, 2)", "(56, 9223372036854775807, 24, 40, 2)", "a shape in \"op_data_shape\" that no network has"),
        ("'float32', 'op_latency': 3.1", "'int8', 'op_latency': 3.1", "is int8, and the profile is float32"),
        ("3.1", "'fast'", "\"op_latency\" is no number: \"fast\""), ("3.1", "None", "no \"op_latency\""),
        (", 'op_latency': 3.1", "", "no \"op_latency\""), ("3.1", "float('nan')", "\"op_latency\" is no number: \"nan\""),
        ("3.1}", "3.1", "no Python dictionary and no JSON: expected a comma or '}', found '{' on line 2, column 1"),
        ("'float32'", "float32", "no Python dictionary and no JSON: expected a value, found 'f' on line 1, column 75"),
        ("'op_latency'", "'op_name'", "a second \"op_name\""),
        ("3.1", "-3.1", "-3.1 ms is not between a nanosecond and a quarter of an hour"),
        ("{'op_name': 'ir_k3_e6'", "'ir_k3_e6'", "no row with an \"op_name\""),
    ])
    func unmatched(old: String, new: String, reason: String) throws {
        let text = Self.rows.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.rows)
        let table = try table(text)
        #expect(table.unmatched.count == 1 && table.storedRows == 3 && table.rows == 4)
        #expect(table.unmatched.first?.key.hasPrefix("line 1") == true)
        #expect(table.unmatched.first?.reason.hasPrefix(reason) == true, "\(table.unmatched)")
    }

    @Test("that is something else is named", arguments: [
        ("stage: 1\n", "lut.txt: expected a dictionary with \"op_name\" and \"op_latency\" a line, found none"),
        ("<html></html>\n", "lut.txt: this is a web page or XML"),
        ("Conv-input:2x2x2-output:2x2x2: {mean: 1}\nexpanded_conv-input:\n", "lut.txt: this is a table of ProxylessNAS"),
    ])
    func other(text: String, message: String) throws {
        #expect { try table(text) } throws: { "\($0)".hasPrefix(message) }
    }

    @Test("loses no row behind a damaged one on the same line, or says so")
    func damagedOnOneLine() throws {
        let line = Self.rows.split(separator: "\n").joined(separator: ", ")
        let damaged = try table("[\(line.replacing("2.25", with: "tensor(2.25, device='cuda:0')"))]")
        #expect(damaged.storedRows == 3 && damaged.unmatched.count == 1 && damaged.rows == 4)
        #expect(!damaged.unmatched[0].reason.contains("left out with it"))
        // One row a line: nothing else is on it.
        let rows = try table(Self.rows.replacing("'op_latency': 2.25", with: "'op_latency: 2.25"))
        #expect(rows.storedRows == 3 && rows.unmatched.allSatisfy { !$0.reason.contains("left out with it") })
        // Where the end of the damaged one cannot be told.
        let open = try table("[\(line.replacing("'op_latency': 2.25", with: "'op_latency: 2.25"))]")
        #expect(open.storedRows == 1 && open.unmatched.contains { $0.reason.contains("what follows on its line is left out with it") })
    }
}
