import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are those of ONNX Runtime's shapes, or by hand from ONNX's specification.
@Suite("Operators of ONNX models")
struct ImportedOperatorTests {
    private static func node(
        _ kind: String, _ inputs: [String], _ output: String = "out", _ attributes: [ONNXBytes.Attribute] = [],
        domain: String = ""
    ) -> [UInt8] {
        ONNXBytes.node(kind, inputs, [output], attributes) + ONNXBytes.message { if !domain.isEmpty { $0.add(7, text: domain) } }
    }

    private static func microsoft(
        _ kind: String, _ inputs: [String], _ output: String = "out", _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        node(kind, inputs, output, attributes, domain: "com.microsoft")
    }

    private static func read(
        _ nodes: [[UInt8]], _ weights: [[UInt8]] = [], input: [Int?] = [1, 4, 8, 8], batch: Int? = nil
    ) throws -> ImportedNetwork {
        let directory = try TemporaryDirectory()
        let path = try directory.write(ONNXBytes.model(nodes: nodes, weights: weights, input: input), to: "model.onnx")
        return try ImportedNetwork(contentsOf: path, free: FreeSides(batch: batch))
    }

    @Test("on rows of several images count every image")
    func rows() throws {
        let weights = [ONNXBytes.weights("w", [6, 4, 3]), ONNXBytes.weights("d", [4, 1, 3]), ONNXBytes.weights("t", [4, 6, 2])]
        for (operation, macs, parameters) in [
            (Self.node("Conv", ["image", "w"]), 3 * 14 * 72, 72),
            (Self.node("Conv", ["image", "d"], "out", [.int("group", 4)]), 3 * 14 * 12, 12),
            (Self.node("ConvTranspose", ["image", "t"]), 3 * 16 * 48, 48),
        ] {
            let network = try Self.read([operation], weights, input: [3, 4, 16], batch: 3).network
            #expect(network.macs == macs && network.parameters == parameters)
        }
    }

    @Test("that compute sides in float32 round as it does", arguments: [(10, 0.7, 7), (10, 1.4, 14), (100, 0.29, 29), (20, 1.15, 23)])
    func roundedSides(side: Int, scale: Double, expected: Int) throws {
        let scales = ONNXBytes.numbers("scales", [1, 1, Float(scale), Float(scale)])
        let resized = try Self.read([Self.node("Resize", ["image", "", "scales"])], [scales], input: [1, 4, side, side])
        #expect(resized.network.layers.last?.output == FeatureShape(height: expected, width: expected, channels: 4))
        // floor(float(side) · scale), as exporters write it.
        let computed = try Self.read(
            [
                Self.node("Shape", ["image"], "s", [.int("start", 2)]), Self.node("Cast", ["s"], "f", [.int("to", 1)]),
                Self.node("Mul", ["f", "scale"], "m"), Self.node("Floor", ["m"], "l"),
                Self.node("Cast", ["l"], "i", [.int("to", 7)]), Self.node("Concat", ["front", "i"], "sides", [.int("axis", 0)]),
                Self.node("Resize", ["image", "", "", "sides"]),
            ], [ONNXBytes.numbers("scale", [Float(scale)], shape: []), ONNXBytes.integers("front", [1, 4])],
            input: [1, 4, side, side])
        #expect(computed.network.layers.last?.output == FeatureShape(height: expected, width: expected, channels: 4))
    }

    /// Nodes from "c", which is [2, 3, 4, 6], to "sides", a height and a width.
    static let computed: [(String, [[UInt8]], String)] = [
        ("GatherElements", [node("GatherElements", ["c", "picks"], "sides")], "6x2"),
        ("GatherND", [node("Unsqueeze", ["picks", "one"], "p"), node("GatherND", ["c", "p"], "sides")], "6x2"),
        ("ScatterND", [node("Slice", ["c", "zero", "two"], "s"), node("ScatterND", ["s", "last", "nine"], "sides")], "2x9"),
        ("ScatterElements", [node("Slice", ["c", "zero", "two"], "s"), node("ScatterElements", ["s", "one", "nine"], "sides")], "2x9"),
        ("CumSum backwards", [
            node("CumSum", ["c", "zero0"], "s", [.int("reverse", 1), .int("exclusive", 1)]), node("Slice", ["s", "one", "three"], "sides"),
        ], "10x6"),
        ("ArgMax", [node("Reshape", ["mixed", "square"], "m"),
            node("ArgMax", ["m"], "sides", [.int("axis", 1), .int("keepdims", 0)])], "1x2"),
        ("Mean", [node("Slice", ["c", "two", "four"], "b"), node("Mean", ["b", "pairs"], "sides")], "3x4"),
        ("Log and Exp", [
            node("Slice", ["c", "zero", "two"], "a"), node("Cast", ["a"], "f", [.int("to", 1)]), node("Log", ["f"], "l"),
            node("Exp", ["l"], "e"), node("Round", ["e"], "r"), node("Cast", ["r"], "sides", [.int("to", 7)]),
        ], "2x3"),
        ("ReduceL1 and ReduceSumSquare", [
            node("Slice", ["c", "zero", "two"], "a"), node("ReduceL1", ["a"], "l"), node("ReduceSumSquare", ["a"], "q"),
            node("Concat", ["l", "q"], "sides", [.int("axis", 0)]),
        ], "5x13"),
        ("ReduceL2 of integers", [
            node("Slice", ["c", "zero", "two"], "a"), node("ReduceL2", ["a"], "l"),
            node("Concat", ["l", "nine"], "sides", [.int("axis", 0)]),
        ], "3x9"),
        ("OneHot", [
            // Rows [3, 3, 4, 3] for 2.
            node("Slice", ["c", "zero", "one"], "a"), node("Slice", ["c", "one", "three"], "v"), node("OneHot", ["a", "four", "v"], "o"),
            node("Reshape", ["o", "flat"], "f"), node("Slice", ["f", "two", "four"], "sides"),
        ], "4x3"),
        ("Trilu", [
            // [[5, 0, 0], [3, 2, 0]]
            node("Reshape", ["mixed", "square"], "m"), node("Trilu", ["m"], "t", [.int("upper", 0)]), node("Reshape", ["t", "flat"], "f"),
            node("Slice", ["f", "three", "nine"], "l"), node("Slice", ["l", "zero", "two"], "sides"),
        ], "3x2"),
        ("ScatterND that adds", [
            node("Slice", ["c", "zero", "two"], "s"), node("ScatterND", ["s", "last", "nine"], "sides", [.text("reduction", "add")]),
        ], "2x12"),
        ("IsNaN", [
            node("Cast", ["c"], "f", [.int("to", 1)]), node("IsNaN", ["f"], "n"), node("Cast", ["n"], "i", [.int("to", 7)]),
            node("Add", ["c", "i"], "a"), node("Slice", ["a", "two", "four"], "sides"),
        ], "4x6"),
        ("TopK", [ONNXBytes.node("TopK", ["c", "two"], ["sides", "places"])], "6x4"),
        ("MatMul", [
            node("Reshape", ["c", "pairs"], "p"), node("MatMul", ["p", "eye2"], "d"), node("Slice", ["d", "zero", "one"], "s"),
            node("Reshape", ["s", "flat"], "sides"),
        ], "4x6"),
        ("BitShift", [node("BitShift", ["c", "ones"], "s", [.text("direction", "LEFT")]),
            node("Slice", ["s", "zero", "two"], "sides")], "4x6"),
        ("NonZero of 200", [
            node("ConstantOfShape", ["many"], "f", [.tensor("value", ONNXBytes.integers("", [1]))]), node("NonZero", ["f"], "n"),
            node("Shape", ["n"], "s"), node("Slice", ["s", "one", "two"], "l"), node("Div", ["l", "hundred"], "h"),
            node("Concat", ["h", "nine"], "sides", [.int("axis", 0)]),
        ], "2x9"),
    ]

    @Test("are computed where all that they read is constant", arguments: computed.indices)
    func constants(index: Int) throws {
        let (name, nodes, sides) = Self.computed[index]
        func integers(_ name: String, _ values: [Int], _ shape: [Int]) -> [UInt8] {
            ONNXBytes.message { tensor in
                for side in shape { tensor.add(1, integer: side) }
                tensor.add(2, integer: 7)
                tensor.add(7, bytes: values.flatMap { ONNXBytes.varint(UInt64(bitPattern: Int64($0))) })
                tensor.add(8, text: name)
            }
        }
        let weights = [
            ONNXBytes.integers("c", [2, 3, 4, 6]), ONNXBytes.integers("picks", [3, 0]), ONNXBytes.integers("zero", [0]),
            ONNXBytes.integers("one", [1]), ONNXBytes.integers("two", [2]), ONNXBytes.integers("three", [3]),
            ONNXBytes.integers("four", [4]), ONNXBytes.integers("nine", [9]), ONNXBytes.scalar("zero0", 0),
            integers("last", [1], [1, 1]), ONNXBytes.integers("mixed", [5, 7, 1, 3, 2, 8]), ONNXBytes.integers("square", [2, 3]),
            ONNXBytes.integers("pairs", [2, 2]), integers("eye2", [2, 0, 0, 2], [2, 2]), ONNXBytes.integers("flat", [-1]),
            ONNXBytes.integers("ones", [1, 1, 1, 1]), ONNXBytes.integers("many", [200]), ONNXBytes.integers("hundred", [100]),
            ONNXBytes.integers("front", [1, 4]),
        ]
        let network = try Self.read(
            nodes + [
                Self.node("Concat", ["front", "sides"], "all", [.int("axis", 0)]), Self.node("Resize", ["image", "", "", "all"]),
            ], weights).network
        let output = try #require(network.layers.last?.output)
        #expect("\(output.height)x\(output.width)" == sides, "\(name)")
    }

    @Test("of ONNX Runtime are counted as what they do")
    func runtime() throws {
        let rows = [Self.node("Reshape", ["image", "rows"], "r"), Self.node("Transpose", ["r"], "x", [.ints("perm", [0, 2, 1])])]
        let shapes = [
            ONNXBytes.integers("rows", [1, 4, 64]), ONNXBytes.weights("qkv", [4, 12]), ONNXBytes.weights("b", [12]),
            ONNXBytes.weights("packed", [16, 1, 2]), ONNXBytes.integers("five", [1, 64, 2, 3, 8]), ONNXBytes.weights("wide", [4, 48]),
            ONNXBytes.weights("k", [6, 3, 3, 4]), ONNXBytes.weights("d", [6, 4, 3, 3]), ONNXBytes.weights("o", [18, 4, 1, 1]),
        ]
        func macs(_ nodes: [[UInt8]]) throws -> Int { try Self.read(rows + nodes, shapes).network.macs }
        #expect(
            try macs([Self.microsoft("Attention", ["x", "qkv", "b"], "out", [.int("num_heads", 2)])])
                == 64 * 4 * 12 + 2 * 64 * 64 * 4)
        #expect(
            try macs([
                Self.node("MatMul", ["x", "wide"], "m"), Self.node("Reshape", ["m", "five"], "p"),
                Self.microsoft("MultiHeadAttention", ["p"], "out", [.int("num_heads", 2)]),
            ]) == 64 * 4 * 48 + 2 * 64 * 64 * 16)
        #expect(
            try macs([Self.microsoft("MatMulNBits", ["x", "packed"], "out", [.int("K", 4), .int("N", 16)])]) == 64 * 4 * 16)
        #expect(
            try macs([
                Self.node("Transpose", ["image"], "t", [.ints("perm", [0, 2, 3, 1])]),
                Self.microsoft("NhwcFusedConv", ["t", "k"], "out", [.ints("pads", [1, 1, 1, 1])]),
            ]) == 64 * 6 * 9 * 4)
        #expect(
            try macs([
                Self.node("Conv", ["image", "o"], "offsets"),
                Self.node("DeformConv", ["image", "d", "offsets"], "out", [.ints("pads", [1, 1, 1, 1])]),
            ]) == 64 * 18 * 4 + 64 * 6 * 36)
        #expect(
            try macs([Self.node("Einsum", ["x", "x", "x"], "out", [.text("equation", "bic,bjc,bjd->bid")])])
                == 64 * 64 * 4 + 64 * 64 * 4)
        func integers(_ name: String, _ shape: [Int]) -> [UInt8] {
            ONNXBytes.message { tensor in
                for side in shape { tensor.add(1, integer: side) }
                tensor.add(2, integer: 3)
                tensor.add(8, text: name)
                tensor.add(9, bytes: [UInt8](repeating: 0, count: shape.reduce(1, *)))
            }
        }
        let scale = ONNXBytes.numbers("s", [0.1], shape: []), zero = integers("z", [])
        // Channels last: windows of 2x2 pixels, then a convolution of integers.
        let turned = [
            Self.node("Transpose", ["image"], "t", [.ints("perm", [0, 2, 3, 1])]), Self.node("QuantizeLinear", ["t", "s", "z"], "q"),
            Self.microsoft("NhwcMaxPool", ["q"], "p", [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])]),
            Self.microsoft("QLinearConv", ["p", "s", "z", "c", "s", "z", "s", "z"], "d", [.int("channels_last", 1)]),
            Self.node("DequantizeLinear", ["d", "s", "z"], "f"), Self.node("MatMul", ["f", "m"]),
        ]
        let last = try Self.read(turned, [scale, zero, integers("c", [6, 4, 1, 1]), ONNXBytes.weights("m", [6, 5])]).network
        #expect(last.macs == 16 * 24 + 16 * 30)
        let means = turned[..<2] + [
            Self.microsoft(
                "QLinearAveragePool", ["q", "s", "z", "s", "z"], "p",
                [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2]), .int("channels_last", 1)]),
        ] + turned[3...]
        let averaged = try Self.read(
            Array(means), [scale, zero, integers("c", [6, 4, 1, 1]), ONNXBytes.weights("m", [6, 5])]).network
        #expect(averaged.macs == 16 * 24 + 16 * 30 && averaged.layers.contains { $0.operators[0].kind == .averagePool })
        let attention = rows + [
            Self.node("QuantizeLinear", ["x", "s", "z"], "q"),
            Self.microsoft("QAttention", ["q", "w", "b", "s", "s", "", "z", "z"], "y", [.int("num_heads", 2)]),
            Self.microsoft("SkipSimplifiedLayerNormalization", ["y", "x", "g"]),
        ]
        let quantized = try Self.read(
            attention,
            [
                ONNXBytes.integers("rows", [1, 4, 64]), scale, zero, integers("w", [4, 12]), ONNXBytes.weights("b", [12]),
                ONNXBytes.weights("g", [4]),
            ]).network
        #expect(quantized.macs == 64 * 4 * 12 + 2 * 64 * 64 * 4)
        #expect(quantized.layers.last?.operators.last?.kind == .layerNormalization)
        let biased = try Self.read(
            [Self.node("Reshape", ["image", "rows"], "r"), Self.node("MatMul", ["r", "m"], "p"), Self.microsoft("BiasGelu", ["p", "bias"])],
            [ONNXBytes.integers("rows", [1, 4, 64]), ONNXBytes.weights("m", [64, 5]), ONNXBytes.weights("bias", [5])])
        #expect(biased.network.parameters == 64 * 5 + 5)
    }

    @Test("that are recurrent count the products of inputs and of states, in both directions")
    func recurrence() throws {
        for (kind, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
            let weights = [
                ONNXBytes.integers("rows", [64, 1, 4]), ONNXBytes.weights("w", [2, gates * 6, 4]),
                ONNXBytes.weights("r", [2, gates * 6, 6]), ONNXBytes.weights("b", [2, 2 * gates * 6]),
            ]
            let nodes = [
                Self.node("Reshape", ["image", "rows"], "x"),
                ONNXBytes.node(kind, ["x", "w", "r", "b"], ["y", "out"], [.int("hidden_size", 6), .text("direction", "bidirectional")]),
            ]
            let network = try Self.read(nodes, weights).network
            #expect(network.macs == 64 * 2 * gates * 6 * (4 + 6), "\(kind)")
            // The inputs of all rows are multiplied at once.
            let products = network.layers.flatMap(\.operators).filter { $0.macs > 0 }
            #expect(products.map(\.timeSteps) == [1, 64], "\(kind)")
            #expect(network.parameters == 2 * gates * 6 * (4 + 6 + 2) && network.classes == 2 * 6)
        }
    }

    @Test("that pool may write places, which an unpooling reads")
    func unpooling() throws {
        let window: [ONNXBytes.Attribute] = [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])]
        let network = try Self.read([
            ONNXBytes.node("MaxPool", ["image"], ["p", "i"], window), Self.node("MaxUnpool", ["p", "i"], "u", window),
            Self.node("Relu", ["u"]),
        ]).network
        #expect(network.layers.last?.output == FeatureShape(height: 8, width: 8, channels: 4))
    }

    @Test("that share weights count them once, and weights count the bytes that they have in the file")
    func weights() throws {
        let weights = ONNXBytes.weights("w", [4, 4, 1, 1])
        let twice = try Self.read([Self.node("Conv", ["image", "w"], "x"), Self.node("Conv", ["x", "w"])], [weights]).network
        #expect(twice.macs == 2 * 64 * 16 && twice.parameters == 16)
        #expect(twice.layers.flatMap(\.operators).map { $0.weightBytes(of: .float32) } == [64, 0])
        func stored(_ type: Int, bytes: Int) -> [UInt8] {
            ONNXBytes.message { tensor in
                for side in [4, 4, 1, 1] { tensor.add(1, integer: side) }
                tensor.add(2, integer: type)
                tensor.add(8, text: "w")
                tensor.add(9, bytes: [UInt8](repeating: 0, count: bytes))
            }
        }
        let half = try Self.read(
            [Self.node("Cast", ["w"], "v", [.int("to", 1)]), Self.node("Conv", ["image", "v"])], [stored(10, bytes: 32)])
        #expect(half.network.layers[0].operators[0].weightBytes(of: .float32) == 32)
        let integers = try Self.read(
            [Self.node("DequantizeLinear", ["w", "s"], "v"), Self.node("Conv", ["image", "v"])],
            [stored(3, bytes: 16), ONNXBytes.numbers("s", [0.1], shape: [])])
        #expect(integers.network.layers[0].operators[0].weightBytes(of: .float32) == 16)
    }

    @Test("of attention with earlier rows count these too, and keep what later rows need")
    func cachedAttention() throws {
        // Two heads of 16 rows of 8 values; the keys and values of 10 earlier rows, or of none.
        let rows = Self.node("Reshape", ["image", "heads"], "q")
        for (earlier, count) in [(10, 26), (0, 16)] {
            let weights = [ONNXBytes.integers("heads", [1, 2, 16, 8]), ONNXBytes.weights("k", [1, 2, earlier, 8])]
            let attention = ONNXBytes.node("Attention", ["q", "q", "q", "", "k", "k"], ["y", "keys", "values", "scores"])
            let network = try Self.read([rows, attention, Self.node("MatMul", ["scores", "values"])], weights).network
            #expect(network.macs == 2 * 16 * count * (8 + 8), "\(earlier)")
            // The scores before their softmax, times all values.
            #expect(network.classes == 2 * 16 * 8)
        }
        let wrong = ONNXBytes.model(
            nodes: [rows, Self.node("Attention", ["q", "q", "q", "", "k", "k"])],
            weights: [ONNXBytes.integers("heads", [1, 2, 16, 8]), ONNXBytes.weights("k", [1, 2, 10, 4])], input: [1, 4, 8, 8])
        let directory = try TemporaryDirectory()
        let path = try directory.write(wrong, to: "model.onnx")
        let found = invalidPlace { try ImportedNetwork(contentsOf: path) }
        #expect(found?.sentence.contains("earlier keys [1, 2, 10, 4] do not fit keys [1, 2, 16, 8]") == true)
    }

    /// Nodes on the image of [1, 4, 8, 8] to "x", and what it is: a product with weights of [last side, 5] counts it.
    static let shaped: [(String, [[UInt8]], rows: Int, last: Int)] = [
        ("Col2Im", [
            // Windows of 2x2 pixels of an image of 6x6, 3x3 of them, of one channel.
            node("Reshape", ["image", "flat"], "f"), node("Slice", ["f", "zero", "all"], "s"), node("Reshape", ["s", "windows"], "r"),
            node("Col2Im", ["r", "six", "two"], "x", [.ints("strides", [2, 2])]),
        ], 6, 6),
        ("AffineGrid", [
            node("Reshape", ["image", "flat"], "f"), node("Slice", ["f", "zero", "matrix"], "s"), node("Reshape", ["s", "affine"], "m"),
            node("AffineGrid", ["m", "sizes"], "x"),
        ], 6 * 7, 2),
        ("OneHot", [
            node("ArgMax", ["image"], "a", [.int("axis", 1), .int("keepdims", 0)]),
            node("OneHot", ["a", "ten", "onoff"], "x", [.int("axis", 1)]),
        ], 10 * 8, 8),
        ("CenterCropPad", [node("CenterCropPad", ["image", "crop"], "x", [.ints("axes", [-2, -1])])], 4 * 6, 10),
        ("RandomNormalLike", [node("RandomNormalLike", ["image"], "r"), node("Add", ["image", "r"], "x")], 4 * 8, 8),
        ("the mean that a layer normalisation answers", [
            ONNXBytes.node("LayerNormalization", ["image", "eight"], ["y", "m"], [.int("axis", 3)]), node("Squeeze", ["m", "three"], "x"),
        ], 4, 8),
        // Runtimes and ONNX's own evaluation do not count the part that is resized.
        ("Resize of a part", [
            node("Resize", ["image", "part", "scales"], "x", [
                .text("coordinate_transformation_mode", "tf_crop_and_resize"), .ints("axes", [2, 3]),
            ]),
        ], 4 * 16, 16),
        ("Scatter", [node("Slice", ["image", "zero", "one"], "s"), node("Scatter", ["image", "into", "s"], "x")], 4 * 8, 8),
        ("TensorScatter", [node("TensorScatter", ["image", "image"], "x", [.int("axis", 2)])], 4 * 8, 8),
        ("RandomUniform", [
            node("RandomUniform", [], "r", [.ints("shape", [1, 1, 8, 8])]), node("Concat", ["image", "r"], "x", [.int("axis", 1)]),
        ], 5 * 8, 8),
        ("RoiAlign", [
            node("RoiAlign", ["image", "regions", "whose"], "x", [.int("output_height", 3), .int("output_width", 2)]),
        ], 5 * 4 * 3, 2),
        ("MaxRoiPool", [node("MaxRoiPool", ["image", "regions"], "x", [.ints("pooled_shape", [3, 2])])], 5 * 4 * 3, 2),
        ("Det", [node("Unsqueeze", ["image", "two1"], "u"), node("Det", ["u"], "x")], 1 * 4, 1),
        ("GridSample of a volume", [
            node("Unsqueeze", ["image", "two1"], "u"), node("GridSample", ["u", "places"], "x"),
        ], 4 * 2 * 3, 5),
        ("MaxPool of a volume", [
            node("Unsqueeze", ["image", "two1"], "u"),
            node("MaxPool", ["u"], "x", [.ints("kernel_shape", [1, 2, 2]), .ints("strides", [1, 2, 2])]),
        ], 4 * 4, 4),
        ("GlobalAveragePool of a volume", [
            node("Unsqueeze", ["image", "two1"], "u"), node("GlobalAveragePool", ["u"], "g"), node("Flatten", ["g"], "x"),
        ], 1, 4),
    ]

    /// Integers of 64 bits that are all 0.
    private static func zeros(_ name: String, _ shape: [Int]) -> [UInt8] {
        ONNXBytes.message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: 7)
            tensor.add(8, text: name)
            tensor.add(9, bytes: [UInt8](repeating: 0, count: 8 * shape.reduce(1, *)))
        }
    }

    @Test("make the shapes that the specification says", arguments: shaped.indices)
    func shapes(index: Int) throws {
        let (name, nodes, rows, last) = Self.shaped[index]
        let weights = [
            ONNXBytes.integers("flat", [256]), ONNXBytes.integers("zero", [0]), ONNXBytes.integers("all", [36]),
            ONNXBytes.integers("windows", [1, 4, 9]), ONNXBytes.integers("six", [6, 6]), ONNXBytes.integers("two", [2, 2]),
            ONNXBytes.integers("matrix", [6]), ONNXBytes.integers("affine", [1, 2, 3]), ONNXBytes.integers("sizes", [1, 3, 6, 7]),
            ONNXBytes.integers("ten", [10]), ONNXBytes.numbers("onoff", [0, 1]), ONNXBytes.integers("crop", [6, 10]),
            ONNXBytes.weights("eight", [8]), ONNXBytes.integers("three", [3]), ONNXBytes.integers("two1", [2]),
            // Half of the height, and three quarters of the width.
            ONNXBytes.numbers("part", [0.25, 0, 0.75, 0.75]), ONNXBytes.numbers("scales", [2, 2]), ONNXBytes.weights("k", [last, 5]),
            ONNXBytes.weights("regions", [5, 4]), ONNXBytes.integers("whose", [0, 0, 0, 0, 0]),
            ONNXBytes.weights("places", [1, 2, 3, 5, 3]), ONNXBytes.integers("one", [1]), Self.zeros("into", [1, 4, 8, 8]),
        ]
        let read = try Self.read(nodes + [Self.node("MatMul", ["x", "k"])], weights)
        #expect(read.network.macs == rows * last * 5 && read.unknown.isEmpty, "\(name)")
    }

    @Test("that spread values over a map of stride times its sides end where their windows end", arguments: [(2, 23), (3, 24), (5, 24)])
    func spreadSides(kernel: Int, side: Int) throws {
        // 7 strides of 3 and a window, cut to 8 times 3.
        let attributes: [ONNXBytes.Attribute] = [.ints("strides", [3, 3]), .text("auto_pad", "SAME_UPPER")]
        let network = try Self.read(
            [Self.node("ConvTranspose", ["image", "w"], "out", attributes)], [ONNXBytes.weights("w", [4, 6, kernel, kernel])]).network
        #expect(network.layers.last?.output == FeatureShape(height: side, width: side, channels: 6))
    }

    @Test("on volumes and on lists count their products")
    func dimensions() throws {
        let volume = try Self.read(
            [Self.node("Conv", ["image", "w"], "out", [.ints("pads", [1, 1, 1, 1, 1, 1])])], [ONNXBytes.weights("w", [6, 4, 3, 3, 3])],
            input: [nil, 4, 8, 8, 8]).network
        #expect(volume.macs == 512 * 6 * 4 * 27 && volume.parameters == 648)
        let spread = try Self.read(
            [Self.node("ConvTranspose", ["image", "w", "b"], "out", [.ints("strides", [2, 2, 2]), .int("group", 2)])],
            [ONNXBytes.weights("w", [4, 3, 2, 2, 2]), ONNXBytes.weights("b", [6])], input: [nil, 4, 3, 4, 5]).network
        #expect(spread.macs == 60 * 4 * 3 * 8 && spread.parameters == 96 + 6 && spread.classes == 6 * 6 * 8 * 10)
        let list = try Self.read([Self.node("Gemm", ["image", "w"])], [ONNXBytes.weights("w", [784, 10])], input: [nil, 784]).network
        #expect(list.macs == 7840 && list.classes == 10)
    }

    @Test("leave out an input that nothing reads")
    func unreadInput() throws {
        let image = ONNXBytes.model(
            nodes: [Self.node("Conv", ["image", "w"])], weights: [ONNXBytes.weights("w", [6, 4, 1, 1])], input: [1, 4, 8, 8])
        let another = ONNXBytes.message { model in
            model.add(7, bytes: ONNXBytes.message { $0.add(11, bytes: ONNXBytes.value("other", [1, 4, 8, 8])) })
        }
        let directory = try TemporaryDirectory()
        let path = try directory.write(image + another, to: "model.onnx")
        #expect(try ImportedNetwork(contentsOf: path).network.macs == 64 * 24)
    }

    @Test("with weights of a few bits count those", arguments: [(4, 32), (2, 16), (8, 64)])
    func packedWeights(bits: Int, bytes: Int) throws {
        let packed = ONNXBytes.message { tensor in
            for side in [16, 1, bytes / 16] { tensor.add(1, integer: side) }
            tensor.add(2, integer: 2)
            tensor.add(8, text: "packed")
            tensor.add(9, bytes: [UInt8](repeating: 0, count: bytes))
        }
        let nodes = [
            Self.node("Reshape", ["image", "rows"], "x"),
            Self.microsoft("MatMulNBits", ["x", "packed"], "out", [.int("K", 4), .int("N", 16), .int("bits", bits)]),
        ]
        let step = try #require(
            Self.read(nodes, [packed, ONNXBytes.integers("rows", [1, 64, 4])]).network.layers.last?.operators.last)
        #expect(step.macs == 64 * 4 * 16 && step.weightBytes(of: .float32) == bytes)
    }

    @Test("of a loop run as often as a constant says, with what they read from outside of it")
    func loops() throws {
        // x = relu(conv(x, w) + image), three times; each pass also keeps its map.
        let body = ONNXBytes.graph(
            "body", inputs: ["trip", "on", "x"],
            nodes: [
                Self.node("Conv", ["x", "w"], "y"), Self.node("Add", ["y", "image"], "z"), Self.node("Relu", ["z"], "next"),
                Self.node("Identity", ["on"], "still"), Self.node("Identity", ["next"], "kept"),
            ], weights: [ONNXBytes.weights("w", [4, 4, 1, 1])], outputs: ["still", "next", "kept"])
        let constants = [
            ONNXBytes.scalar("three", 3), ONNXBytes.message { $0.add(2, integer: 9); $0.add(8, text: "true"); $0.add(9, bytes: [1]) },
        ]
        let last = try Self.read([ONNXBytes.node("Loop", ["three", "true", "image"], ["out"], [body])], constants)
        #expect(last.network.macs == 3 * 64 * 16 && last.network.parameters == 16 && last.unknown.isEmpty)
        let all = try Self.read([ONNXBytes.node("Loop", ["three", "true", "image"], ["end", "out"], [body])], constants)
        #expect(all.network.classes == 3 * 4 * 64 && all.network.layers.last?.operators.last?.kind == .concatenate)
        // How often it runs depends on the image.
        let open = [Self.node("ReduceMax", ["image"], "m", [.int("keepdims", 0)]), Self.node("Cast", ["m"], "n", [.int("to", 7)])]
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            ONNXBytes.model(
                nodes: open + [ONNXBytes.node("Loop", ["n", "", "image"], ["out"], [body])], weights: constants, input: [1, 4, 8, 8]),
            to: "model.onnx")
        #expect(invalidPlace { try ImportedNetwork(contentsOf: path) }?.sentence.contains("(Loop)") == true)
    }
}
