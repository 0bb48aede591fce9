import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right numbers of parameters are those of the tensors that a file stores, each once.
@Suite("Weights of ONNX models")
struct ImportedWeightsTests: ReadsONNX {
    /// On an image of [1, 4, 8, 8].
    private static func network(_ nodes: [[UInt8]], _ weights: [[UInt8]]) throws -> Network {
        try read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8])).network
    }

    /// A tensor of an attribute named "value".
    private static func constant(_ name: String, _ tensor: [UInt8]) -> [UInt8] {
        ONNXBytes.node("Constant", [], [name], [.tensor("value", tensor)])
    }

    static let tied: [(String, [[UInt8]], macs: Int, parameters: Int)] = [
        ("under another name", [
            node("Identity", ["w"], "v"), node("MatMul", ["image", "w"], "x"), node("MatMul", ["x", "v"]),
        ], 2 * 32 * 64, 64),
        ("transposed", [
            node("Transpose", ["w"], "v", [.ints("perm", [1, 0])]), node("MatMul", ["image", "w"], "x"), node("MatMul", ["x", "v"]),
        ], 2 * 32 * 64, 64),
        ("as a convolution's too", [
            node("Reshape", ["w", "sides"], "v"), node("MatMul", ["image", "w"], "x"), node("Conv", ["x", "v"]),
        ], 32 * 64 + 64 * 64, 64),
    ]

    @Test("that two operators read count once, in whatever shape", arguments: tied.indices)
    func ties(index: Int) throws {
        let (name, nodes, macs, parameters) = Self.tied[index]
        let found = try Self.network(nodes, [ONNXBytes.weights("w", [8, 8]), ONNXBytes.integers("sides", [16, 4, 1, 1])])
        #expect(found.macs == macs && found.parameters == parameters, "\(name)")
    }

    @Test("that two operators read count once, and what each has of its own counts")
    func sharedHeads() throws {
        let weights = ["b", "c", "s", "t", "m"].map { ONNXBytes.weights($0, [4]) } + [ONNXBytes.weights("w", [4, 4, 1, 1])]
        let biases = [Self.node("Conv", ["image", "w", "b"], "x"), Self.node("Conv", ["x", "w", "c"])]
        #expect(try Self.network(biases, weights).parameters == 16 + 4 + 4)
        #expect(try Self.network([biases[0], Self.node("Conv", ["x", "w", "b"])], weights).parameters == 16 + 4)
        let normalized = [
            Self.node("Conv", ["image", "w"], "x"), Self.node("BatchNormalization", ["x", "s", "b", "m", "m"], "y"),
            Self.node("Conv", ["y", "w"], "z"), Self.node("BatchNormalization", ["z", "t", "c", "m", "m"]),
        ]
        let network = try Self.network(normalized, weights)
        #expect(network.parameters == 16 + 8 + 8 && network.layers.count == 2)
    }

    @Test("that are nodes count like those that are not")
    func nodes() throws {
        let nodes = [
            Self.constant("w", ONNXBytes.weights("", [6, 4, 1, 1])), Self.constant("b", ONNXBytes.weights("", [6])),
            Self.node("Conv", ["image", "w", "b"]),
        ]
        #expect(try Self.network(nodes, []).parameters == 24 + 6)
    }

    // MARK: - Computed from others

    /// Nodes that compute the weights "v" of a convolution of "image" to six channels, and how many values they come from.
    static let computed: [(String, [[UInt8]], parameters: Int)] = [
        // A direction of each output, and its length (Salimans and Kingma, 2016, arXiv:1602.07868).
        ("by a weight normalisation", [
            node("ReduceL2", ["w"], "n", [.ints("axes", [1, 2, 3])]), node("Div", ["w", "n"], "d"), node("Mul", ["d", "g"], "v"),
        ], 24 + 6),
        ("by a standardisation", [
            node("ReduceMean", ["w"], "m", [.ints("axes", [1, 2, 3])]), node("Sub", ["w", "m"], "v"),
        ], 24),
        // The factors count, the statistics do not (Qiao et al., 2019, arXiv:1903.10520, as timm writes it).
        ("by a batch normalisation with statistics of their own", [
            constant("z", ONNXBytes.weights("", [6])), node("Reshape", ["w", "rows"], "r"),
            node("ReduceMean", ["r"], "m", [.ints("axes", [0, 2])]), node("BatchNormalization", ["r", "g", "z", "m", "m"], "n"),
            node("Reshape", ["n", "sides"], "v"),
        ], 24 + 6),
        ("by a normalisation of each output's", [
            constant("o", ONNXBytes.weights("", [6])), node("Reshape", ["w", "rows"], "r"),
            node("InstanceNormalization", ["r", "o", "o"], "n"), node("Reshape", ["n", "sides"], "v"),
        ], 24),
        ("by a quantisation and its inverse", [
            node("QuantizeLinear", ["w", "s"], "q"), node("DequantizeLinear", ["q", "s"], "v"),
        ], 24),
        ("as the sum of two branches", [node("Add", ["w", "u"], "v")], 24 + 24),
        ("of one kernel for all", [node("Expand", ["k", "sides"], "v")], 4),
        ("of a part", [node("Slice", ["long", "first", "last"], "v")], 24),
        // Nobody knows what a node holds; the weights count as they are.
        ("of a node", [constant("c", ONNXBytes.weights("", [6, 4, 1, 1])), node("Mul", ["c", "g"], "v")], 24),
    ]

    @Test("that are computed from others count as these do", arguments: computed.indices)
    func computedFromOthers(index: Int) throws {
        let (name, nodes, parameters) = Self.computed[index]
        let weights = [
            ONNXBytes.weights("w", [6, 4, 1, 1]), ONNXBytes.weights("u", [6, 4, 1, 1]), ONNXBytes.weights("g", [6, 1, 1, 1]),
            ONNXBytes.numbers("s", [0.1], shape: []), ONNXBytes.weights("k", [1, 4, 1, 1]), ONNXBytes.weights("b", [6]),
            ONNXBytes.integers("sides", [6, 4, 1, 1]), ONNXBytes.weights("long", [8, 4, 1, 1]), ONNXBytes.integers("first", [0]),
            ONNXBytes.integers("last", [6]), ONNXBytes.integers("rows", [1, 6, 4]),
        ]
        let network = try Self.network(nodes + [Self.node("Conv", ["image", "v", "b"])], weights)
        #expect(network.parameters == parameters + 6 && network.macs == 64 * 24, "\(name)")
        // Twice the same weights, and a bias of each.
        let twice = nodes + [
            Self.node("Conv", ["image", "v", "b"], "x"), Self.node("Conv", ["image", "v", "e"], "y"), Self.node("Add", ["x", "y"]),
        ]
        #expect(try Self.network(twice, weights + [ONNXBytes.weights("e", [6])]).parameters == parameters + 6 + 6, "\(name)")
    }

    @Test("whose parts several operators read count once, whole")
    func parts() throws {
        let nodes = [
            ONNXBytes.node("Split", ["w"], ["p", "q", "r"]), Self.node("Conv", ["image", "p"], "x"), Self.node("Conv", ["x", "q"], "y"),
            Self.node("Conv", ["y", "r"]),
        ]
        #expect(try Self.network(nodes, [ONNXBytes.weights("w", [12, 4, 1, 1])]).parameters == 48)
    }

    @Test("that are products of others count both of these, and what is added to them")
    func products() throws {
        // A matrix, and a change of it of rank 2 (Hu et al., 2021, arXiv:2106.09685).
        let product = Self.node("MatMul", ["p", "q"], "c"), last = Self.node("MatMul", ["image", "v"])
        let weights = [ONNXBytes.weights("p", [8, 2]), ONNXBytes.weights("q", [2, 5]), ONNXBytes.weights("w", [8, 5])]
        let alone = try Self.network([product, Self.node("MatMul", ["image", "c"])], weights)
        #expect(alone.parameters == 16 + 10 && alone.macs == 8 * 2 * 5 + 32 * 8 * 5)
        #expect(try Self.network([product, Self.node("Add", ["w", "c"], "v"), last], weights).parameters == 16 + 10 + 40)
        #expect(try Self.network([product, Self.node("Div", ["w", "c"], "v"), last], weights).parameters == 16 + 10 + 40)
    }

    // MARK: - Added to maps

    /// Nodes from the map "x" [1, 4, 8, 8] on, and how many values they have that are trained.
    static let tables: [(String, [[UInt8]], parameters: Int)] = [
        ("class tokens and positions", [
            node("Reshape", ["x", "flat"], "f"), node("Transpose", ["f"], "t", [.ints("perm", [0, 2, 1])]),
            node("Concat", ["token", "t"], "j", [.int("axis", 1)]), node("Add", ["j", "positions"]),
        ], 4 + 65 * 4),
        ("class tokens for each image", [
            node("Reshape", ["x", "flat"], "f"), node("Transpose", ["f"], "t", [.ints("perm", [0, 2, 1])]),
            node("Expand", ["token", "three"], "e"), node("Concat", ["e", "t"], "out", [.int("axis", 1)]),
        ], 4),
        ("positions of a map", [node("Add", ["grid", "x"])], 4 * 64),
        ("the scales of a layer", [node("Mul", ["x", "scales"])], 4),
        ("numbers of their own", [node("Mul", ["x", "one"], "y"), node("Add", ["y", "one"])], 0),
        // Sixty-four values of ten that are trained.
        ("relative positions", [
            node("Gather", ["ten", "places"], "g"), node("Reshape", ["g", "square"], "r"), node("Add", ["x", "r"], "y"),
            node("Softmax", ["y"]),
        ], 10),
        ("a mask", [node("Add", ["x", "mask"], "y"), node("Softmax", ["y"])], 0),
        ("a mask in parts of heads", [
            node("Add", ["x", "mask"], "y"), node("Reshape", ["y", "heads"], "z"), node("Softmax", ["z"]),
        ], 0),
        ("factors of single values", [node("Mul", ["x", "mask"])], 0),
    ]

    @Test("that are added to a map or joined with it count; masks of attention do not", arguments: tables.indices)
    func addedTables(index: Int) throws {
        let (name, nodes, parameters) = Self.tables[index]
        let weights = [
            ONNXBytes.weights("w", [4, 4, 1, 1]), ONNXBytes.weights("token", [1, 1, 4]), ONNXBytes.weights("positions", [1, 65, 4]),
            ONNXBytes.weights("grid", [1, 4, 8, 8]), ONNXBytes.weights("scales", [4, 1, 1]), ONNXBytes.numbers("one", [1]),
            ONNXBytes.weights("ten", [10]), ONNXBytes.integers("places", (0..<64).map { $0 % 10 }), ONNXBytes.weights("mask", [8, 8]),
            ONNXBytes.integers("flat", [1, 4, 64]), ONNXBytes.integers("three", [1, 3, 4]), ONNXBytes.integers("square", [8, 8]),
            ONNXBytes.integers("heads", [4, 1, 8, 8]),
        ]
        #expect(try Self.network([Self.node("Conv", ["image", "w"], "x")] + nodes, weights).parameters == 16 + parameters, "\(name)")
    }

    @Test("that shift and scale the channels of the image are its normalisation")
    func normalization() throws {
        let nodes = [
            Self.node("Mul", ["image", "s"], "x"), Self.node("Add", ["x", "s"], "y"),
            Self.node("Transpose", ["y"], "z", [.ints("perm", [0, 1, 3, 2])]), Self.node("Add", ["z", "s"], "a"),
            Self.node("Conv", ["a", "w"]),
        ]
        let weights = [ONNXBytes.weights("s", [4, 1, 1]), ONNXBytes.weights("w", [4, 4, 1, 1])]
        #expect(try Self.network(nodes, weights).parameters == 16)
    }

    @Test("that are a bias of one value for all columns count one")
    func shortBias() throws {
        let nodes = [Self.node("Reshape", ["image", "rows"], "x"), Self.node("Gemm", ["x", "w", "b"])]
        let weights = [ONNXBytes.integers("rows", [32, 8]), ONNXBytes.weights("w", [8, 5]), ONNXBytes.weights("b", [1])]
        #expect(try Self.network(nodes, weights).parameters == 40 + 1)
    }

    @Test("that lists of a batch have in common count once")
    func commonMatrices() throws {
        // Two lists of four rows each, times the same four matrices.
        let nodes = [Self.node("Reshape", ["image", "lists"], "x"), Self.node("MatMul", ["x", "w"])]
        let network = try Self.network(nodes, [ONNXBytes.integers("lists", [2, 4, 4, 8]), ONNXBytes.weights("w", [4, 8, 5])])
        #expect(network.macs == 2 * 4 * 4 * 8 * 5 && network.parameters == 4 * 8 * 5)
    }

    @Test("that follow from the image are none of the file's")
    func computedWeights() throws {
        // The first six rows of [64, 4, 1, 1].
        let nodes = [
            Self.node("Reshape", ["image", "rows"], "r"), Self.node("Slice", ["r", "first", "last"], "v"),
            Self.node("Conv", ["image", "v", "b"]),
        ]
        let weights = [
            ONNXBytes.integers("rows", [64, 4, 1, 1]), ONNXBytes.integers("first", [0]), ONNXBytes.integers("last", [6]),
            ONNXBytes.weights("b", [6]),
        ]
        let network = try Self.network(nodes, weights)
        #expect(network.macs == 64 * 24 && network.parameters == 6)
    }

    @Test("of eight bits count their bytes where they are transposed too")
    func transposedBytes() throws {
        let tensor = ONNXBytes.message { tensor in
            for side in [5, 8] { tensor.add(1, integer: side) }
            tensor.add(2, integer: 3)
            tensor.add(8, text: "w")
            tensor.add(9, bytes: [UInt8](repeating: 0, count: 40))
        }
        let nodes = [
            Self.node("DequantizeLinear", ["w", "s"], "v"), Self.node("Transpose", ["v"], "t", [.ints("perm", [1, 0])]),
            Self.node("MatMul", ["image", "t"]),
        ]
        let step = try #require(
            Self.network(nodes, [tensor, ONNXBytes.numbers("s", [0.1], shape: [])]).layers.last?.operators.last)
        #expect(step.weightBytes(of: .float32) == 40 && step.macs == 32 * 40)
    }
}
