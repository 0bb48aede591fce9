import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right numbers of parameters are those of the vectors that the specification gives each operator.
@Suite("Normalisations of ONNX models")
struct ImportedNormalizationTests: ReadsONNX {
    /// A node, its vectors "s" and "o" of so many values (0 for none), and the opset.
    struct Form: Sendable {
        let node: [UInt8]
        let factors: Int
        let offsets: Int
        var opset = 17
        var input: [Int?] = [1, 8, 4, 6]
    }

    static let forms: [Form] = [
        // A factor for each of the groups, later for each of the channels.
        Form(node: node("GroupNormalization", ["image", "s", "o"], "out", [.int("num_groups", 2)]), factors: 2, offsets: 2, opset: 18),
        Form(node: node("GroupNormalization", ["image", "s", "o"], "out", [.int("num_groups", 2)]), factors: 8, offsets: 8, opset: 21),
        Form(node: node("InstanceNormalization", ["image", "s", "o"]), factors: 8, offsets: 8),
        Form(node: node("InstanceNormalization", ["image", "s", "o"]), factors: 8, offsets: 8, input: [1, 8, 30]),
        Form(node: node("LayerNormalization", ["image", "s", "o"]), factors: 6, offsets: 6),
        Form(node: node("LayerNormalization", ["image", "s"], "out", [.int("axis", -2)]), factors: 24, offsets: 0),
        Form(node: node("RMSNormalization", ["image", "s"]), factors: 6, offsets: 0, opset: 23),
        Form(node: node("BatchNormalization", ["image", "s", "o", "o", "s"]), factors: 8, offsets: 8),
        Form(node: node("BatchNormalization", ["image", "s", "o", "o", "s"]), factors: 8, offsets: 8, input: [1, 8, 2, 4, 6]),
        Form(node: microsoft("SkipLayerNormalization", ["image", "image", "s", "o"]), factors: 6, offsets: 6),
        Form(node: microsoft("SkipSimplifiedLayerNormalization", ["image", "image", "s"]), factors: 6, offsets: 0),
        Form(
            node: microsoft("GroupNorm", ["image", "s", "o"], "out", [.int("groups", 2), .int("channels_last", 0)]), factors: 8,
            offsets: 8),
        Form(
            node: microsoft("SkipGroupNorm", ["image", "s", "o", "image"], "out", [.int("groups", 2), .int("channels_last", 0)]),
            factors: 8, offsets: 8),
    ]

    @Test("count the factors and offsets that they have", arguments: forms)
    func vectors(form: Form) throws {
        let weights = [("s", form.factors), ("o", form.offsets)].filter { $0.1 > 0 }.map { ONNXBytes.weights($0.0, [$0.1]) }
        let network = try Self.read(
            ONNXBytes.model(nodes: [form.node], weights: weights, input: form.input, opset: form.opset)).network
        #expect(network.parameters == form.factors + form.offsets && network.macs == 0)
        let step = try #require(network.layers.last?.operators.last)
        #expect(step.weightBytes(of: .float32) == 4 * (form.factors + form.offsets))
    }

    @Test("that the file stores once under two names count twice, and under one name once")
    func names() throws {
        func network(_ second: String) throws -> Network {
            let nodes = [
                Self.node("Identity", ["s"], "t"), Self.node("InstanceNormalization", ["image", "s", "o"], "x"),
                Self.node("Relu", ["x"], "y"), Self.node("InstanceNormalization", ["y", second, "o"]),
            ]
            return try Self.read(
                ONNXBytes.model(
                    nodes: nodes, weights: [ONNXBytes.weights("s", [8]), ONNXBytes.weights("o", [8])], input: [1, 8, 4, 6])
            ).network
        }
        #expect(try network("t").parameters == 8 + 8 + 8)
        #expect(try network("s").parameters == 8 + 8)
    }

    @Test("of several lists count each channel once")
    func lists() throws {
        let directory = try TemporaryDirectory()
        for (input, count) in [([4, 8], 16), ([4, 8, 30], 16)] {
            let bytes = ONNXBytes.model(
                nodes: [Self.node("BatchNormalization", ["image", "s", "s", "s", "s"])], weights: [ONNXBytes.weights("s", [8])],
                input: input)
            let path = try directory.write(bytes, to: "\(input.count).onnx")
            #expect(try ImportedNetwork(contentsOf: path, free: FreeSides(batch: 4)).network.parameters == count)
        }
    }

    @Test("of groups that exporters make of others count the factors and offsets that follow, and what else is added")
    func pieces() throws {
        // PyTorch's export until opset 17: lists of groups, with factors that are nodes, then those of the channels.
        func ones(_ name: String, _ value: Float) -> [UInt8] {
            ONNXBytes.node("Constant", [], [name], [.tensor("value", ONNXBytes.numbers("", [value, value]))])
        }
        let nodes = [
            Self.node("Reshape", ["image", "groups"], "r"), ones("one", 1), ones("zero", 0),
            Self.node("InstanceNormalization", ["r", "one", "zero"], "n"), Self.node("Reshape", ["n", "sides"], "m"),
            Self.node("Mul", ["m", "s"], "p"), Self.node("Add", ["p", "o"], "q"), Self.node("Add", ["q", "e"]),
        ]
        let weights = [
            ONNXBytes.integers("groups", [1, 2, -1]), ONNXBytes.integers("sides", [1, 8, 4, 6]), ONNXBytes.weights("s", [8, 1, 1]),
            ONNXBytes.weights("o", [8, 1, 1]), ONNXBytes.weights("e", [8, 1, 1]),
        ]
        let network = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 8, 4, 6])).network
        #expect(network.parameters == 8 + 8 + 8)
        #expect(network.layers.map { $0.operators[0].kind } == [.layerNormalization, .elementwise, .elementwise, .elementwise])
    }

    @Test("whose factors follow from the image have none that are trained")
    func computedFactors() throws {
        let nodes = [
            Self.node("ReduceMean", ["image"], "m", [.ints("axes", [0, 1, 2]), .int("keepdims", 0)]),
            Self.node("LayerNormalization", ["image", "m", "m"]),
        ]
        #expect(try Self.read(ONNXBytes.model(nodes: nodes, input: [1, 8, 4, 6])).network.parameters == 0)
    }

    @Test("with a map that is added fold the bias into the product before them")
    func skippedBias() throws {
        let nodes = [
            Self.node("MatMul", ["image", "w"], "p"), Self.microsoft("SkipLayerNormalization", ["p", "image", "s", "s", "b"]),
        ]
        let weights = [ONNXBytes.weights("w", [6, 6]), ONNXBytes.weights("s", [6]), ONNXBytes.weights("b", [6])]
        let network = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 8, 4, 6])).network
        #expect(network.parameters == 36 + 6 + 12)
        #expect(network.layers.map { $0.operators[0].kind } == [.convolution, .add, .layerNormalization])
    }

    @Test("of groups are refused where their factors fit neither channels nor groups")
    func wrongFactors() throws {
        let found = try Self.problem(
            ONNXBytes.model(
                nodes: [Self.node("GroupNormalization", ["image", "s", "s"], "out", [.int("num_groups", 2)])],
                weights: [ONNXBytes.weights("s", [4])], input: [1, 8, 4, 6], opset: 21))
        #expect(found?.contains("(GroupNormalization): expected 8 factors and offsets, one a channel, found 4") == true)
    }

    @Test("are not the only ones with trained vectors: slopes of negative values count too")
    func slopes() throws {
        let nodes = [Self.node("Conv", ["image", "w"], "c"), Self.node("PRelu", ["c", "s"])]
        let weights = [ONNXBytes.weights("w", [4, 8, 1, 1]), ONNXBytes.weights("s", [4, 1, 1])]
        #expect(try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 8, 4, 6])).network.parameters == 32 + 4)
    }
}
