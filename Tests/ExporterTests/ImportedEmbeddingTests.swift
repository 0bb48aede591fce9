import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand: a table counts all of its values, as PyTorch's `parameters()` does, and the bytes that they have
/// in the file. Those of ONNX Runtime's operators are after its description (docs/ContribOperators.md).
@Suite("Tables, further inputs and recurrent layers of ONNX models")
struct ImportedEmbeddingTests: ReadsONNX {
    /// On 16 words "image".
    private static func network(_ nodes: [[UInt8]], _ weights: [[UInt8]]) throws -> Network {
        let imported = try read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 16]))
        #expect(imported.unknown.isEmpty)
        return imported.network
    }

    private static func kinds(_ network: Network) -> [Architectures.Operator.Kind] {
        network.layers.map { $0.operators[0].kind }
    }

    /// Values of a type, all bits 0.
    private static func stored(_ name: String, _ type: Int, _ shape: [Int], bytes: Int) -> [UInt8] {
        ONNXBytes.message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: type)
            tensor.add(8, text: name)
            tensor.add(9, bytes: [UInt8](repeating: 0, count: bytes))
        }
    }

    private static let table = ONNXBytes.weights("t", [100, 32])
    private static let last = ONNXBytes.weights("k", [32, 5])
    private static let scale = ONNXBytes.numbers("s", [0.1], shape: [])

    // MARK: - Tables

    @Test("of which the input chooses rows count whole, and move the rows")
    func chosenRows() throws {
        let nodes = [Self.node("Gather", ["t", "image"], "x"), Self.node("MatMul", ["x", "k"])]
        let network = try Self.network(nodes, [Self.table, Self.last])
        #expect(network.macs == 16 * 32 * 5 && network.parameters == 3200 + 160)
        let step = network.layers[0].operators[0]
        #expect(step.kind == .memoryMove && step.weightBytes(of: .float32) == 4 * 3200)
        #expect(step.inputBytes == 4 * 16 * 32 && step.outputBytes == 4 * 16 * 32)
    }

    @Test("that others read too count once")
    func tied() throws {
        // The words' table is also the matrix of the last product.
        let nodes = [
            Self.node("Gather", ["t", "image"], "x"), Self.node("Gather", ["t", "image"], "y"), Self.node("Add", ["x", "y"], "z"),
            Self.node("Transpose", ["t"], "u", [.ints("perm", [1, 0])]), Self.node("MatMul", ["z", "u"]),
        ]
        let network = try Self.network(nodes, [Self.table])
        #expect(network.macs == 16 * 32 * 100 && network.parameters == 3200)
    }

    @Test("of integers that are no weights, and what constants choose, do not count")
    func plainTables() throws {
        let nodes = [
            Self.node("Gather", ["c", "image"], "i"), Self.node("Cast", ["i"], "f", [.int("to", 1)]),
            Self.node("Gather", ["t", "some"], "r"), Self.node("MatMul", ["f", "r"]),
        ]
        let weights = [
            Self.table, ONNXBytes.integers("c", [3, 1, 2]), ONNXBytes.integers("some", [Int](repeating: 1, count: 16)),
        ]
        // Of the table, only the matrix [16, 32] that is multiplied.
        #expect(try Self.network(nodes, weights).parameters == 16 * 32)
    }

    @Test("of eight bits count their bytes, and what is chosen of them is as wide as it was made", arguments: [true, false])
    func narrow(isWidenedFirst: Bool) throws {
        let nodes = isWidenedFirst
            ? [Self.node("DequantizeLinear", ["t", "s"], "w"), Self.node("Gather", ["w", "image"], "x")]
            : [Self.node("Gather", ["t", "image"], "c"), Self.node("DequantizeLinear", ["c", "s"], "x")]
        let table = Self.stored("t", 3, [100, 32], bytes: 3200)
        let network = try Self.network(nodes + [Self.node("MatMul", ["x", "k"])], [table, Self.scale, Self.last])
        #expect(network.parameters == 3200 + 160)
        let step = network.layers[0].operators[0]
        #expect(step.weightBytes(of: step.valueType ?? .float32) == 3200)
        #expect(network.layers.last?.operators.last?.valueType == nil)
    }

    @Test("of eight bits between quantisations stay as they are")
    func quantized() throws {
        let nodes = [
            Self.node("DequantizeLinear", ["t", "s"], "w"), Self.node("Gather", ["w", "image"], "g"),
            Self.node("QuantizeLinear", ["g", "s", "z"], "q"), Self.node("DequantizeLinear", ["q", "s", "z"], "x"),
            Self.node("DequantizeLinear", ["k", "s"], "v"), Self.node("MatMul", ["x", "v"]),
        ]
        let weights = [
            Self.stored("t", 3, [100, 32], bytes: 3200), Self.stored("k", 3, [32, 5], bytes: 160), Self.stored("z", 3, [], bytes: 1),
            Self.scale,
        ]
        let network = try Self.network(nodes, weights)
        #expect(Self.kinds(network) == [.memoryMove, .convolution])
        #expect(network.layers.map { $0.operators[0].valueType } == [.int8, .int8])
        #expect(network.layers.map { $0.operators[0].weightBytes(of: .int8) } == [3200, 160])
    }

    @Test("of eight bits that are widened and come first do not make a sum one of integers")
    func narrowBias() throws {
        let nodes = [
            Self.node("MatMul", ["image", "w"], "m"), Self.node("DequantizeLinear", ["b", "s"], "v"), Self.node("Add", ["v", "m"], "a"),
            Self.node("Softmax", ["a"]),
        ]
        let weights = [ONNXBytes.weights("w", [16, 1024]), Self.stored("b", 3, [1024], bytes: 1024), Self.scale]
        let network = try Self.network(nodes, weights)
        #expect(network.layers.map { $0.operators[0].valueType } == [nil, nil] && network.parameters == 16 * 1024 + 1024)
    }

    // MARK: - ONNX Runtime's

    private static let tables = [
        ONNXBytes.weights("p", [64, 32]), ONNXBytes.weights("q", [2, 32]), ONNXBytes.weights("g", [32]), ONNXBytes.weights("b", [32]),
    ]

    @Test("are summed and normalised, of words, positions and perhaps segments", arguments: [true, false])
    func normalizedTables(hasSegments: Bool) throws {
        let segments = hasSegments ? ["image", "q"] : ["", ""]
        let node = Self.microsoft(
            "EmbedLayerNormalization", ["image", segments[0], "t", "p", segments[1], "g", "b", "image"], outputs: ["x", "mask", "sum"])
        let nodes = [node, Self.node("Add", ["x", "sum"], "y"), Self.node("MatMul", ["y", "k"])]
        let network = try Self.network(nodes, [Self.table, Self.last] + Self.tables)
        #expect(network.macs == 16 * 32 * 5)
        #expect(network.parameters == 3200 + 64 * 32 + (hasSegments ? 64 : 0) + 64 + 160)
        let looked: [Architectures.Operator.Kind] = hasSegments
            ? [.memoryMove, .memoryMove, .memoryMove, .add, .add] : [.memoryMove, .memoryMove, .add]
        #expect(Self.kinds(network) == looked + [.layerNormalization, .add, .convolution])
    }

    @Test("are attended to with the mask that was counted with them")
    func maskedAttention() throws {
        let nodes = [
            Self.microsoft("EmbedLayerNormalization", ["image", "", "t", "p", "", "g", "b"], outputs: ["x", "mask"]),
            Self.microsoft("Attention", ["x", "w", "", "mask"], "out", [.int("num_heads", 4)]),
        ]
        let network = try Self.network(nodes, [Self.table, ONNXBytes.weights("w", [32, 96])] + Self.tables)
        #expect(network.macs == 16 * 32 * 96 + 2 * 4 * 16 * 16 * 8 && network.classes == 16 * 32)
    }

    @Test("are refused where their rows are of other lengths")
    func wrongTables() throws {
        let nodes = [Self.microsoft("EmbedLayerNormalization", ["image", "", "t", "w", "", "g", "b"])]
        let weights = [Self.table, ONNXBytes.weights("w", [64, 31])] + Self.tables
        let found = try Self.problem(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 16]))
        #expect(
            found?.contains("(com.microsoft.EmbedLayerNormalization): expected tables of rows of 32 values, found [64, 31]") == true)
    }

    @Test("of integers are summed and normalised as numbers")
    func integerTables() throws {
        let inputs = ["image", "", "t", "p", "", "g", "b", "", "s", "s", "", "s", "s", "z", "z", "", "z", "z"]
        let nodes = [Self.microsoft("QEmbedLayerNormalization", inputs, "x"), Self.node("MatMul", ["x", "k"])]
        let weights = [
            Self.stored("t", 3, [100, 32], bytes: 3200), Self.stored("p", 3, [64, 32], bytes: 2048),
            Self.stored("g", 3, [32], bytes: 32), Self.stored("b", 3, [32], bytes: 32), Self.scale,
            Self.stored("z", 3, [], bytes: 1), Self.last,
        ]
        let network = try Self.network(nodes, weights)
        #expect(network.parameters == 3200 + 2048 + 64 + 160)
        #expect(network.layers.prefix(2).map { $0.operators[0].weightBytes(of: .float32) } == [3200, 2048])
        #expect(network.layers.last?.operators.last?.valueType == nil)
    }

    /// The data type of a table of 100 rows, how wide it is in the file, the bits of a weight, and the bytes of all.
    static let packed: [(type: Int, side: Int, bits: Int, bytes: Int)] = [
        (2, 16, 4, 1600), (2, 8, 2, 800), (2, 32, 8, 3200), (22, 32, 4, 1600), (21, 32, 4, 1600),
    ]

    @Test("of weights of few bits are as wide as these are many", arguments: packed.indices)
    func packedTable(index: Int) throws {
        let (type, side, bits, bytes) = Self.packed[index]
        let nodes = [
            Self.microsoft("GatherBlockQuantized", ["t", "image", "scales"], "x", [.int("bits", bits), .int("block_size", 16)]),
            Self.node("MatMul", ["x", "k"]),
        ]
        let weights = [Self.stored("t", type, [100, side], bytes: bytes), ONNXBytes.weights("scales", [100, 2]), Self.last]
        let network = try Self.network(nodes, weights)
        #expect(network.macs == 16 * 32 * 5 && network.parameters == 3200 + 160)
        #expect(network.layers[0].operators[0].weightBytes(of: .float32) == bytes)
        #expect(network.layers.last?.operators.last?.valueType == nil)
    }

    @Test("of weights of three bits are refused")
    func oddBits() throws {
        let nodes = [Self.microsoft("GatherBlockQuantized", ["t", "image", "scales"], "out", [.int("bits", 3)])]
        let weights = [Self.stored("t", 2, [100, 12], bytes: 1200), ONNXBytes.weights("scales", [100, 2])]
        let found = try Self.problem(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 16]))
        #expect(
            found?.contains("(com.microsoft.GatherBlockQuantized): expected a table of weights of 2, 4 or 8 bits, found [100, 12] of 3")
                == true)
    }

    // MARK: - Several inputs

    /// A model of words "image", which further inputs stand beside.
    private static func bytes(_ nodes: [[UInt8]], _ weights: [[UInt8]], words: [String], beside further: [[UInt8]]) -> [UInt8] {
        let model = ONNXBytes.model(nodes: nodes, weights: weights, image: ONNXBytes.symbolic("image", words), known: [])
        // A second graph of the file adds to the first.
        return model + ONNXBytes.message { model in
            model.add(7, bytes: ONNXBytes.message { graph in for input in further { graph.add(11, bytes: input) } })
        }
    }

    private static func read(_ bytes: [UInt8], free: FreeSides) throws -> ImportedNetwork {
        let directory = try TemporaryDirectory()
        return try ImportedNetwork(contentsOf: directory.write(bytes, to: "model.onnx"), free: free)
    }

    @Test("may be of several inputs, whose sides the first settles")
    func severalInputs() throws {
        // Words, segments and a mask: names stand for how many there are.
        let nodes = [
            Self.microsoft("EmbedLayerNormalization", ["image", "part", "t", "p", "q", "g", "b", "mask"], outputs: ["x", "rows"]),
            Self.microsoft("Attention", ["x", "w", "", "rows"], "out", [.int("num_heads", 4)]),
        ]
        let weights = [Self.table, ONNXBytes.weights("w", [32, 96])] + Self.tables
        let further = ["part", "mask"].map { ONNXBytes.symbolic($0, ["batch", "rows"]) }
        let bytes = Self.bytes(nodes, weights, words: ["batch", "rows"], beside: further)
        let read = try Self.read(bytes, free: FreeSides(input: [2, 24]))
        #expect(read.network.macs == 2 * 24 * 32 * 96 + 2 * 2 * 4 * 24 * 24 * 8 && read.unknown.isEmpty)
        #expect(read.network.parameters == 3200 + 64 * 32 + 2 * 32 + 64 + 32 * 96)
        let other = Self.bytes(
            nodes, weights, words: ["batch", "rows"], beside: [further[0], ONNXBytes.symbolic("mask", ["batch", "places"])])
        let directory = try TemporaryDirectory()
        let path = try directory.write(other, to: "model.onnx")
        let found = invalidPlace { try ImportedNetwork(contentsOf: path, free: FreeSides(input: [2, 24])) }
        #expect(
            found?.sentence.contains(
                "input \"mask\": expected sides that are numbers or that \"image\" has too, found \"places\" at place 1") == true)
    }

    @Test("may be of a map and numbers before it", arguments: [["1"], ["batch", "2"], ["7", "2"]])
    func mapBesideNumbers(sides: [String]) throws {
        // The map has the most sides, whatever stands before it.
        let nodes = [
            Self.node("ReduceSum", ["first"], "s", [.int("keepdims", 0)]), Self.node("Conv", ["image", "w"], "c"),
            Self.node("Add", ["c", "s"]),
        ]
        let first = ONNXBytes.message { model in
            model.add(7, bytes: ONNXBytes.message { $0.add(11, bytes: ONNXBytes.symbolic("first", sides)) })
        }
        let bytes = first + ONNXBytes.model(nodes: nodes, weights: [ONNXBytes.weights("w", [6, 4, 1, 1])], input: [nil, 4, 8, 8])
        let read = try Self.read(bytes, free: FreeSides())
        #expect(read.network.macs == 64 * 24 && read.network.input == FeatureShape(height: 8, width: 8, channels: 4))
    }

    /// Rows "image" times a matrix, and a state whose sum is added.
    private static let withState = [
        node("MatMul", ["image", "w"], "m"), node("ReduceSum", ["state"], "s", [.int("keepdims", 0)]), node("Add", ["m", "s"]),
    ]

    @Test("may be of rows and a state with more sides, whose first is that of its layers")
    func rowsBesideState() throws {
        let bytes = Self.bytes(
            Self.withState, [ONNXBytes.weights("w", [16, 6])], words: ["batch", "16"],
            beside: [ONNXBytes.symbolic("state", ["2", "batch", "8"])])
        let one = try Self.read(bytes, free: FreeSides())
        #expect(one.network.macs == 96 && one.network.input.channels == 16)
        #expect(one.assumptions.contains { $0.contains("first side of input \"image\", and not that of input \"state\"") })
        let three = try Self.read(bytes, free: FreeSides(input: [3, 16]))
        #expect(three.network.macs == 3 * 96 && three.assumptions.isEmpty)
    }

    @Test("may be of inputs whose sides are given by their names")
    func namedInputs() throws {
        let bytes = Self.bytes(
            Self.withState, [ONNXBytes.weights("w", [16, 6])], words: ["rows", "values"],
            beside: [ONNXBytes.symbolic("state", ["2", "?", "8"])])
        for free in [FreeSides(input: [5, 16], named: ["state": [2, 5, 8]]), FreeSides(named: ["image": [5, 16], "state": [2, 5, 8]])] {
            #expect(try Self.read(bytes, free: free).network.macs == 5 * 96)
        }
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "model.onnx")
        let refused: [(FreeSides, says: String)] = [
            (FreeSides(), "input \"image\": expected all sides but the batch as numbers, found none at place 1; --input 1x128 settles"),
            (FreeSides(input: [1, 16]), "found \"?\" at place 1; --input state=2x128x8 settles them"),
            (FreeSides(input: [1, 16], named: ["state": [3, 1, 8]]), "\"state\": expected 2 at place 0, as the model has it, found 3"),
            (FreeSides(input: [1, 16], named: ["state": [2, 1]]), "\"state\": expected 3 sides in --input, found 2"),
            (FreeSides(named: ["other": [1]]), "expected the name of an input in --input, one of [image, state], found \"other\""),
        ]
        for (free, says) in refused {
            let found = invalidPlace { try ImportedNetwork(contentsOf: path, free: free) }?.sentence
            #expect(found?.contains(says) == true, "\(found ?? "read")")
        }
    }

    @Test("may begin with a side that has a name of its own, which is taken for the batch")
    func ownName() throws {
        let bytes = Self.bytes(
            Self.withState, [ONNXBytes.weights("w", [16, 6])], words: ["1", "16"], beside: [ONNXBytes.symbolic("state", ["samples"])])
        let sentence = "the first side of input \"state\", \"samples\", is taken for the batch"
        #expect(try Self.read(bytes, free: FreeSides()).assumptions == [sentence])
        #expect(try Self.read(bytes, free: FreeSides(named: ["state": [400]])).assumptions.isEmpty)
    }

    /// Values of an input without sides, and the multiply-accumulates of the branch that they choose; without a value, of the
    /// one that costs more.
    static let rates: [(Int?, macs: Int)] = [(5, 96), (4, 256 + 96), (nil, 256 + 96)]

    @Test("may be of an input without sides, whose value chooses a branch", arguments: rates.indices)
    func numberBesideRows(index: Int) throws {
        let (value, macs) = Self.rates[index]
        let short = ONNXBytes.graph("then_branch", nodes: [Self.node("MatMul", ["image", "w"], "a")], outputs: ["a"])
        let long = ONNXBytes.graph(
            "else_branch", nodes: [Self.node("MatMul", ["image", "u"], "b"), Self.node("MatMul", ["b", "w"], "c")], outputs: ["c"])
        let nodes = [Self.node("Equal", ["rate", "k"], "is"), Self.node("If", ["is"], "out", [short, long])]
        let weights = [
            ONNXBytes.weights("w", [16, 6]), ONNXBytes.weights("u", [16, 16]), ONNXBytes.numbers("k", [5], shape: []),
        ]
        let bytes = Self.bytes(nodes, weights, words: ["1", "16"], beside: [ONNXBytes.symbolic("rate", [])])
        let read = try Self.read(bytes, free: FreeSides(named: value.map { ["rate": [$0]] } ?? [:]))
        #expect(read.network.macs == macs && read.choices.isEmpty == (value != nil))
    }

    // MARK: - Recurrent layers

    @Test("that look at their state have weights for it", arguments: [1, 2])
    func peepholes(directions: Int) throws {
        // 16 rows of one value; 5 states. Input, output and forget gates look at the state.
        let recurrence = ONNXBytes.node(
            "LSTM", ["x", "w", "r", "b", "", "", "", "p"], ["out"],
            [.int("hidden_size", 5), .text("direction", directions == 1 ? "forward" : "bidirectional")])
        let nodes = [Self.node("Reshape", ["image", "rows"], "x"), recurrence]
        func weights(_ count: Int) -> [[UInt8]] {
            [
                ONNXBytes.integers("rows", [16, 1, 1]), ONNXBytes.weights("w", [directions, 20, 1]),
                ONNXBytes.weights("r", [directions, 20, 5]), ONNXBytes.weights("b", [directions, 40]),
                ONNXBytes.weights("p", [directions, count]),
            ]
        }
        let network = try Self.network(nodes, weights(15))
        #expect(network.parameters == directions * (20 * (1 + 5) + 40 + 15))
        #expect(network.macs == 16 * directions * 20 * (1 + 5))
        let found = try Self.problem(ONNXBytes.model(nodes: nodes, weights: weights(10), input: [1, 16]))
        #expect(
            found?.contains("(LSTM): expected peepholes of \(15 * directions) values, found [\(directions), 10]") == true)
    }
}
