import Exporter
import Testing
import TestSupport

/// ONNX Runtime 1.32 loads models of which nodes stand before those that they read.
@Suite("The order of nodes in ONNX models")
struct ImportedNodeOrderTests: ReadsONNX {
    private static let weights = [ONNXBytes.weights("w", [6, 4, 1, 1]), ONNXBytes.weights("v", [5, 6, 1, 1])]

    private static func model(_ nodes: [[UInt8]]) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8])
    }

    private static let first = node("Conv", ["cast", "w"], "x"), second = node("Conv", ["x", "v"])
    private static let cast = node("Cast", ["image"], "cast", [.int("to", 1)])

    @Test("does not matter, and nodes without a name keep the place that they have in the file")
    func appended() throws {
        let (cast, first, second) = (Self.cast, Self.first, Self.second)
        for nodes in [[cast, first, second], [first, second, cast], [second, first, cast], [second, cast, first]] {
            let network = try Self.read(Self.model(nodes)).network
            #expect(network.macs == 64 * (24 + 30) && network.classes == 5 * 64)
            #expect(network.layers.map(\.name) == [first, second].map { node in "Conv \(nodes.firstIndex(of: node) ?? -1)" })
        }
    }

    @Test("does not matter to a branch that reads what a later node writes")
    func branches() throws {
        let branch = ONNXBytes.graph("then_branch", nodes: [Self.node("Conv", ["x", "v"], "a")], outputs: ["a"])
        let other = ONNXBytes.graph("else_branch", nodes: [Self.node("Relu", ["x"], "b")], outputs: ["b"])
        let yes = ONNXBytes.message { tensor in
            tensor.add(2, integer: 9)
            tensor.add(8, text: "yes")
            tensor.add(9, bytes: [1])
        }
        let bytes = ONNXBytes.model(
            nodes: [Self.node("If", ["yes"], "out", [branch, other]), Self.first, Self.cast], weights: Self.weights + [yes],
            input: [1, 4, 8, 8])
        #expect(try Self.read(bytes).network.macs == 64 * (24 + 30))
    }

    @Test("is no way out for nodes that wait for each other")
    func circle() throws {
        let nodes = [Self.node("Add", ["image", "b"], "a"), Self.node("Relu", ["a"], "b"), Self.node("Relu", ["b"])]
        #expect(try Self.problem(Self.model(nodes))?.contains("which nothing before it writes") == true)
    }
}
