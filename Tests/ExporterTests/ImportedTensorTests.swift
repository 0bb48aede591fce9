import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand from ONNX's specification, those of floating-point numbers of eight bits from ml_dtypes.
@Suite("Tensors of ONNX models")
struct ImportedTensorTests: ReadsONNX {
    private static func model(_ nodes: [[UInt8]], _ weights: [[UInt8]] = []) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8])
    }

    /// Values of a type in the bytes of the file.
    private static func raw(_ name: String, _ type: Int, _ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
        ONNXBytes.message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: type)
            tensor.add(8, text: name)
            tensor.add(9, bytes: bytes)
        }
    }

    @Test("are read where each weight of two bytes is an integer of its own, however many there are")
    func narrowIntegers() throws {
        // 393,216 float16 values, as converters to float16 store those of Constant nodes.
        let weights = ONNXBytes.message { tensor in
            for side in [98_304, 4, 1, 1] { tensor.add(1, integer: side) }
            tensor.add(2, integer: 10)
            tensor.add(5, bytes: [UInt8](repeating: 0, count: 4 * 98_304))
        }
        let nodes = [ONNXBytes.node("Constant", [], ["w"], [.tensor("value", weights)]), Self.node("Conv", ["image", "w"])]
        let network = try Self.read(Self.model(nodes)).network
        #expect(network.macs == 64 * 4 * 98_304 && network.parameters == 4 * 98_304)
    }

    // MARK: - Sparse

    /// Some float32 values, or integers, of a tensor that is 0 elsewhere.
    private static func sparseTensor(
        _ name: String, _ shape: [Int], _ values: [UInt8], at places: [Int], each coordinates: Int? = nil
    ) -> [UInt8] {
        ONNXBytes.message { tensor in
            tensor.add(1, bytes: values + ONNXBytes.message { $0.add(8, text: name) })
            tensor.add(
                2,
                bytes: ONNXBytes.message { indices in
                    indices.add(1, integer: places.count / (coordinates ?? 1))
                    if let coordinates { indices.add(1, integer: coordinates) }
                    indices.add(2, integer: 7)
                    indices.add(7, bytes: places.flatMap { ONNXBytes.varint(UInt64(bitPattern: Int64($0))) })
                })
            for side in shape { tensor.add(3, integer: side) }
        }
    }

    /// A second graph of the file, which adds to the first.
    private static func graph(sparse tensor: [UInt8]) -> [UInt8] {
        ONNXBytes.message { $0.add(7, bytes: ONNXBytes.message { $0.add(15, bytes: tensor) }) }
    }

    @Test("that store only what is not 0 are weights and constants like others")
    func sparse() throws {
        let convolution = Self.model([Self.node("Conv", ["image", "w"])])
        let some = ONNXBytes.numbers("", [1, 2, 3])
        for tensor in [
            Self.sparseTensor("w", [6, 4, 1, 1], some, at: [0, 7, 23]),
            Self.sparseTensor("w", [6, 4, 1, 1], some, at: [0, 1, 0, 0, 2, 3, 0, 0, 5, 0, 0, 0], each: 4),
        ] {
            let read = try Self.read(convolution + Self.graph(sparse: tensor))
            #expect(read.network.macs == 64 * 24 && read.network.parameters == 24)
            #expect(read.assumptions.count == 1 && read.assumptions[0].contains("with their zeros"))
        }
        // Pads [0, 0, 1, 0, 0, 0, 0, 2] of 8x8 pixels.
        let pads = Self.sparseTensor("p", [8], ONNXBytes.integers("", [1, 2]), at: [2, 7])
        let padded = try Self.read(Self.model([Self.node("Pad", ["image", "p"])]) + Self.graph(sparse: pads))
        #expect(padded.network.layers.last?.output == FeatureShape(height: 9, width: 10, channels: 4))
        let constant = ONNXBytes.node("Constant", [], ["p"]) + ONNXBytes.message { node in
            node.add(5, bytes: ONNXBytes.message { $0.add(1, text: "sparse_value"); $0.add(22, bytes: pads); $0.add(20, integer: 11) })
        }
        let same = try Self.read(Self.model([constant, Self.node("Pad", ["image", "p"])]))
        #expect(same.network.layers.last?.output == FeatureShape(height: 9, width: 10, channels: 4))
    }

    @Test("that store only what is not 0 are refused where their places are none")
    func wrongPlaces() throws {
        let convolution = Self.model([Self.node("Conv", ["image", "w"])])
        let some = ONNXBytes.numbers("", [1, 2, 3])
        for (tensor, says) in [
            (Self.sparseTensor("w", [6, 4, 1, 1], some, at: [0, 24, 1]), "expected places in [24], found [24]"),
            (Self.sparseTensor("w", [6, 4, 1, 1], some, at: [0, 1]), "expected a list of values and as many places"),
            (Self.sparseTensor("w", [2, 1, 1, 1], some, at: [0, 1, 1]), "expected a list of values and as many places"),
            (Self.sparseTensor("w", [6, 4, 1, 1], some, at: [0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0], each: 4), "found [6, 0, 0, 0]"),
        ] {
            let found = try Self.problem(convolution + Self.graph(sparse: tensor))
            #expect(found?.contains("initializer \"w\"") == true && found?.contains(says) == true, "\(says): \(found ?? "")")
        }
    }

    // MARK: - Narrow types

    @Test(
        "of eight bits and of fewer count the bytes that they have in the file",
        arguments: [(17, 24), (20, 24), (24, 24), (21, 12), (22, 12), (23, 12), (25, 6), (26, 6)])
    func narrowWeights(type: Int, bytes: Int) throws {
        let nodes = [Self.node("DequantizeLinear", ["w", "s"], "v"), Self.node("Conv", ["image", "v"])]
        let scale = ONNXBytes.numbers("s", [0.1], shape: [])
        let right = Self.raw("w", type, [6, 4, 1, 1], [UInt8](repeating: 0, count: bytes))
        let step = try Self.read(Self.model(nodes, [right, scale])).network.layers[0].operators[0]
        #expect(step.weightBytes(of: .float32) == bytes && step.macs == 64 * 24)
        let wrong = Self.raw("w", type, [6, 4, 1, 1], [UInt8](repeating: 0, count: bytes + 1))
        #expect(try Self.problem(Self.model(nodes, [wrong, scale]))?.contains("initializer \"w\": expected") == true)
    }

    @Test("of an odd number of half bytes end within a byte")
    func oddWeights() throws {
        let bytes = ONNXBytes.model(
            nodes: [Self.node("Cast", ["w"], "v", [.int("to", 1)]), Self.node("Conv", ["image", "v"])],
            weights: [Self.raw("w", 22, [1, 3, 1, 1], [0, 0])], input: [1, 3, 8, 8])
        #expect(try Self.read(bytes).network.layers[0].operators[0].weightBytes(of: .float32) == 2)
    }

    /// The type, the bytes, and the two sides that they are: a resize by them.
    static let narrowNumbers: [(Int, [UInt8], [Int])] = [
        // Two half bytes, the lower first.
        (21, [0xe9], [9, 14]), (22, [0x65], [5, 6]), (23, [0x67], [6, 4]), (25, [0b1110], [2, 3]), (26, [0b0101], [1, 1]),
        (17, [0x40, 0x48], [2, 4]), (18, [0x48, 0x50], [2, 4]), (19, [0x40, 0x44], [2, 4]), (20, [0x44, 0x48], [2, 4]),
        (24, [0x80, 0x83], [2, 16]),
    ]

    @Test("of eight bits and of fewer are numbers that shapes are computed with", arguments: narrowNumbers.indices)
    func narrowSides(index: Int) throws {
        let (type, bytes, sides) = Self.narrowNumbers[index]
        let nodes = [
            Self.node("Cast", ["q"], "f", [.int("to", 1)]), Self.node("Cast", ["f"], "i", [.int("to", 7)]),
            Self.node("Concat", ["front", "i"], "sides", [.int("axis", 0)]), Self.node("Resize", ["image", "", "", "sides"]),
        ]
        for tensor in [
            Self.raw("q", type, [2], bytes),
            // The same in the field of integers.
            ONNXBytes.message { tensor in
                tensor.add(1, integer: 2)
                tensor.add(2, integer: type)
                tensor.add(5, bytes: bytes.flatMap { ONNXBytes.varint(UInt64($0)) })
                tensor.add(8, text: "q")
            },
        ] {
            let read = try Self.read(Self.model(nodes, [tensor, ONNXBytes.integers("front", [1, 4])]))
            #expect(read.network.layers.last?.output == FeatureShape(height: sides[0], width: sides[1], channels: 4), "\(type)")
        }
    }

    @Test("of four bits that a shape was quantised to are clamped as a runtime does")
    func quantizedSides() throws {
        // 20 / 1 is 15 without sign and 7 with one.
        for (zero, side) in [(Self.raw("z", 21, [], [0]), 15), (Self.raw("z", 22, [], [0]), 7)] {
            let nodes = [
                Self.node("QuantizeLinear", ["side", "s", "z"], "q"), Self.node("DequantizeLinear", ["q", "s", "z"], "d"),
                Self.node("Cast", ["d"], "i", [.int("to", 7)]), Self.node("Concat", ["front", "i"], "sides", [.int("axis", 0)]),
                Self.node("Resize", ["image", "", "", "sides"]),
            ]
            let weights = [
                ONNXBytes.numbers("side", [20]), ONNXBytes.numbers("s", [1], shape: []), zero, ONNXBytes.integers("front", [1, 4, 8]),
            ]
            let read = try Self.read(Self.model(nodes, weights))
            #expect(read.network.layers.last?.output == FeatureShape(height: 8, width: side, channels: 4))
        }
    }

    // MARK: - Nothing

    /// Nodes on the image of [1, 4, 8, 8], and what they end with.
    static let empty: [(String, [[UInt8]], FeatureShape)] = [
        ("a slice that leaves nothing, joined with the image", [
            node("Slice", ["image", "zero", "zero", "one"], "e"), node("Concat", ["e", "image"], "c", [.int("axis", 1)]),
            node("Relu", ["c"]),
        ], FeatureShape(height: 8, width: 8, channels: 4)),
        ("the shape of a slice that leaves nothing", [
            node("Slice", ["image", "four", "nine", "one"], "e"), node("Shape", ["e"], "s"),
            // [1, 0, 8, 8] + [0, 2, 0, 0]
            node("Add", ["s", "two"], "t"), node("Resize", ["image", "", "", "t"]),
        ], FeatureShape(height: 8, width: 8, channels: 2)),
        ("a split with an empty part", [
            ONNXBytes.node("Split", ["image", "sizes"], ["a", "b"], [.int("axis", 1)]), node("Relu", ["a"]),
        ], FeatureShape(height: 8, width: 8, channels: 4)),
        ("a split of sides with an empty part", [
            ONNXBytes.node("Split", ["whole", "sizes"], ["a", "b"], [.int("axis", 0)]),
            node("Concat", ["a", "b"], "t", [.int("axis", 0)]), node("Resize", ["image", "", "", "t"]),
        ], FeatureShape(height: 3, width: 5, channels: 4)),
        ("functions of an empty map", [
            node("Slice", ["image", "zero", "zero", "one"], "e"), node("Relu", ["e"], "r"),
            node("Transpose", ["r"], "t", [.ints("perm", [0, 1, 3, 2])]), node("Concat", ["t", "image"], "c", [.int("axis", 1)]),
            node("Relu", ["c"]),
        ], FeatureShape(height: 8, width: 8, channels: 4)),
        ("an empty list that is padded", [
            node("Pad", ["nothing", "around", "filler"], "p"), node("Concat", ["pair", "p"], "t", [.int("axis", 0)]),
            node("Resize", ["image", "", "", "t"]),
        ], FeatureShape(height: 6, width: 6, channels: 4)),
    ]

    @Test("without values cost nothing and may be joined with others", arguments: empty.indices)
    func nothing(index: Int) throws {
        let (name, nodes, output) = Self.empty[index]
        let weights = [
            ONNXBytes.integers("zero", [0]), ONNXBytes.integers("one", [1]), ONNXBytes.integers("four", [4]),
            ONNXBytes.integers("nine", [9]), ONNXBytes.integers("two", [0, 2, 0, 0]), ONNXBytes.integers("sizes", [4, 0]),
            ONNXBytes.integers("whole", [1, 4, 3, 5]), ONNXBytes.integers("nothing", []), ONNXBytes.integers("around", [1, 1]),
            ONNXBytes.scalar("filler", 6), ONNXBytes.integers("pair", [1, 4]),
        ]
        let layers = try Self.read(Self.model(nodes, weights)).network.layers
        #expect(layers.count == 1 && layers[0].output == output, "\(name): \(layers.map(\.key))")
    }

    @Test("in a file of their own are named where a shape needs their numbers")
    func external() throws {
        let sides = ONNXBytes.message { $0.add(1, integer: 4); $0.add(2, integer: 7); $0.add(8, text: "s"); $0.add(14, integer: 1) }
        let found = try Self.problem(Self.model([Self.node("Reshape", ["image", "s"])], [sides]))
        #expect(found?.contains("initializer \"s\", whose values are in a file of their own, cannot be computed") == true)
    }
}
