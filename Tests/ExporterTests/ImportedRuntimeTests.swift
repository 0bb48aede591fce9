import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand from ONNX Runtime's description of its operators (docs/ContribOperators.md).
@Suite("Operators of ONNX Runtime in ONNX models")
struct ImportedRuntimeTests: ReadsONNX {
    /// On an image of [1, 4, 8, 8].
    private static func model(_ nodes: [[UInt8]], _ weights: [[UInt8]] = [], known: [[UInt8]] = []) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8], known: known)
    }

    /// 16 rows "x" of 16 values.
    private static let rows = node("Reshape", ["image", "rows"], "x")
    private static let sides = ONNXBytes.integers("rows", [1, 16, 16])
    private static let fourHeads: [ONNXBytes.Attribute] = [.int("num_heads", 4), .int("kv_num_heads", 2)]

    @Test("are attention of heads that share keys, whose earlier rows count too")
    func groupedQueries() throws {
        // Four heads of queries and two of keys and values, 4 values each; 10 earlier rows.
        let weights = [
            Self.sides, ONNXBytes.weights("k", [16, 8]), ONNXBytes.weights("v", [16, 8]), ONNXBytes.weights("before", [1, 2, 10, 4]),
        ]
        let projections = [Self.rows, Self.node("MatMul", ["x", "k"], "keys"), Self.node("MatMul", ["x", "v"], "values")]
        let inputs = ["x", "keys", "values", "before", "before", "lengths", "total"]
        func read(_ total: Int?, known: [[UInt8]] = [], _ attributes: [ONNXBytes.Attribute] = []) throws -> ImportedNetwork {
            let end = total.map { [ONNXBytes.scalar("total", $0)] } ?? []
            let attention = Self.microsoft(
                "GroupQueryAttention", total == nil ? Array(inputs[..<5]) : inputs, outputs: ["out", "later", "latest"],
                Self.fourHeads + attributes)
            return try Self.read(
                Self.model(projections + [attention], weights + [ONNXBytes.integers("lengths", [25])] + end, known: known))
        }
        let projected = 2 * 16 * 16 * 8
        let all = try read(26)
        #expect(all.network.macs == projected + 4 * 16 * 26 * (4 + 4) && all.assumptions.isEmpty && all.unknown.isEmpty)
        #expect(all.network.classes == 16 * 16)
        // Without a number of rows, all that there is room for.
        let open = try read(nil)
        #expect(open.network.macs == all.network.macs && open.assumptions.count == 1)
        let inPlace = try read(nil, known: [ONNXBytes.value("later", [1, 2, 20, 4])])
        #expect(inPlace.network.macs == projected + 4 * 16 * 20 * (4 + 4))
        // Queries and keys are turned.
        let turned = try read(26, [.int("do_rotary", 1)])
        #expect(turned.network.layers.count == all.network.layers.count + 2 && turned.network.macs == all.network.macs)
    }

    @Test("are attention of queries, keys and values that stand side by side")
    func joinedQueries() throws {
        // (4 + 2 · 2) heads of 2 values.
        let read = try Self.read(
            Self.model([Self.rows, Self.microsoft("GroupQueryAttention", ["x"], "out", Self.fourHeads)], [Self.sides]))
        #expect(read.network.macs == 4 * 16 * 16 * (2 + 2) && read.network.classes == 16 * 8 && read.assumptions.isEmpty)
        let found = try Self.problem(
            Self.model(
                [Self.rows, Self.microsoft("GroupQueryAttention", ["x"], "out", [.int("num_heads", 3), .int("kv_num_heads", 2)])],
                [Self.sides]))
        #expect(found?.contains("(com.microsoft.GroupQueryAttention): expected [batch, heads, rows, values]") == true)
    }

    @Test("are attention with the biases of queries, keys and values, which are those of the products before it")
    func biasedAttention() throws {
        let weights = [Self.sides, ONNXBytes.weights("b", [48])] + ["q", "k", "v"].map { ONNXBytes.weights($0, [16, 16]) }
        let products = ["q", "k", "v"].map { Self.node("MatMul", ["x", $0], $0 + "x") }
        let attention = Self.microsoft("MultiHeadAttention", ["qx", "kx", "vx", "b"], "out", [.int("num_heads", 4)])
        let network = try Self.read(Self.model([Self.rows] + products + [attention], weights)).network
        #expect(network.macs == 3 * 16 * 16 * 16 + 2 * 4 * 16 * 16 * 4)
        #expect(network.parameters == 3 * (16 * 16 + 16) && network.layers.count == 6)
        let wrong: [[UInt8]] = [Self.sides, ONNXBytes.weights("b", [16])] + weights[2...]
        #expect(
            try Self.problem(Self.model([Self.rows] + products + [attention], wrong))?
                .contains("expected biases of 48 values, found 16") == true)
    }

    @Test("that fuse a convolution with a sum read both of its maps")
    func fusedSum() throws {
        let weights = [ONNXBytes.weights("w", [4, 4, 1, 1]), ONNXBytes.weights("u", [4, 4, 3, 3]), ONNXBytes.weights("b", [4])]
        // Only the sum reads what the second convolution writes.
        let nodes = [
            Self.node("Conv", ["image", "u"], "other", [.ints("pads", [1, 1, 1, 1])]),
            Self.microsoft("FusedConv", ["image", "w", "b", "other"], "out", [.text("activation", "Relu")]),
        ]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 64 * 16 + 64 * 144 && network.parameters == 16 + 4 + 144)
        #expect(network.layers.last?.operators.last?.kind == .add && network.layers.last?.operators.last?.activation == .relu)
        let turned = [
            Self.node("Transpose", ["image"], "t", [.ints("perm", [0, 2, 3, 1])]),
            Self.microsoft("NhwcFusedConv", ["t", "m", "", "t"], "out", [.text("activation", "Relu")]),
        ]
        let last = try Self.read(Self.model(turned, [ONNXBytes.weights("m", [4, 1, 1, 4])])).network.layers.last?.operators.last
        #expect(last?.kind == .add && last?.activation == .relu)
    }

    @Test("that fuse an activation have it", arguments: [("Relu", Activation.relu), ("Sigmoid", .sigmoid)])
    func fusedActivation(name: String, activation: Activation) throws {
        let nodes = [
            Self.node("Reshape", ["image", "list"], "x"),
            Self.microsoft("FusedGemm", ["x", "w", "b"], "out", [.text("activation", name)]),
        ]
        let weights = [ONNXBytes.integers("list", [1, 256]), ONNXBytes.weights("w", [256, 5]), ONNXBytes.weights("b", [5])]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 256 * 5 && network.parameters == 256 * 5 + 5)
        #expect(network.layers.map { $0.operators[0].activation } == [activation])
    }

    @Test("are attention of one input with keys and values of earlier rows")
    func projectedAttention() throws {
        // Two heads of 8 values; 10 earlier rows.
        let weights = [
            Self.sides, ONNXBytes.weights("w", [16, 48]), ONNXBytes.weights("b", [48]), ONNXBytes.weights("before", [2, 1, 2, 10, 8]),
        ]
        func nodes(_ earlier: String) -> [[UInt8]] {
            [
                Self.rows,
                Self.microsoft("Attention", ["x", "w", "b", "", earlier], outputs: ["out", "later"], [.int("num_heads", 2)]),
            ]
        }
        let network = try Self.read(Self.model(nodes("before"), weights)).network
        #expect(network.macs == 16 * 16 * 48 + 2 * 2 * 16 * 26 * 8 && network.parameters == 16 * 48 + 48)
        #expect(try Self.read(Self.model(nodes(""), weights)).network.macs == 16 * 16 * 48 + 2 * 2 * 16 * 16 * 8)
        let found = try Self.problem(Self.model(nodes("w"), weights))
        #expect(found?.contains("earlier keys and values [16, 48] do not fit 2 heads of 8 values") == true)
    }

    /// Nodes from "x", which is [1, 16, 16], to "y", and the kinds of what they launch.
    static let biased: [([UInt8], last: Int, [Architectures.Operator.Kind])] = [
        (microsoft("BiasAdd", ["x", "b", "x"], "y"), 16, [.elementwise, .add]),
        (microsoft("BiasSoftmax", ["x", "m"], "y", [.int("axis", 2), .int("is_inner_broadcast", 0)]), 16, [.elementwise, .softmax]),
        (microsoft("BiasSplitGelu", ["x", "b"], "y"), 8, [.elementwise, .function, .elementwise]),
    ]

    @Test("are sums with a bias, and what follows them", arguments: biased.indices)
    func biases(index: Int) throws {
        let (node, last, kinds) = Self.biased[index]
        let weights = [
            Self.sides, ONNXBytes.weights("b", [16]), ONNXBytes.weights("m", [1, 1, 16]), ONNXBytes.weights("k", [last, 5]),
        ]
        let network = try Self.read(Self.model([Self.rows, node, Self.node("MatMul", ["y", "k"])], weights)).network
        #expect(network.macs == 16 * last * 5)
        #expect(network.layers.map { $0.operators[0].kind } == kinds + [.convolution])
    }

    /// Of sixteen rows of sixteen values, each to two of four experts of 32 values: attributes, the columns of the first
    /// weights, whether there are gates, and multiply-accumulates of a row and an expert.
    static let experts: [([ONNXBytes.Attribute], columns: Int, isGated: Bool, macs: Int)] = [
        ([], 32, false, 16 * 32 + 32 * 16), ([.text("activation_type", "silu")], 32, true, 16 * 32 + 16 * 32 + 32 * 16),
        // A gate for each value, in the same weights.
        ([.text("activation_type", "swiglu"), .int("swiglu_fusion", 1)], 64, false, 16 * 64 + 32 * 16),
    ]

    @Test("are experts of which a few answer each row", arguments: experts.indices)
    func mixtures(index: Int) throws {
        let (attributes, columns, isGated, macs) = Self.experts[index]
        let nodes = [
            Self.node("Reshape", ["image", "list"], "x"), Self.node("MatMul", ["x", "r"], "chances"),
            Self.microsoft(
                "MoE", ["x", "chances", "v", "b", "w", "c"] + (isGated ? ["g"] : []), "out", [.int("k", 2)] + attributes),
        ]
        let weights = [
            ONNXBytes.integers("list", [16, 16]), ONNXBytes.weights("r", [16, 4]), ONNXBytes.weights("v", [4, columns, 16]),
            ONNXBytes.weights("b", [4, columns]), ONNXBytes.weights("w", [4, 16, 32]), ONNXBytes.weights("c", [4, 16]),
            ONNXBytes.weights("g", [4, 32, 16]),
        ]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.macs == 16 * 16 * 4 + 16 * 2 * macs && read.network.classes == 16 * 16 && read.unknown.isEmpty)
        let all = 4 * (columns * 16 + columns + 16 * 32 + 16) + (isGated ? 4 * 32 * 16 : 0)
        #expect(read.network.parameters == 16 * 4 + all)
        let found = try Self.problem(Self.model([nodes[0], nodes[1], Self.microsoft("MoE", ["x", "chances", "r", "", "w"])], weights))
        #expect(found?.contains("(com.microsoft.MoE): expected weights of 4 experts for rows of 16 values, found [16, 4]") == true)
    }

    @Test("are means of integers")
    func integerMean() throws {
        let zero = ONNXBytes.message { $0.add(2, integer: 2); $0.add(8, text: "z"); $0.add(9, bytes: [0]) }
        let nodes = [
            Self.node("QuantizeLinear", ["image", "s", "z"], "q"),
            Self.microsoft("QLinearReduceMean", ["q", "s", "z", "s", "z"], "m", [.ints("axes", [2, 3]), .int("keepdims", 0)]),
            Self.node("DequantizeLinear", ["m", "s", "z"], "f"), Self.node("Gemm", ["f", "w"]),
        ]
        let weights = [ONNXBytes.numbers("s", [0.1], shape: []), zero, ONNXBytes.weights("w", [4, 5])]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 20 && network.layers.contains { $0.operators[0].kind == .globalAveragePool })
        let wrong = [nodes[0], Self.microsoft("QLinearReduceMean", ["q", "s", "z", "s", "z"])]
        #expect(try Self.problem(Self.model(wrong, weights))?.contains("(com.microsoft.QLinearReduceMean): expected axes") == true)
    }

    @Test("quantise weights that are no initializers, which stay weights")
    func dynamicWeights() throws {
        let convolution = [
            Self.node("ConvInteger", ["i", "q", "iz", "z"], "c"), Self.node("Cast", ["c"], "f", [.int("to", 1)]),
            Self.node("Mul", ["is", "s"], "scale"), Self.node("Mul", ["f", "scale"]),
        ]
        let image = ONNXBytes.node("DynamicQuantizeLinear", ["image"], ["i", "is", "iz"])
        let weights = ONNXBytes.node("DynamicQuantizeLinear", ["w"], ["q", "s", "z"])
        let computed = try Self.read(Self.model([image, weights] + convolution, [ONNXBytes.weights("w", [6, 4, 1, 1])])).network
        let stored = try Self.read(
            Self.model(
                [image] + convolution,
                [
                    ONNXBytes.zeros("q", [6, 4, 1, 1], of: 2), ONNXBytes.numbers("s", [0.1], shape: []),
                    ONNXBytes.zeros("z", [], of: 2),
                ])
        ).network
        #expect(computed.macs == 64 * 24 && computed.parameters == 24)
        #expect(computed.layers.map(\.operators) == stored.layers.map(\.operators))
    }

    @Test("are products of what becomes integers while they run")
    func dynamicProducts() throws {
        let scale = ONNXBytes.numbers("s", [0.1], shape: []), bias = ONNXBytes.weights("b", [6])
        let product = Self.microsoft("DynamicQuantizeMatMul", ["x", "w", "s", "", "b"])
        let dense = try Self.read(Self.model([Self.rows, product], [Self.sides, scale, ONNXBytes.zeros("w", [16, 6], of: 3), bias])).network
        #expect(dense.macs == 16 * 16 * 6 && dense.parameters == 16 * 6 + 6)
        // Weights [1, inputs, gates], and those of the states.
        let recurrence = Self.microsoft(
            "DynamicQuantizeLSTM", ["x", "w", "r", "b", "", "", "", "", "s", "z", "s", "z"], "out", [.int("hidden_size", 5)])
        let weights = [
            Self.sides, ONNXBytes.numbers("s", [0.1]), ONNXBytes.zeros("z", [1], of: 3), ONNXBytes.zeros("w", [1, 16, 20], of: 3),
            ONNXBytes.zeros("r", [1, 5, 20], of: 3), ONNXBytes.weights("b", [1, 40]),
        ]
        let states = try Self.read(Self.model([Self.rows, recurrence], weights)).network
        #expect(states.macs == 16 * 20 * (16 + 5) && states.parameters == 20 * (16 + 5) + 40)
    }
}
