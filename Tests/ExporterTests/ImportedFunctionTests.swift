import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are those of ONNX's own evaluation (onnx.reference), of numbers far from where a rounding changes them.
@Suite("Functions of constants in ONNX models")
struct ImportedFunctionTests: ReadsONNX {
    /// A function, what it reads, and the sides that are 97 times what it makes of that, without its sign, rounded up.
    static let functions: [(String, [ONNXBytes.Attribute], [Float], height: Int, width: Int)] = [
        ("Sigmoid", [], [-0.3, 0.6], 42, 63), ("Erf", [], [-0.3, 0.6], 32, 59), ("Tanh", [], [-0.3, 0.6], 29, 53),
        ("Sin", [], [-0.3, 0.6], 29, 55), ("Cos", [], [-0.3, 0.6], 93, 81), ("Tan", [], [-0.2, 0.6], 20, 67),
        ("Asin", [], [-0.3, 0.6], 30, 63), ("Acos", [], [-0.3, 0.6], 182, 90), ("Atan", [], [-0.3, 0.6], 29, 53),
        ("Sinh", [], [-0.3, 0.6], 30, 62), ("Cosh", [], [-0.3, 0.7], 102, 122), ("Asinh", [], [-0.3, 0.6], 29, 56),
        ("Acosh", [], [1.3, 2.6], 74, 157), ("Atanh", [], [-0.2, 0.6], 20, 68), ("Softplus", [], [-0.3, 0.6], 54, 101),
        ("Softsign", [], [-0.3, 0.6], 23, 37), ("Mish", [], [-0.3, 0.6], 15, 46), ("HardSwish", [], [-0.3, 0.6], 14, 35),
        ("HardSigmoid", [], [-0.3, 0.6], 43, 61), ("LeakyRelu", [], [-0.3, 0.6], 1, 59), ("Elu", [], [-0.3, 0.6], 26, 59),
        ("Selu", [], [-0.3, 0.6], 45, 62), ("Celu", [], [-0.3, 0.6], 26, 59), ("Gelu", [], [-0.3, 0.6], 12, 43),
        ("Gelu", [.text("approximate", "tanh")], [-0.3, 0.6], 12, 43),
        ("HardSigmoid", [.float("alpha", 0.3), .float("beta", 0.1)], [-0.1, 0.6], 7, 28),
        ("ThresholdedRelu", [.float("alpha", 0.1)], [0.15, 0.6], 15, 59),
        ("Shrink", [.float("lambd", 0.1), .float("bias", 0.05)], [-0.3, 0.6], 25, 54),
        ("LeakyRelu", [.float("alpha", 0.5)], [-0.3, 0.6], 15, 59), ("Elu", [.float("alpha", 2)], [-0.3, 0.6], 51, 59),
        ("Celu", [.float("alpha", 2)], [-0.3, 0.6], 28, 59),
        ("Selu", [.float("alpha", 2), .float("gamma", 1.2)], [-0.3, 0.6], 61, 70),
    ]

    /// The image resized by sides that follow from "f", which is two numbers.
    private static func resized(_ nodes: [[UInt8]], _ weights: [[UInt8]]) throws -> FeatureShape? {
        let end = [
            node("Mul", ["f", "scale"], "m"), node("Abs", ["m"], "a"), node("Ceil", ["a"], "c"),
            node("Cast", ["c"], "i", [.int("to", 7)]), node("Concat", ["front", "i"], "sides", [.int("axis", 0)]),
            node("Resize", ["image", "", "", "sides"]),
        ]
        let own = [ONNXBytes.numbers("scale", [97], shape: []), ONNXBytes.integers("front", [1, 4])]
        let bytes = ONNXBytes.model(nodes: nodes + end, weights: weights + own, input: [1, 4, 8, 8], opset: 20)
        return try read(bytes).network.layers.last?.output
    }

    @Test("are computed where a side follows from them", arguments: functions.indices)
    func numbers(index: Int) throws {
        let (name, attributes, numbers, height, width) = Self.functions[index]
        let output = try Self.resized([Self.node(name, ["n"], "f", attributes)], [ONNXBytes.numbers("n", numbers)])
        #expect(output == FeatureShape(height: height, width: width, channels: 4), "\(name)")
    }

    /// A function of two lists, and the same of what it makes of them.
    static let pairs: [(String, [Float], [Float], height: Int, width: Int)] = [
        ("PRelu", [-0.3, 0.6], [0.5], 15, 59), ("Pow", [0.3, 0.6], [0.33], 66, 82),
    ]

    @Test("of two numbers are computed where a side follows from them", arguments: pairs.indices)
    func numberPairs(index: Int) throws {
        let (name, numbers, others, height, width) = Self.pairs[index]
        let output = try Self.resized(
            [Self.node(name, ["n", "o"], "f")], [ONNXBytes.numbers("n", numbers), ONNXBytes.numbers("o", others)])
        #expect(output == FeatureShape(height: height, width: width, channels: 4), "\(name)")
    }

    @Test("of bits are computed where a side follows from them", arguments: [
        ("BitwiseAnd", 5, 6), ("BitwiseOr", 15, 23), ("BitwiseXor", 10, 17),
    ])
    func bits(name: String, height: Int, width: Int) throws {
        let nodes = [
            Self.node(name, ["n", "seven"], "i"), Self.node("Concat", ["front", "i"], "sides", [.int("axis", 0)]),
            Self.node("Resize", ["image", "", "", "sides"]),
        ]
        let weights = [
            ONNXBytes.integers("n", [13, 22]), ONNXBytes.integers("seven", [7]), ONNXBytes.integers("front", [1, 4]),
        ]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8], opset: 18))
        #expect(read.network.layers.last?.output == FeatureShape(height: height, width: width, channels: 4))
    }

    @Test("that have no number there give no side")
    func outside() throws {
        let nodes = [
            Self.node("Asin", ["n"], "f"), Self.node("Cast", ["f"], "i", [.int("to", 7)]),
            Self.node("Concat", ["front", "i"], "sides", [.int("axis", 0)]), Self.node("Resize", ["image", "", "", "sides"]),
        ]
        let weights = [ONNXBytes.numbers("n", [0.5, 2]), ONNXBytes.integers("front", [1, 4])]
        let found = try Self.problem(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8]))
        #expect(found?.contains("because node \"Asin 0\" (Asin) cannot be computed") == true)
    }
}
