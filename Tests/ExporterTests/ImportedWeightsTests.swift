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
