import Architectures
import Exporter
import Testing
import TestSupport

/// Right values are by hand from ONNX's changelog of its operators (docs/Changelog.md), versions 1 to 6.
@Suite("ONNX models of the first versions")
struct ImportedOlderTests: ReadsONNX {
    /// On an image of [1, 4, 8, 6].
    private static func model(_ nodes: [[UInt8]], _ weights: [[UInt8]] = [], opset: Int = 6) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 6], opset: opset)
    }

    @Test("say where the sides of a second value stand")
    func axis() throws {
        let gates = [
            Self.node("GlobalAveragePool", ["image"], "p"), Self.node("Reshape", ["p"], "g", [.ints("shape", [1, 4])]),
        ]
        func product(_ attributes: [ONNXBytes.Attribute]) -> [UInt8] {
            Self.model(gates + [Self.node("Mul", ["image", "g"], "out", attributes)], opset: 4)
        }
        let network = try Self.read(product([.int("broadcast", 1), .int("axis", 0)])).network
        #expect(network.layers.map { $0.operators[0].kind } == [.globalAveragePool, .multiply] && network.classes == 4 * 48)
        #expect(try Self.problem(product([.int("broadcast", 1), .int("axis", 4)]))?.contains("(Mul): axis 4 of 4 dimensions") == true)
        // Without an axis, the last sides fit each other.
        #expect(try Self.problem(product([.int("broadcast", 1)]))?.contains("[1, 4, 8, 6] and [1, 4] do not fit each other") == true)
    }

    @Test("have weights that stand along the channels")
    func channels() throws {
        let nodes = [
            Self.node("Conv", ["image", "w"], "c"), Self.node("Add", ["c", "b"], "s", [.int("broadcast", 1), .int("axis", 1)]),
            Self.node("PRelu", ["s", "a"]),
        ]
        let weights = [ONNXBytes.weights("w", [5, 4, 1, 1]), ONNXBytes.weights("b", [5]), ONNXBytes.weights("a", [5])]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 48 * 20 && network.parameters == 20 + 5 + 5 && network.classes == 5 * 48)
    }

    /// Nodes from "image" to "out", weights, a version, and how many values they leave.
    static let shapes: [([UInt8], [[UInt8]], opset: Int, count: Int)] = [
        (node("Concat", ["image", "image"]), [], 3, 2 * 4 * 48),
        (node("Upsample", ["image"], "out", [.float("height_scale", 2), .float("width_scale", 3)]), [], 1, 4 * 16 * 18),
        (
            node("Tile", ["image", "tiles", "axis"]),
            [ONNXBytes.numbers("tiles", [3], shape: []), ONNXBytes.numbers("axis", [1], shape: [])], 1, 3 * 4 * 48
        ),
        (node("Pad", ["image"], "out", [.ints("paddings", [0, 0, 1, 2, 0, 0, 1, 2])]), [], 1, 4 * 10 * 10),
        (node("Squeeze", ["image"], "out", [.ints("axes", [0])]), [], 1, 4 * 48),
    ]

    @Test("have attributes of other names", arguments: shapes.indices)
    func attributes(index: Int) throws {
        let (node, weights, opset, count) = Self.shapes[index]
        // A product of all that is left with one column.
        let nodes = [
            node, Self.node("Reshape", ["out"], "flat", [.ints("shape", [1, -1])]), Self.node("Gemm", ["flat", "k"], "last"),
        ]
        let bytes = ONNXBytes.model(
            nodes: nodes, weights: weights + [ONNXBytes.weights("k", [count, 1])], input: [1, 4, 8, 6], output: "last", opset: opset)
        #expect(try Self.read(bytes).network.macs == count)
    }

    @Test("name types in words")
    func types() throws {
        func layers(_ type: String) throws -> Int {
            let nodes = [Self.node("Cast", ["image"], "x", [.text("to", type)]), Self.node("Conv", ["x", "w"])]
            return try Self.read(Self.model(nodes, [ONNXBytes.weights("w", [5, 4, 1, 1])], opset: 5)).network.layers.count
        }
        // To float32, which it is, nothing is launched.
        #expect(try layers("FLOAT") == 1 && layers("FLOAT16") == 2)
    }
}
