import Architectures
import Exporter
import Testing
import TestSupport

/// Right values are by hand from the shapes that ONNX Runtime 1.32 gave for models which it saved itself.
@Suite("Maps of channels in blocks in ONNX models")
struct ImportedBlockTests: ReadsONNX {
    private static func blocked(
        _ kind: String, _ inputs: [String], _ output: String = "out", _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        node(kind, inputs, output, attributes) + ONNXBytes.message { $0.add(7, text: "com.microsoft.nchwc") }
    }

    /// On an image of [1, 24, 8, 8].
    private static func model(_ nodes: [[UInt8]], _ weights: [[UInt8]]) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 24, 8, 8])
    }

    private static let padded: [ONNXBytes.Attribute] = [.ints("pads", [1, 1, 1, 1]), .int("group", 1)]

    @Test("are those of their weights, and leave as many channels as the file says")
    func convolution() throws {
        // Blocks of 16: 24 channels fill two, and so do 18.
        let nodes = [
            Self.blocked("ReorderInput", ["image"], "x", [.int("channels_last", 0)]),
            Self.blocked("Conv", ["x", "w", "b"], "y", Self.padded + [.text("activation", "Relu")]),
            Self.blocked("ReorderOutput", ["y"], "out", [.int("channels", 18)]),
        ]
        let weights = [ONNXBytes.weights("w", [32, 32, 3, 3]), ONNXBytes.weights("b", [32])]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.macs == 64 * 32 * 32 * 9 && read.network.parameters == 32 * 32 * 9 + 32)
        #expect(read.network.classes == 18 * 64 && read.unknown.isEmpty && read.assumptions.count == 1)
        #expect(read.network.layers.contains { $0.operators[0].activation == .relu })
    }

    @Test("have convolutions of single channels, of images that lie in no blocks, and of a map with a sum")
    func otherConvolutions() throws {
        // A map that lies in no blocks yet is read as it is.
        let direct = try Self.read(Self.model([Self.blocked("Conv", ["image", "w"])], [ONNXBytes.weights("w", [16, 24, 1, 1])]))
        #expect(direct.network.macs == 64 * 16 * 24)
        let nodes = [
            Self.blocked("ReorderInput", ["image"], "x"),
            Self.blocked("Conv", ["x", "d"], "y", [.int("group", 32), .ints("pads", [1, 1, 1, 1])]),
            Self.blocked("Conv", ["y", "w", "", "y"], "out"),
        ]
        let weights = [ONNXBytes.weights("d", [32, 1, 3, 3]), ONNXBytes.weights("w", [32, 32, 1, 1])]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 64 * 32 * 9 + 64 * 32 * 32 && network.layers.last?.operators.last?.kind == .add)
    }

    /// Nodes from the map "x" of [1, 24, 8, 8], and how many values they leave.
    static let others: [(kind: String, [ONNXBytes.Attribute], Int, Architectures.Operator.Kind)] = [
        ("MaxPool", [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])], 24 * 16, .maxPool),
        ("AveragePool", [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])], 24 * 16, .averagePool),
        ("GlobalAveragePool", [], 24, .globalAveragePool), ("GlobalMaxPool", [], 24, .maxPool),
        ("Upsample", [.ints("scales", [1, 1, 2, 2])], 24 * 256, .resize),
    ]

    @Test("have pools, and pixels that become several", arguments: others.indices)
    func windows(index: Int) throws {
        let (kind, attributes, count, launched) = Self.others[index]
        let nodes = [Self.blocked("ReorderInput", ["image"], "x"), Self.blocked(kind, ["x"], "out", attributes)]
        let network = try Self.read(Self.model(nodes, [])).network
        #expect(network.classes == count && network.layers.last?.operators.last?.kind == launched)
    }

    @Test("come from maps whose channels stand last, and become such")
    func channelsLast() throws {
        // [1, 8, 24, 8]: the last side is that of the channels.
        let nodes = [
            Self.node("Transpose", ["image"], "t", [.ints("perm", [0, 2, 1, 3])]),
            Self.blocked("ReorderInput", ["t"], "x", [.int("channels_last", 1)]),
            Self.blocked("Conv", ["x", "w"], "y"),
            Self.blocked("ReorderOutput", ["y"], "z", [.int("channels", 5), .int("channels_last", 1)]),
            Self.node("MatMul", ["z", "m"]),
        ]
        let weights = [ONNXBytes.weights("w", [8, 8, 1, 1]), ONNXBytes.weights("m", [5, 3])]
        let network = try Self.read(Self.model(nodes, weights)).network
        #expect(network.macs == 8 * 24 * 64 + 8 * 24 * 15 && network.classes == 8 * 24 * 3)
    }

    @Test("are refused where weights or channels do not fit, by the name of the node")
    func refused() throws {
        let into = Self.blocked("ReorderInput", ["image"], "x")
        let wide = Self.model([into, Self.blocked("Conv", ["x", "w"])], [ONNXBytes.weights("w", [16, 48, 1, 1])])
        #expect(
            try Self.problem(wide)?.contains(
                "(com.microsoft.nchwc.Conv): weights [16, 48, 1, 1] in 1 groups do not fit a map of 24 channels") == true)
        let more = Self.model([into, Self.blocked("ReorderOutput", ["x"], "out", [.int("channels", 25)])], [])
        #expect(
            try Self.problem(more)?.contains(
                "(com.microsoft.nchwc.ReorderOutput): 25 channels do not fit a map [1, 24, 8, 8]") == true)
    }
}
