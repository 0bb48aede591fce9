import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand from ONNX's specification, the shapes those of its own inference.
@Suite("Transforms and choices of values of ONNX models")
struct ImportedSignalTests: ReadsONNX {
    /// Nodes on a signal of [1, 64, 1] to "x", whose last side is given: a product with weights of [last side, 5] counts it.
    private static func rows(
        _ nodes: [[UInt8]], last: Int, _ weights: [[UInt8]] = [], opset: Int = 17
    ) throws -> (rows: Double, kinds: [Architectures.Operator.Kind]) {
        let network = try read(
            ONNXBytes.model(
                nodes: nodes + [node("MatMul", ["x", "k"])], weights: weights + [ONNXBytes.weights("k", [last, 5])],
                input: [1, 64, 1], opset: opset)
        ).network
        return (Double(network.macs) / Double(5 * last), network.layers.map { $0.operators[0].kind })
    }

    @Test("are Fourier transforms of a side, of half of its frequencies, and back")
    func transforms() throws {
        // 64 values in six passes.
        let whole = try Self.rows([Self.node("DFT", ["image"], "x")], last: 2)
        #expect(whole.rows == 64 && whole.kinds.filter { $0 == .function }.count == 6)
        let half = try Self.rows([Self.node("DFT", ["image"], "x", [.int("onesided", 1)])], last: 2)
        #expect(half.rows == 33)
        let long = [ONNXBytes.scalar("n", 100)]
        #expect(try Self.rows([Self.node("DFT", ["image", "n"], "x", [.int("axis", -2)])], last: 2, long).rows == 100)
        // Since opset 20, the axis is an input, and half of the frequencies become numbers.
        let there = Self.node("DFT", ["image", "", "axis"], "f", [.int("onesided", 1)])
        let back = Self.node("DFT", ["f", "", "axis"], "x", [.int("onesided", 1), .int("inverse", 1)])
        #expect(try Self.rows([there, back], last: 1, [ONNXBytes.scalar("axis", 1)], opset: 20).rows == 64)
        let found = try Self.problem(
            ONNXBytes.model(nodes: [Self.node("DFT", ["image"], "out", [.int("axis", 2)])], input: [1, 64, 1]))
        #expect(found?.contains("(DFT): axis 2 is that of the parts of complex numbers") == true)
    }

    @Test("are transforms of windows along a signal")
    func shortTimeTransforms() throws {
        // (64 - 16) / 8 + 1 windows of 16 values, which have 9 frequencies.
        let weights = [ONNXBytes.scalar("step", 8), ONNXBytes.scalar("length", 16)]
        let plain = try Self.rows([Self.node("STFT", ["image", "step", "", "length"], "x")], last: 2, weights)
        #expect(plain.rows == 7 * 9)
        let nodes = [Self.node("HannWindow", ["length"], "w"), Self.node("STFT", ["image", "step", "w"], "x", [.int("onesided", 0)])]
        let windowed = try Self.rows(nodes, last: 2, weights)
        #expect(windowed.rows == 7 * 16 && windowed.kinds.count == plain.kinds.count + 1)
    }

    @Test("that choose values by a constant have their number")
    func constantChoice() throws {
        let condition = ONNXBytes.message {
            $0.add(1, integer: 4)
            $0.add(2, integer: 9)
            $0.add(8, text: "c")
            $0.add(9, bytes: [1, 0, 1, 1])
        }
        func read(_ nodes: [[UInt8]], _ weights: [[UInt8]] = []) throws -> ImportedNetwork {
            try Self.read(ONNXBytes.model(nodes: nodes, weights: [condition] + weights, input: [1, 4, 8, 8]))
        }
        let channels = try read(
            [Self.node("Compress", ["image", "c"], "x", [.int("axis", 1)]), Self.node("Conv", ["x", "w"])],
            [ONNXBytes.weights("w", [6, 3, 1, 1])])
        #expect(channels.network.macs == 64 * 18 && channels.choices.isEmpty)
        // Of [4, 3, 9, 12, 5] all but the second and the last.
        let sides = try read(
            [
                Self.node("Compress", ["all", "c"], "s"), Self.node("Concat", ["one", "s"], "t", [.int("axis", 0)]),
                Self.node("Resize", ["image", "", "", "t"]),
            ], [ONNXBytes.integers("all", [4, 3, 9, 12, 5]), ONNXBytes.integers("one", [1])])
        #expect(sides.network.layers.last?.output == FeatureShape(height: 9, width: 12, channels: 4))
    }

    @Test("that choose values by the image are priced as if all were chosen, and say so")
    func openChoice() throws {
        let nodes = [
            Self.node("ReduceMean", ["image"], "m", [.ints("axes", [0, 2, 3]), .int("keepdims", 0)]),
            Self.node("Greater", ["m", "none"], "c"), Self.node("Compress", ["image", "c"], "x", [.int("axis", 1)]),
            Self.node("Conv", ["x", "w"]),
        ]
        let weights = [ONNXBytes.numbers("none", [0], shape: []), ONNXBytes.weights("w", [6, 4, 1, 1])]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8]))
        #expect(read.network.macs == 64 * 24 && read.unknown.isEmpty)
        #expect(read.choices == ["how many of 4 values node \"Compress 2\" (Compress) keeps depends on the image: all are priced"])
    }

    @Test("that choose boxes which do not overlap are priced as if all that may be were, and say so")
    func boxes() throws {
        // Four boxes of four sides, and the scores of two classes.
        let nodes = [
            Self.node("Reshape", ["image", "boxes"], "b"), Self.node("Slice", ["image", "first", "last", "side"], "half"),
            Self.node("Reshape", ["half", "scores"], "s"), Self.node("NonMaxSuppression", ["b", "s", "most"], "n"),
            Self.node("Cast", ["n"], "f", [.int("to", 1)]), Self.node("MatMul", ["f", "k"]),
        ]
        func read(_ most: Int) throws -> ImportedNetwork {
            let weights = [
                ONNXBytes.integers("boxes", [1, 4, 4]), ONNXBytes.integers("scores", [1, 2, 4]), ONNXBytes.integers("most", [most]),
                ONNXBytes.integers("first", [0]), ONNXBytes.integers("last", [8]), ONNXBytes.integers("side", [1]),
                ONNXBytes.weights("k", [3, 5]),
            ]
            return try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 16]))
        }
        let few = try read(3)
        #expect(few.network.macs == 2 * 3 * 3 * 5 && few.unknown.isEmpty)
        #expect(few.choices.first?.contains("(NonMaxSuppression) keeps depends on the image: 6 are priced") == true)
        #expect(try read(100).network.macs == 2 * 4 * 3 * 5)
    }
}
