import Architectures
import Exporter
import Files
import Testing
import TestSupport

@Suite("ONNX models")
struct ImportedNetworkTests {
    private func read(_ bytes: [UInt8]) throws -> ImportedNetwork {
        let directory = try TemporaryDirectory()
        return try ImportedNetwork(contentsOf: directory.write(bytes, to: "model.onnx"))
    }

    private func keys(_ bytes: [UInt8]) throws -> [String] { try read(bytes).network.layers.map(\.key) }

    /// A 1x1 convolution from 4 to 6 channels on 8x8 pixels, "x", and nodes after it.
    private func after(
        _ nodes: [[UInt8]], weights: [[UInt8]] = [], known: [[UInt8]] = [], output: String = "out"
    ) -> [UInt8] {
        ONNXBytes.model(
            nodes: [ONNXBytes.node("Conv", ["image", "w"], ["x"])] + nodes,
            weights: [ONNXBytes.weights("w", [6, 4, 1, 1])] + weights,
            input: [nil, 4, 8, 8], output: output, known: known)
    }

    private let convolution = "convolution k1 s1 8x8x4->8x8x6"
    private let vector = (1...4).map { "v\($0)" }
    private var vectors: [[UInt8]] { vector.map { ONNXBytes.weights($0, [6]) } }

    struct Convolution: CustomTestStringConvertible {
        let attributes: [ONNXBytes.Attribute]
        let weights: [Int]
        let key: String
        let parameters: Int
        var testDescription: String { key }
    }

    static let convolutions = [
        Convolution(
            attributes: [.ints("pads", [1, 1, 1, 1]), .ints("strides", [2, 2])], weights: [6, 4, 3, 3],
            key: "convolution k3 s2 9x8x4->5x4x6", parameters: 216),
        Convolution(
            attributes: [.int("group", 4), .ints("pads", [2, 2, 2, 2])], weights: [4, 1, 5, 5],
            key: "depthwise_convolution k5 s1 9x8x4->9x8x4", parameters: 100),
        Convolution(
            attributes: [.int("group", 2)], weights: [6, 2, 1, 1],
            key: "grouped_convolution k1 s1 9x8x4->9x8x6 groups2", parameters: 12),
        Convolution(
            attributes: [.int("group", 4)], weights: [8, 1, 1, 1],
            key: "grouped_convolution k1 s1 9x8x4->9x8x8 groups4", parameters: 8),
        Convolution(
            attributes: [.ints("pads", [0, 3, 0, 3])], weights: [2, 4, 1, 7], key: "convolution k1x7 s1 9x8x4->9x8x2",
            parameters: 56),
        Convolution(
            attributes: [.ints("strides", [2, 1])], weights: [2, 4, 1, 1], key: "convolution k1 s2x1 9x8x4->5x8x2",
            parameters: 8),
        Convolution(
            attributes: [.ints("dilations", [2, 2])], weights: [2, 4, 3, 3], key: "convolution k3 s1 9x8x4->5x4x2",
            parameters: 72),
        Convolution(
            attributes: [.text("auto_pad", "SAME_UPPER"), .ints("strides", [2, 2])], weights: [2, 4, 2, 2],
            key: "convolution k2 s2 9x8x4->5x4x2", parameters: 32),
        Convolution(
            attributes: [.text("auto_pad", "VALID")], weights: [2, 4, 9, 8], key: "convolution k9x8 s1 9x8x4->1x1x2",
            parameters: 576),
    ]

    @Test("hold convolutions of every form", arguments: convolutions)
    func windows(form: Convolution) throws {
        let network = try read(
            ONNXBytes.model(
                nodes: [ONNXBytes.node("Conv", ["image", "w"], ["out"], form.attributes)],
                weights: [ONNXBytes.weights("w", form.weights)], input: [1, 4, 9, 8])
        ).network
        #expect(network.layers.map(\.key) == [form.key])
        let output = network.layers[0].output
        #expect(network.parameters == form.parameters && network.macs == form.parameters * output.height * output.width)
    }

    @Test("fuse biases, batch normalisation and activations into what they follow")
    func fusion() throws {
        func node(_ kind: String, _ inputs: [String], _ output: String = "out") -> [UInt8] {
            ONNXBytes.node(kind, inputs, [output])
        }
        let normalized = node("BatchNormalization", ["x"] + vector, "n")
        #expect(try keys(after([normalized, node("Relu", ["n"])], weights: vectors)) == [convolution + " relu"])
        #expect(try read(after([normalized, node("Relu", ["n"])], weights: vectors)).network.parameters == 24 + 12)
        #expect(
            try read(after([node("Add", ["x", "b"])], weights: [ONNXBytes.weights("b", [1, 6, 1, 1])])).network
                .parameters == 24 + 6)
        for (kind, name) in [
            ("Clip", "relu"), ("Sigmoid", "sigmoid"), ("HardSigmoid", "hard_sigmoid"), ("HardSwish", "hard_swish"),
        ] {
            #expect(try keys(after([node(kind, ["x"])])) == ["\(convolution) \(name)"])
        }
        #expect(try keys(after([node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"])])) == [convolution + " swish"])
        #expect(
            try keys(after([node("HardSigmoid", ["x"], "s"), node("Mul", ["s", "x"])])) == [convolution + " hard_swish"]
        )
        // What something else reads too must be written.
        #expect(
            try keys(after([node("Relu", ["x"], "r"), node("Add", ["x", "r"])]))
                == [convolution, "activate k1 s1 8x8x6->8x8x6 relu", "add k1 s1 8x8x6->8x8x6"])
        #expect(
            try keys(after([normalized, node("Add", ["x", "n"])], weights: vectors))[1]
                == "normalize k1 s1 8x8x6->8x8x6")
        // What nothing reads does not run.
        #expect(try keys(after([node("Relu", ["x"], "r")], output: "x")) == [convolution])
    }

    @Test(
        "hold hard swish in the pieces that exporters make of it",
        arguments: [["Add", "Clip", "Div", "Mul"], ["Add", "Clip", "Mul", "Div"], ["Add", "Clip", "Div"]])
    func pieces(kinds: [String]) throws {
        var value = "x"
        let nodes = kinds.enumerated().map { index, kind in
            let output = index == kinds.count - 1 ? "out" : "t\(index)"
            defer { value = output }
            let inputs = [
                "Add": [value, "three"], "Clip": [value, "zero", "six"], "Div": [value, "six"], "Mul": [value, "x"],
            ][kind]!
            return ONNXBytes.node(kind, inputs, [output])
        }
        let constants = [("zero", Float(0)), ("three", 3), ("six", 6)].map {
            ONNXBytes.numbers($0.0, [$0.1], shape: [])
        }
        #expect(
            try keys(after(nodes, weights: constants)) == [
                convolution + (kinds.count == 4 ? " hard_swish" : " hard_sigmoid")
            ])
        let others = [("zero", Float(0)), ("three", 2), ("six", 6)].map { ONNXBytes.numbers($0.0, [$0.1], shape: []) }
        #expect(try keys(after(nodes, weights: others)).count > 1)
    }

    @Test("hold poolings, products and joins")
    func others() throws {
        func node(_ kind: String, _ inputs: [String], _ attributes: [ONNXBytes.Attribute] = []) -> [UInt8] {
            ONNXBytes.node(kind, inputs, ["out"], attributes)
        }
        func second(_ bytes: [UInt8]) throws -> String { try keys(bytes)[1] }
        let window: [ONNXBytes.Attribute] = [.ints("kernel_shape", [3, 3]), .ints("strides", [2, 2])]
        #expect(try second(after([node("MaxPool", ["x"], window)])) == "max_pool k3 s2 8x8x6->3x3x6")
        #expect(
            try second(after([node("MaxPool", ["x"], window + [.int("ceil_mode", 1)])]))
                == "max_pool k3 s2 8x8x6->4x4x6")
        #expect(
            try second(after([node("AveragePool", ["x"], window + [.ints("pads", [1, 1, 1, 1])])]))
                == "average_pool k3 s2 8x8x6->4x4x6")
        let pool = "global_average_pool k1 s1 8x8x6->1x1x6"
        #expect(try second(after([node("AveragePool", ["x"], [.ints("kernel_shape", [8, 8])])])) == pool)
        #expect(try second(after([node("GlobalAveragePool", ["x"])])) == pool)
        #expect(try second(after([node("ReduceMean", ["x"], [.ints("axes", [-1, 2]), .int("keepdims", 0)])])) == pool)
        #expect(
            try second(after([node("ReduceMean", ["x", "axes"])], weights: [ONNXBytes.integers("axes", [2, 3])]))
                == pool)
        #expect(
            try second(after([node("Concat", ["x", "image"], [.int("axis", 1)])])) == "concatenate k1 s1 8x8x10->8x8x10"
        )
        #expect(
            try second(after([node("Mul", ["x", "f"])], weights: [ONNXBytes.weights("f", [1, 6, 1, 1])]))
                == "multiply k1 s1 8x8x6->8x8x6")
        #expect(try second(after([node("Mul", ["x", "x"])])) == "elementwise k1 s1 8x8x6->8x8x6 with384")
        #expect(try second(after([node("Transpose", ["x"], [.ints("perm", [0, 2, 3, 1])])])).hasPrefix("memory_move"))
        #expect(try keys(after([node("Transpose", ["x"], [.ints("perm", [0, 1, 2, 3])])])) == [convolution])
        let flat = ONNXBytes.node("Flatten", ["x"], ["f"])
        let gemm = try read(
            after(
                [flat, node("Gemm", ["f", "m", "b"], [.int("transB", 1)])],
                weights: [ONNXBytes.weights("m", [5, 384]), ONNXBytes.weights("b", [5])]))
        #expect(
            gemm.network.layers[1].key == "fully_connected k1 s1 1x1x384->1x1x5"
                && gemm.network.parameters == 24 + 384 * 5 + 5)
        let product = try read(
            after(
                [flat, ONNXBytes.node("MatMul", ["f", "m"], ["p"]), node("Add", ["p", "b"])],
                weights: [ONNXBytes.weights("m", [384, 5]), ONNXBytes.weights("b", [5])]))
        #expect(
            product.network.layers.count == 2 && product.network.parameters == 24 + 384 * 5 + 5
                && product.network.classes == 5)
        let split = try keys(
            after(
                [
                    ONNXBytes.node("Split", ["x", "sizes"], ["a", "b"], [.int("axis", 1)]),
                    node("Concat", ["b", "a"], [.int("axis", 1)]),
                ], weights: [ONNXBytes.integers("sizes", [2, 4])]))
        #expect(
            split[1...] == [
                "memory_move k1 s1 8x8x2->8x8x2", "memory_move k1 s1 8x8x4->8x8x4", "concatenate k1 s1 8x8x6->8x8x6",
            ])
        let pad = try keys(
            after([node("Pad", ["x", "pads"])], weights: [ONNXBytes.integers("pads", [0, 0, 1, 2, 0, 0, 1, 2])]))
        #expect(pad[1] == "memory_move k1 s1 8x8x6->10x12x6")
    }

    @Test("compute shapes as exporters write them, and launch nothing for it")
    func shapes() throws {
        let nodes = [
            ONNXBytes.node("Shape", ["x"], ["s"]),
            ONNXBytes.node("Gather", ["s", "first"], ["n"]),
            ONNXBytes.node("Unsqueeze", ["n", "axis"], ["nn"]),
            ONNXBytes.node("Concat", ["nn", "rest"], ["sides"], [.int("axis", 0)]),
            ONNXBytes.node("Reshape", ["x", "sides"], ["r"]),
            ONNXBytes.node("Gemm", ["r", "m"], ["out"]),
        ]
        let zero = ONNXBytes.message {
            $0.add(2, integer: 7); $0.add(7, bytes: [0]); $0.add(8, text: "first")
        }
        let network = try read(
            after(
                nodes,
                weights: [
                    zero, ONNXBytes.integers("axis", [0]), ONNXBytes.integers("rest", [-1]),
                    ONNXBytes.weights("m", [384, 2]),
                ])
        ).network
        #expect(network.layers.map(\.key) == [convolution, "fully_connected k1 s1 1x1x384->1x1x2"])
    }

    @Test("with operators that are not known name them and price them as memory traffic")
    func unknown() throws {
        let known = try read(
            after([ONNXBytes.node("Fancy", ["x"], ["out"])], known: [ONNXBytes.value("out", [nil, 3, 4, 4])]))
        #expect(known.network.layers[1].key == "memory_move k1 s1 8x8x6->4x4x3" && known.network.classes == 48)
        #expect(
            known.unknown.map(\.kind) == ["Fancy"] && known.unknown[0].nodes == ["Fancy 1"])
        // A guess never reaches a number: without a shape, the operator itself is named, and none after it.
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            after([ONNXBytes.node("Fancy", ["x"], ["y"]), ONNXBytes.node("Relu", ["y"], ["out"])]), to: "model.onnx")
        let found = invalidPlace { try ImportedNetwork(contentsOf: path) }
        #expect(found?.sentence.contains("node \"Fancy 1\" (Fancy): this operator is not known") == true)
    }

    /// A model on an image of [batch, 4, 8, 8] whose nodes end with "out".
    private func model(_ nodes: [[UInt8]], _ weights: [[UInt8]] = [], input: [Int?] = [1, 4, 8, 8]) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: input)
    }

    private func node(
        _ kind: String, _ inputs: [String], _ output: String, _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        ONNXBytes.node(kind, inputs, [output], attributes)
    }

    private func shape(_ nodes: [[UInt8]], _ weights: [[UInt8]]) throws -> String {
        try read(model(nodes, weights)).network.layers.last.map { "\($0.output)" } ?? ""
    }

    @Test("compute pads as exporters write them: reversed pairs of numbers that are padded with zeros")
    func reversedPads() throws {
        // [1, 2, 3, 4] for the last two sides, first and last of each, becomes [0, 0, 3, 1, 0, 0, 4, 2].
        let nodes = [
            node("ConstantOfShape", ["more"], "zeros"),
            node("Concat", ["given", "zeros"], "all", [.int("axis", 0)]),
            node("Reshape", ["all", "pairs"], "columns"),
            node("Slice", ["columns", "last", "least", "axis", "back"], "reversed"),
            node("Transpose", ["reversed"], "turned", [.ints("perm", [1, 0])]),
            node("Reshape", ["turned", "flat"], "pads"),
            node("Pad", ["image", "pads"], "out"),
        ]
        let weights = [
            ONNXBytes.integers("more", [4]), ONNXBytes.integers("given", [1, 2, 3, 4]),
            ONNXBytes.integers("pairs", [-1, 2]), ONNXBytes.integers("last", [-1]),
            ONNXBytes.integers("least", [.min]), ONNXBytes.integers("axis", [0]), ONNXBytes.integers("back", [-1]),
            ONNXBytes.integers("flat", [-1]),
        ]
        #expect(try shape(nodes, weights) == "15x11x4")
    }

    struct Computed: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Nodes from "c", which is [2, 3, 4, 6], and from other constants, to "sides".
        let nodes: [[UInt8]]
        let sides: String
    }

    private static func make(
        _ kind: String, _ inputs: [String], _ output: String = "sides", _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        ONNXBytes.node(kind, inputs, [output], attributes)
    }

    /// Each makes a height and a width.
    static let computed = [
        Computed(testDescription: "Gather", nodes: [make("Gather", ["c", "picks"])], sides: "6x2"),
        Computed(
            testDescription: "Range and Mul",
            nodes: [make("Range", ["two", "nine", "six"], "r"), make("Mul", ["r", "twos"])], sides: "4x16"),
        Computed(
            testDescription: "Where and Equal",
            nodes: [make("Equal", ["pair", "eights"], "e"), make("Where", ["e", "fours", "pair"])], sides: "4x2"),
        Computed(
            testDescription: "NonZero",
            nodes: [make("NonZero", ["mask"], "n"), make("Squeeze", ["n", "zero"])], sides: "1x2"),
        Computed(testDescription: "ReduceProd", nodes: [
            make("ReduceProd", ["c"], "p", [.ints("axes", [0]), .int("keepdims", 1)]), make("Div", ["p", "many"]),
        ], sides: "2x16"),
        Computed(testDescription: "Mod", nodes: [make("Mod", ["pair", "six2"])], sides: "2x2"),
        Computed(testDescription: "Tile", nodes: [make("Tile", ["one4", "twos1"])], sides: "4x4"),
        Computed(testDescription: "Expand", nodes: [make("Expand", ["one4", "twos1"])], sides: "4x4"),
        Computed(testDescription: "Clip", nodes: [make("Clip", ["pair", "two", "six"])], sides: "6x2"),
        Computed(testDescription: "Cast", nodes: [make("Cast", ["halves"], "sides", [.int("to", 7)])], sides: "4x2"),
        Computed(
            testDescription: "Split", nodes: [
                ONNXBytes.node("Split", ["c"], ["a", "b"], [.int("axis", 0)]), make("Concat", ["b"], "sides", [.int("axis", 0)]),
            ], sides: "4x6"),
    ]

    @Test("compute the sides that constants give", arguments: computed)
    func constants(form: Computed) throws {
        let zero = ONNXBytes.integers("zero", [0])
        let weights = [
            ONNXBytes.integers("c", [2, 3, 4, 6]), ONNXBytes.integers("picks", [3, 0]), zero,
            ONNXBytes.integers("pair", [8, 2]), ONNXBytes.integers("eights", [8, 8]), ONNXBytes.integers("fours", [4, 4]),
            ONNXBytes.integers("mask", [0, 1, 1]), ONNXBytes.integers("many", [72, 9]), ONNXBytes.integers("six2", [6, 6]),
            ONNXBytes.integers("one4", [4]), ONNXBytes.integers("twos1", [2]), ONNXBytes.integers("twos", [2, 2]),
            ONNXBytes.numbers("halves", [4.5, 2.9], shape: [2]),
        ] + [("two", 2), ("six", 6), ("nine", 9)].map { ONNXBytes.scalar($0, $1) }
        let before = [node("Concat", ["ends", "sides"], "all", [.int("axis", 0)]), node("Expand", ["one", "all"], "filler")]
        let network = try read(
            model(
                form.nodes + before + [node("Shape", ["filler"], "s"), node("Resize", ["image", "", "", "s"], "out")],
                weights + [ONNXBytes.integers("ends", [1, 4]), ONNXBytes.weights("one", [1, 1, 1, 1])])
        ).network
        let output = try #require(network.layers.last?.output)
        #expect(form.sides == "\(output.height)x\(output.width)" && output.channels == 4)
    }

    @Test("have their free sides settled, and symbols that follow from them")
    func freeSides() throws {
        let directory = try TemporaryDirectory()
        let nodes = [node("Conv", ["image", "w"], "x"), node("Fancy", ["x"], "out")]
        func path(_ sides: [String]) throws -> String {
            try directory.write(
                ONNXBytes.model(
                    nodes: nodes, weights: [ONNXBytes.weights("w", [6, 4, 1, 1])],
                    image: ONNXBytes.symbolic("image", ["images", "4", "side", "side"]), known: [ONNXBytes.symbolic("out", sides)]),
                to: "model.onnx")
        }
        let model = try path(["2*images", "side//2", "floor(side/3) + 1"])
        let found = invalidPlace { try ImportedNetwork(contentsOf: model) }
        #expect(found?.sentence.contains("--input 1x4x224x224 settles them") == true, "\(found?.sentence ?? "read")")
        let one = try ImportedNetwork(contentsOf: model, free: FreeSides(input: [1, 4, 8, 8]))
        #expect(one.network.macs == 8 * 8 * 24 && one.network.classes == 2 * 4 * 3)
        let three = try ImportedNetwork(contentsOf: model, free: FreeSides(batch: 3, input: [3, 4, 8, 8]))
        #expect(three.network.macs == 3 * one.network.macs && three.network.classes == 3 * one.network.classes)
        // What a symbol that nothing settles gives is not known.
        let other = try path(["other", "4"])
        let unknown = invalidPlace { try ImportedNetwork(contentsOf: other, free: FreeSides(input: [1, 4, 8, 8])) }
        #expect(unknown?.sentence.contains("node \"Fancy 1\"") == true)
    }

    @Test("have no shape from a name that stands for several sides, nor from a side that is no whole number")
    func uncertainSides() throws {
        let directory = try TemporaryDirectory()
        func read(_ image: [String], _ known: [String]) throws -> ImportedNetwork {
            let bytes = ONNXBytes.model(
                nodes: [node("Conv", ["image", "w"], "x"), node("Fancy", ["x"], "out")],
                weights: [ONNXBytes.weights("w", [6, 4, 1, 1])], image: ONNXBytes.symbolic("image", image),
                known: [ONNXBytes.symbolic("out", known)])
            let path = try directory.write(bytes, to: "model.onnx")
            return try ImportedNetwork(contentsOf: path, free: FreeSides(input: [1, 4, 9, 9]))
        }
        // Some exporters call every free side alike.
        let alike = invalidPlace { try read(["None", "4", "None", "None"], ["None", "4", "None", "None"]) }
        #expect(alike?.sentence.contains("node \"Fancy 1\" (Fancy): this operator is not known") == true)
        // 9 / 2 may be 4 or 5.
        let half = invalidPlace { try read(["images", "4", "side", "side"], ["images", "4", "side/2", "side"]) }
        #expect(half?.sentence.contains("node \"Fancy 1\" (Fancy): this operator is not known") == true)
        let third = try read(["images", "4", "side", "side"], ["images", "4", "side/3", "side"])
        #expect(third.network.classes == 4 * 3 * 9)
        // A power binds more than a product and than a sign.
        let square = try read(["images", "4", "side", "side"], ["images", "4", "2*side**2", "-side**2 + 82"])
        #expect(square.network.classes == 4 * 162)
    }

    @Test("count the products of attention, and weights of which only the shape is there")
    func attention() throws {
        let flat = ONNXBytes.integers("flat", [1, 4, -1])
        let weights = ONNXBytes.message { tensor in
            for side in [4, 4, 1, 1] { tensor.add(1, integer: side) }
            tensor.add(2, integer: 1)
            tensor.add(8, text: "w")
        }
        let network = try read(
            model(
                [
                    node("Conv", ["image", "w"], "x"), node("Reshape", ["x", "flat"], "q"),
                    node("Transpose", ["q"], "k", [.ints("perm", [0, 2, 1])]), node("MatMul", ["k", "q"], "a"),
                    node("Softmax", ["a"], "p"), node("Einsum", ["p", "k"], "out", [.text("equation", "bij,bjk->bik")]),
                ], [weights, flat])
        ).network
        #expect(network.macs == 64 * 16 + 64 * 4 * 64 + 64 * 64 * 4 && network.parameters == 16)
        #expect(network.layers.map(\.operators[0].kind) == [.convolution, .memoryMove, .batchedProduct, .softmax, .batchedProduct])
    }

    @Test("may define operators by other nodes, with attributes of the call")
    func functions() throws {
        #expect(
            try keys(ONNXSamples.functions()) == [
                "depthwise_convolution k3 s1 8x8x4->6x6x4 relu", "grouped_convolution k1 s1 6x6x4->6x6x4 groups2 relu",
            ])
        // A function that calls itself has no end.
        let directory = try TemporaryDirectory()
        let path = try directory.write(ONNXSamples.endless, to: "model.onnx")
        #expect(invalidPlace { try ImportedNetwork(contentsOf: path) }?.sentence.contains("at most 16 deep") == true)
    }

    @Test("run the branch that a constant chooses")
    func branches() throws {
        for (limit, key) in [(4, "resize k1 s1 8x8x4->2x2x4"), (9, "activate k1 s1 8x8x4->8x8x4 relu")] {
            #expect(try keys(ONNXSamples.branches(limit: limit)) == [key])
        }
    }

    @Test("compute sides through integers of eight bits as the runtime does")
    func quantizedSides() throws {
        // In float32, 1 is 127.49999 steps of 2/255: 127, which are 0.9961, cut to 0. ONNX Runtime answers 10×10 too.
        #expect(try keys(ONNXSamples.quantizedShape) == ["memory_move k1 s1 8x8x4->10x10x4"])
    }

    @Test("count products of weights with weights, and say so")
    func constantProducts() throws {
        let imported = try read(ONNXSamples.constantProduct)
        #expect(imported.network.macs == 8 * 3 * 8)
        #expect(imported.assumptions.count == 1 && imported.assumptions[0].contains("192 multiply-accumulates"))
        // [6, 4] times [4, 5], and rows of the image times that.
        for kind in ["MatMul", "Gemm"] {
            let imported = try read(
                ONNXBytes.model(
                    nodes: [node(kind, ["a", "b"], "w"), node("MatMul", ["image", "w"], "out")],
                    weights: [ONNXBytes.weights("a", [6, 4]), ONNXBytes.weights("b", [4, 5])], input: [1, 3, 8, 6]))
            #expect(imported.network.macs == 6 * 4 * 5 + 3 * 8 * 6 * 5, "\(kind)")
            #expect(imported.assumptions.count == 1 && imported.assumptions[0].contains("120 multiply-accumulates"), "\(kind)")
        }
        // [6, 4] times [4, 5], and what follows from that times [5, 2], as positions pass through two layers.
        let chain = try read(
            ONNXBytes.model(
                nodes: [
                    node("MatMul", ["a", "b"], "p"), node("Relu", ["p"], "q"), node("MatMul", ["q", "c"], "w"),
                    node("MatMul", ["image", "w"], "out"),
                ],
                weights: [ONNXBytes.weights("a", [6, 4]), ONNXBytes.weights("b", [4, 5]), ONNXBytes.weights("c", [5, 2])],
                input: [1, 3, 8, 6]))
        #expect(chain.network.macs == 120 + 60 + 3 * 8 * 6 * 2)
        #expect(chain.assumptions.count == 1 && chain.assumptions[0].contains("180 multiply-accumulates"))
    }

    @Test("count sums of products of weights, but not those of short numbers from which positions follow")
    func constantSums() throws {
        func imported(_ equation: String, _ first: [UInt8], _ second: [UInt8], sides: [Int]) throws -> ImportedNetwork {
            // The second is a node, as exporters write what is no weight.
            try read(
                ONNXBytes.model(
                    nodes: [
                        ONNXBytes.node("Constant", [], ["b"], [.tensor("value", second)]),
                        node("Einsum", ["a", "b"], "p", [.text("equation", equation)]), node("Reshape", ["p", "sides"], "q"),
                        node("Add", ["image", "q"], "out"),
                    ],
                    weights: [first, ONNXBytes.integers("sides", sides)], input: sides))
        }
        // Relative positions of a window of 7·7, chosen by a table of ones and zeros (Tu et al., 2022, arXiv:2204.01697):
        // for each of 2 heads and 13 columns, 49 sums of 13.
        let table = try imported(
            "nhw,ixh->nixw", ONNXBytes.weights("a", [2, 13, 13]), ONNXBytes.weights("", [7, 7, 13]), sides: [1, 2, 7, 91])
        #expect(table.network.macs == 2 * 13 * 49 * 13)
        #expect(table.assumptions.count == 1 && table.assumptions[0].contains("16,562 multiply-accumulates"))
        let angles = try imported(
            "i,j->ij", ONNXBytes.numbers("a", [0, 1, 2]), ONNXBytes.numbers("", [1, 0.5]), sides: [1, 1, 3, 2])
        #expect(angles.network.macs == 0 && angles.assumptions.isEmpty)
    }

    @Test("hold quantised convolutions, which run on integers")
    func quantized() throws {
        let network = try read(ONNXSamples.quantized).network
        #expect(
            network.layers.map(\.key) == [
                "convert k1 s1 8x8x4->8x8x4", "convolution k1 s1 8x8x4->8x8x6 int8", "convert k1 s1 8x8x6->8x8x6",
            ])
        #expect(network.layers[1].operators[0].weightBytes(of: .int8) == 24)
    }

    @Test("that contradict themselves are refused where they do")
    func contradictions() throws {
        let weights = ONNXBytes.weights("w", [6, 4, 1, 1])
        func model(_ node: [UInt8], input: [Int?] = [nil, 4, 8, 8], opset: Int = 17) -> [UInt8] {
            ONNXBytes.model(
                nodes: [node], weights: [weights, ONNXBytes.weights("none", [6, 4, 1, 0])], input: input, opset: opset)
        }
        let convolution = ONNXBytes.node("Conv", ["image", "w"], ["out"])
        let short = ONNXBytes.message { tensor in
            tensor.add(1, integer: 7)
            tensor.add(2, integer: 1)
            tensor.add(8, text: "w")
            tensor.add(9, bytes: [0, 0, 0, 0])
        }
        let cases: [(bytes: [UInt8], says: String)] = [
            ([0x08, 0x08], "opset_import: expected version 1 or later of ONNX's operators, found none"),
            (model(convolution, opset: 0), "opset_import: expected version 1 or later of ONNX's operators, found 0"),
            (
                model(convolution, input: [nil, 3, 8, 8]),
                "node \"Conv 0\" (Conv): weights [6, 4, 1, 1] in 1 groups do not fit a map of 3"
            ),
            (
                model(convolution, input: [2, 4, 8, 8]),
                "input \"image\": expected a batch of 1 or a symbolic one, found 2"
            ),
            (model(convolution, input: [nil, 4, nil, 8]), "input \"image\": expected all sides but the batch"),
            (model(convolution, input: [nil]), "input \"image\": expected two to five dimensions"),
            (model(convolution, input: [6]), "input \"image\": expected two to five dimensions"),
            (model(convolution, input: [nil, nil]), "found none at place 1; --input 1x128 settles them"),
            (
                model(ONNXBytes.node("Conv", ["image", "w"], ["other"])),
                "output \"out\": expected a node that writes it, found none"
            ),
            (model(convolution, input: [nil, 4]), "expected images and weights of three to five dimensions, found [1, 4] and [6, 4"),
            (model(convolution, input: [nil, 4, 1 << 20, 1 << 20]), "input \"image\": expected sides of at least 1"),
            (model(ONNXBytes.node("Conv", ["image", "y"], ["out"])), "reads \"y\", which nothing before it writes"),
            (model(ONNXBytes.node("Conv", ["image"], ["out"])), "expected at least 2 inputs"),
            (model(ONNXBytes.node("Conv", ["image", "none"], ["out"])), "a window of [1, 0]"),
            (model(ONNXBytes.node("Conv", ["image", "w"], ["out"], [.ints("pads", [0, 0])])), "expected 4 pads"),
            (
                model(ONNXBytes.node("Conv", ["image", "w"], ["out"], [.ints("strides", [0, 1])])),
                "expected 2 strides from 1"
            ),
            (
                model(ONNXBytes.node("Conv", ["image", "w"], ["out"], [.ints("strides", [.min, 1])])),
                "expected 2 strides from 1"
            ),
            (
                model(ONNXBytes.node("Transpose", ["image"], ["out"], [.ints("perm", [0, 0, 1, 2])])),
                "is no order of 4 dimensions"
            ),
            (
                model(ONNXBytes.node("Reshape", ["image", "w"], ["out"])),
                "expected a shape that does not depend on the image"
            ),
            (model(ONNXBytes.node("Fancy", [], ["out"])), "this operator is not known"),
            (
                ONNXBytes.model(nodes: [convolution], weights: [short], input: [nil, 4, 8, 8]),
                "initializer \"w\": expected 7 values"
            ),
            (ONNXBytes.model(nodes: [], input: [nil, 4, 8, 8]), "output \"out\": expected a node that writes it"),
            (model(ONNXBytes.node("Identity", ["image"], ["out"])), "graph: expected at least one operator"),
            (ONNXBytes.model(nodes: [convolution], input: [nil, 4, 8, 8]), "reads \"w\""),
            (
                [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
                "byte 0: field 7 of a model has a length of 4294967295 bytes, and 0 are left"
            ),
            ([0x3a, 0x02, 0x0a, 0x05], "byte 2: field 1 of a graph has a length of 5 bytes"),
            ([0x0b], "byte 0: not an ONNX model: wire type 3"),
            ([UInt8](repeating: 0xff, count: 20), "byte 0: not an ONNX model: a number of more than 64 bits"),
            ([0x08, 0x08, 0x03], "byte 2: not an ONNX model: field number 0 in a model"),
            ([], "expected an ONNX model, found an empty file"),
            (
                Array("PK\u{3}\u{4}\(String(repeating: "\0", count: 22))\u{10}\0\0\0archive/data.pkl".utf8),
                "found a file of PyTorch, a ZIP archive such as torch.save makes; torch.onnx.export writes ONNX"
            ),
            ([0x80, 2, 0x8a, 10], "found a pickle of Python, such as older versions of torch.save make"),
            ([0x1f, 0x8b, 8, 0], "found a file that is packed by gzip"),
            (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "found a pointer of Git LFS"),
            (Array("<!DOCTYPE html>".utf8), "found a web page or XML"),
            (Array("7767517\n2 2\n".utf8), "found ncnn's description of a network, which --architecture reads"),
            ([0x1c, 0, 0, 0] + Array("TFL3".utf8), "found a TensorFlow Lite model, which --tflite reads"),
        ]
        for (bytes, says) in cases {
            let directory = try TemporaryDirectory()
            let path = try directory.write(bytes, to: "model.onnx")
            let found = invalidPlace { try ImportedNetwork(contentsOf: path) }
            #expect(
                found?.sentence.hasPrefix(path) == true && found?.sentence.contains(says) == true,
                "\(says): \(String(describing: found))")
        }
    }
}
