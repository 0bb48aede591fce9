import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Models of a few bytes that ask for more than anything can hold, or for a time that does not follow from their length.
@Suite("Hostile ONNX models")
struct HostileONNXTests {
    private typealias Bytes = ONNXBytes

    private static func node(
        _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [Bytes.Attribute] = []
    ) -> [UInt8] {
        Bytes.node(kind, inputs, outputs, attributes)
    }

    /// Float32 values that the file does not hold.
    private static func external(_ name: String, _ shape: [Int]) -> [UInt8] {
        Bytes.message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: 1)
            tensor.add(8, text: name)
            tensor.add(14, integer: 1)
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let nodes: [[UInt8]]
        var weights: [[UInt8]] = []
        var input: [Int?] = [nil, 4, 8, 8]
        /// The node and a part of the sentence; nil for a model that is read.
        let says: (node: String, problem: String)?
    }

    private static let big = Int(Int32.max)

    static let cases = [
        Case(
            testDescription: "a transposed convolution to fewer sides than the map has",
            nodes: [node("ConvTranspose", ["image", "w"], ["out"], [.ints("output_shape", [16])])],
            weights: [external("w", [4, 4, 2, 2])],
            says: ("ConvTranspose 0", "expected an output_shape of 2 sides, found")),
        Case(
            testDescription: "an expansion to one value more than 64 bits count", nodes: [node("Expand", ["image", "s"], ["out"])],
            weights: [Bytes.integers("s", [274_177, 67_280_421_310_721])], input: [1, 1],
            says: ("Expand 0", "at most 2147483647 values")),
        Case(
            testDescription: "a padding by the least integer", nodes: [node("Pad", ["image", "p"], ["out"])],
            weights: [Bytes.integers("p", Array(repeating: .min, count: 8))],
            says: ("Pad 0", "expected 8 pads from -65536 to 65536")),
        Case(
            testDescription: "constants that double",
            nodes: (0..<40).map { node("Concat", ["c\($0)", "c\($0)"], ["c\($0 + 1)"], [.int("axis", 0)]) }
                + [node("Relu", ["image"], ["out"])],
            weights: [Bytes.integers("c0", Array(repeating: 1, count: 64))],
            says: ("Concat 24", "at most 2147483647 values")),
        Case(
            testDescription: "maps that double",
            nodes: (0..<40).map {
                node("Concat", [$0 == 0 ? "image" : "c\($0)", $0 == 0 ? "image" : "c\($0)"], ["c\($0 + 1)"], [.int("axis", 1)])
            }, says: ("Concat 22", "at most 2147483647 values")),
        Case(
            testDescription: "an empty constant whose other sides overflow",
            nodes: [node("Flatten", ["c"], ["f"], [.int("axis", 1)]), node("Relu", ["image"], ["out"])],
            weights: [external("c", [0, big, big, big])],
            says: ("c", "expected sides of at least 0 and at most 2147483647 values")),
        Case(
            testDescription: "an empty constant of which a shape is to be found",
            nodes: [node("Reshape", ["c", "s"], ["r"]), node("Relu", ["image"], ["out"])],
            weights: [external("c", [0, 3]), Bytes.integers("s", [0, -1])], says: ("Reshape 0", "do not fill")),
        Case(
            testDescription: "an empty constant that is split",
            nodes: [node("Split", ["c"], ["a", "b"], [.int("axis", 0)]), node("Relu", ["image"], ["out"])],
            weights: [external("c", [0, 3])], says: nil),
        Case(
            testDescription: "lists that grow by one value each",
            nodes: [node("SequenceConstruct", ["image"], ["s0"])]
                + (0..<200).map { node("SequenceInsert", ["s\($0)", "image"], ["s\($0 + 1)"]) } + [node("Relu", ["image"], ["out"])],
            // 1 + 2 + … + 180 = 16,290.
            says: ("SequenceInsert 180", "expected lists of at most 16384 values in all")),
        Case(
            testDescription: "numbers that are broadcast to a shape that the image does not fill",
            nodes: [
                node("Reshape", ["c", "column"], ["a"]), node("Reshape", ["c", "row"], ["b"]),
                node("Add", ["a", "b"], ["sum"]), node("Reshape", ["sum", "flat"], ["list"]),
                node("Slice", ["list", "from", "to"], ["part"]), node("Reshape", ["image", "part"], ["out"]),
            ],
            weights: [
                Bytes.integers("c", Array(repeating: 2, count: 8)), Bytes.integers("column", [8, 1]),
                Bytes.integers("row", [1, 8]), Bytes.integers("flat", [64]), Bytes.integers("from", [40]),
                Bytes.integers("to", [42]),
            ], says: ("Reshape 5", "256 values do not fill [4, 4]")),
        Case(
            testDescription: "a slice with the largest step",
            nodes: [
                node("Shape", ["image"], ["s"]), node("Slice", ["s", "from", "to", "axes", "steps"], ["h"]),
                node("Relu", ["image"], ["out"]),
            ],
            weights: [
                Bytes.integers("from", [.min]), Bytes.integers("to", [.max]), Bytes.integers("axes", [-1]),
                Bytes.integers("steps", [.max]),
            ], says: nil),
        Case(
            testDescription: "a convolution of many images as one",
            nodes: [
                node("Reshape", ["image", "many"], ["m"]),
                node("Conv", ["m", "w"], ["out"], [.text("auto_pad", "SAME_UPPER")]),
            ],
            weights: [Bytes.integers("many", [1 << 16, 1, 128, 128]), external("w", [1 << 15, 1, 128, 128])],
            input: [nil, 1 << 16, 128, 128], says: ("Conv 1", "at most 2147483647 values")),
        Case(
            testDescription: "the largest product that there is",
            nodes: [node("Conv", ["image", "w"], ["out"])], weights: [external("w", [big, 1, 1, 1])],
            input: [nil, 1, 1, 1], says: nil),
        Case(
            testDescription: "more products than can be counted",
            nodes: (0..<3).map {
                node("Conv", [$0 == 0 ? "image" : "c\($0)", "w"], [$0 == 2 ? "out" : "c\($0 + 1)"], [.text("auto_pad", "SAME_UPPER")])
            },
            weights: [external("w", [1, 1, 46_340, 46_340])], input: [nil, 1, 46_340, 46_340],
            says: ("Conv 2", "more multiply-accumulates than 64 bits hold")),
        Case(
            testDescription: "a side of a thousand million under a window for each channel",
            nodes: [
                node("Reshape", ["image", "s"], ["t"]),
                node("Conv", ["t", "w"], ["out"], [.int("group", 2), .ints("pads", [1, 1, 1, 1])]),
            ],
            weights: [Bytes.integers("s", [1, 2, 1 << 29, 1]), external("w", [2, 1, 3, 3])],
            input: [nil, 2, 1 << 15, 1 << 14], says: nil),
        Case(
            testDescription: "more dimensions than there are",
            nodes: [node("Reshape", ["image", "s"], ["t"]), node("Relu", ["t"], ["out"])],
            weights: [Bytes.integers("s", Array(repeating: 1, count: 33))],
            says: ("Reshape 0", "expected a shape of at most 32 sides")),
        Case(
            testDescription: "axes that make more dimensions than there are",
            nodes: [node("Unsqueeze", ["image"], ["out"], [.ints("axes", Array(0..<30))])],
            says: ("Unsqueeze 0", "expected at most 32 dimensions, found 34")),
        Case(
            testDescription: "a node that reads itself", nodes: [node("Add", ["image", "out"], ["out"])],
            says: ("Add 0", "reads \"out\", which nothing before it writes")),
        Case(
            testDescription: "a value that is written twice",
            nodes: [node("Exp", ["image"], ["a"]), node("Exp", ["a"], ["a"])],
            says: ("Exp 1", "writes \"a\", which something before it writes")),
        Case(
            testDescription: "more operators than any graph launches",
            nodes: (0..<17_000).map { node("Exp", [$0 == 0 ? "image" : "e\($0)"], ["e\($0 + 1)"]) },
            says: ("Exp 16384", "at most 16384 operators")),
        Case(
            testDescription: "a range of more values than there are",
            nodes: [node("Range", ["a", "b", "c"], ["r"]), node("Relu", ["image"], ["out"])],
            weights: [Bytes.scalar("a", 0), Bytes.scalar("b", .max), Bytes.scalar("c", 1)],
            says: ("Range 0", "expected at most 2147483647 values")),
        Case(
            testDescription: "a repetition by the largest integer", nodes: [node("Tile", ["image", "t"], ["out"])],
            weights: [Bytes.integers("t", [1, 1, .max, .max])], says: ("Tile 0", "expected 4 repeats")),
        Case(
            testDescription: "an interpolation to the largest integer",
            nodes: [node("Resize", ["image", "", "", "t"], ["out"])],
            weights: [Bytes.integers("t", [1, 4, .max, .max])], says: ("Resize 0", "at most 2147483647 values")),
        Case(
            testDescription: "a slice backwards by the least integer",
            nodes: [
                node("Slice", ["n", "from", "to", "axis", "step"], ["s"]), node("Reshape", ["image", "s"], ["out"]),
            ],
            weights: [
                Bytes.integers("n", [16, 16]), Bytes.integers("from", [.max]), Bytes.integers("to", [.min]),
                Bytes.integers("axis", [0]), Bytes.integers("step", [.min]),
            ], says: ("Reshape 1", "256 values do not fill [16]")),
        Case(
            testDescription: "a name of a million letters",
            nodes: [node(String(repeating: "n", count: 1_000_000), ["nothing"], ["out"])], says: ("nnn", "…")),
    ]

    @Test("are refused by the node, or read, in a time that follows from their length", arguments: cases)
    func hostile(model: Case) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            Bytes.model(nodes: model.nodes, weights: model.weights, input: model.input), to: "model.onnx")
        var sentence = ""
        let time = Processor.seconds {
            do {
                let network = try ImportedNetwork(contentsOf: path).network
                #expect(network.macs >= 0 && network.parameters >= 0)
            } catch {
                sentence = "\(error)"
            }
        }
        #expect(time < 1)
        #expect(sentence.utf8.count < 1000)
        if let says = model.says {
            #expect(sentence.hasPrefix("\(path): ") && sentence.contains("\"\(says.node)"), "\(sentence)")
            #expect(sentence.contains(says.problem), "\(sentence)")
        } else {
            #expect(sentence.isEmpty)
        }
    }

    /// Every node looks at all that read its input, or at all kinds before it, in a reader that is careless.
    @Test("of twice as many nodes take about twice as long")
    func linear() throws {
        func pairs(_ count: Int) -> [UInt8] {
            Bytes.model(
                nodes: (0..<count).flatMap { index in
                    [
                        Self.node("Sigmoid", ["image"], ["s\(index)"]),
                        Self.node("Mul", ["image", "s\(index)"], ["m\(index)"]),
                    ]
                }, input: [nil, 4, 8, 8], output: "m0")
        }
        func kinds(_ count: Int) -> [UInt8] {
            Bytes.model(
                nodes: (0..<count).map { Self.node("Kind\($0)", ["image"], ["k\($0)"]) }, input: [nil, 4, 8, 8],
                output: "k0")
        }
        func fan(_ count: Int) -> [UInt8] {
            let names = (0..<count).map { "s\($0)" }
            return Bytes.model(
                nodes: names.map { Self.node("Sigmoid", ["image"], [$0]) } + [Self.node("Mul", names, ["out"])],
                input: [nil, 4, 8, 8])
        }
        let directory = try TemporaryDirectory()
        for make in [pairs, kinds, fan] {
            func seconds(_ count: Int) throws -> Double {
                let path = try directory.write(make(count), to: "model.onnx")
                return (0..<3).map { _ in
                    Processor.seconds { _ = try? ImportedNetwork(contentsOf: path).network }
                }.min() ?? 0
            }
            let few = try seconds(1500), many = try seconds(12_000)
            // Eight times as many; with their square it would be 64 times as long.
            #expect(many < 28 * few + 0.02, "\(few) s, \(many) s")
        }
    }
}
