import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand from ONNX's specification, and those of ONNX's own evaluation (onnx.reference).
@Suite("Values that ONNX models keep")
struct ImportedSelectionTests: ReadsONNX {
    /// Every third of 1,024 truth values holds: 342 of them.
    private static let mask = ONNXBytes.message { tensor in
        tensor.add(1, integer: 1024)
        tensor.add(2, integer: 9)
        tensor.add(8, text: "mask")
        tensor.add(9, bytes: (0..<1024).map { $0 % 3 == 0 ? 1 : 0 })
    }
    private static let weights = [
        ONNXBytes.integers("list", [1, 1024, 1]), ONNXBytes.integers("square", [32, 32]), ONNXBytes.integers("zero", [0]),
        ONNXBytes.integers("many", [1000]), ONNXBytes.weights("k", [1, 7]), ONNXBytes.weights("floats", [1024]), mask,
    ]

    /// The places of "m" of an image of 1,024 values, times 7 weights.
    private static func picked(_ nodes: [[UInt8]]) -> [UInt8] {
        let end = [
            node("NonZero", ["m"], "n"), node("Squeeze", ["n", "zero"], "p"), node("Reshape", ["image", "list"], "x"),
            node("Gather", ["x", "p"], "y", [.int("axis", 1)]), node("MatMul", ["y", "k"]),
        ]
        return ONNXBytes.model(nodes: nodes + end, weights: weights, input: [1, 1, 32, 32])
    }

    static let masks: [(String, [[UInt8]], Int)] = [
        ("stored", [node("Identity", ["mask"], "m")], 342), ("the others of a stored one", [node("Not", ["mask"], "m")], 682),
        ("stored as numbers", [node("Cast", ["mask"], "m", [.int("to", 7)])], 342),
        ("of other sides", [
            node("Reshape", ["mask", "square"], "s"), node("Transpose", ["s"], "t"), node("Flatten", ["t"], "f", [.int("axis", 0)]),
            node("Squeeze", ["f", "zero"], "m"),
        ], 342),
        ("filled with ones", [
            node("ConstantOfShape", ["many"], "m", [.tensor("value", ONNXBytes.integers("", [1]))]),
        ], 1000),
    ]

    @Test("of a constant that is expanded to a shape which does not fit it, as the file states, is refused")
    func expansionThatDoesNotFit() {
        for stated in [[5], [2, 5], [2]] {
            #expect {
                try Self.read(ONNXBytes.model(
                    nodes: [
                        Self.node("Cast", ["image"], "i", [.int("to", 7)]), Self.node("Reshape", ["i", "flat"], "s"),
                        Self.node("Expand", ["c", "s"], "y"), Self.node("Relu", ["image"]),
                    ],
                    weights: [ONNXBytes.integers("flat", [2]), ONNXBytes.numbers("c", [1, 2, 3])], input: [1, 1, 1, 2],
                    known: [ONNXBytes.value("y", stated)]))
            } throws: { "\($0)".contains("which the file states") }
        }
    }

    @Test("by a long constant are as many as hold in it", arguments: masks.indices)
    func longMasks(index: Int) throws {
        let (name, nodes, count) = Self.masks[index]
        let read = try Self.read(Self.picked(nodes))
        #expect(read.network.macs == count * 7 && read.choices.isEmpty && read.unknown.isEmpty, "\(name)")
    }

    @Test("by a constant that is not counted are refused with its name")
    func uncounted() throws {
        let found = try Self.problem(Self.picked([Self.node("Identity", ["floats"], "m")]))
        #expect(
            found?.contains(
                "node \"NonZero 1\" (NonZero): how many values are not 0 is not known, because initializer \"floats\" cannot be "
                    + "computed") == true)
    }

    @Test("of constants of several sides are the right ones")
    func keptSides() throws {
        func truths(_ name: String, _ values: [UInt8]) -> [UInt8] {
            ONNXBytes.message { tensor in
                tensor.add(1, integer: values.count)
                tensor.add(2, integer: 9)
                tensor.add(8, text: name)
                tensor.add(9, bytes: values)
            }
        }
        let weights = [
            ONNXBytes.integers("list", [1, 2, 3, 4, 5, 6]), ONNXBytes.integers("rows", [3, 2]), truths("some rows", [1, 0, 1]),
            truths("some values", [0, 0, 0, 0, 1, 1]),
        ]
        // Of [[1, 2], [3, 4], [5, 6]], the products [1 · 5, 2 · 6] of two rows, and the last two values.
        let kept: [(nodes: [[UInt8]], columns: Int)] = [
            (
                [
                    Self.node("Compress", ["m", "some rows"], "k", [.int("axis", 0)]),
                    Self.node("ReduceProd", ["k"], "s", [.ints("axes", [0]), .int("keepdims", 0)]),
                ], 12
            ),
            ([Self.node("Compress", ["m", "some values"], "s")], 6),
        ]
        for (nodes, columns) in kept {
            let all = [Self.node("Reshape", ["list", "rows"], "m")] + nodes
                + [Self.node("ConstantOfShape", ["s"], "f"), Self.node("MatMul", ["image", "f"])]
            let read = try Self.read(ONNXBytes.model(nodes: all, weights: weights, input: [1, 4, 8, 5]))
            #expect(read.network.macs == 4 * 8 * 5 * columns)
        }
    }

    @Test("are found in one pass, whether they are read or only their places", arguments: ["TopK", "Unique"])
    func onePass(kind: String) throws {
        let weights = [ONNXBytes.integers("flat", [1024]), ONNXBytes.integers("two", [2])]
        for readsBoth in [false, true] {
            let nodes = [
                Self.node("Reshape", ["image", "flat"], "f"),
                ONNXBytes.node(kind, kind == "TopK" ? ["f", "two"] : ["f"], ["v", "i"]),
                Self.node("Cast", ["i"], readsBoth ? "n" : "out", [.int("to", 1)]),
            ]
            let end = readsBoth ? [Self.node("Add", ["v", "n"])] : []
            let read = try Self.read(ONNXBytes.model(nodes: nodes + end, weights: weights, input: [1, 1, 32, 32]))
            #expect(read.network.layers.filter { $0.operators[0].kind == .reduce }.count == 1)
        }
    }

    /// Nodes to "out", and why they are refused. "side" follows from the image.
    static let refused: [(nodes: [[UInt8]], sentence: String)] = [
        (
            [node("Range", ["nan", "some", "some"], "r"), node("Add", ["image", "r"])],
            "node \"Range 2\" (Range): expected at most 2147483647 values, found from nan to 3.0 by 3.0"
        ),
        (
            [node("Resize", ["image", "", "tiny"], "r"), node("Relu", ["r"])],
            "node \"Resize 2\" (Resize): expected sides of at least 1, found [1, 4, 0, 5] of [1, 4, 8, 5]"
        ),
        ([node("Tile", ["image", "side"])], "node \"Tile 2\" (Tile): expected repeats that do not depend on the image"),
    ]
    private static let side = [
        node("ReduceMax", ["image"], "most", [.int("keepdims", 0)]), node("Cast", ["most"], "side", [.int("to", 7)]),
    ]
    private static let sizes = [
        ONNXBytes.numbers("nan", [.nan], shape: []), ONNXBytes.numbers("some", [3], shape: []), ONNXBytes.scalar("zero", 0),
        ONNXBytes.scalar("one", 1), ONNXBytes.numbers("tiny", [1, 1, 0.001, 1]), ONNXBytes.integers("row", [1, 1, 1, -1]),
        ONNXBytes.weights("k", [5, 7]),
    ]

    @Test("in numbers that are none, or that nothing says before it runs, are refused where they are", arguments: refused.indices)
    func refusedSizes(index: Int) throws {
        let (nodes, sentence) = Self.refused[index]
        let found = try Self.problem(ONNXBytes.model(nodes: Self.side + nodes, weights: Self.sizes, input: [1, 4, 8, 5]))
        #expect(found?.contains(sentence) == true, "\(found ?? "read")")
    }

    @Test("as places up to a side that follows from the image are no constants")
    func openRange() throws {
        let nodes = [
            Self.node("Range", ["zero", "side", "one"], "r"), Self.node("Cast", ["r"], "f", [.int("to", 1)]),
            Self.node("Reshape", ["f", "row"], "x"), Self.node("MatMul", ["x", "k"]),
        ]
        let read = try Self.read(
            ONNXBytes.model(
                nodes: Self.side + nodes, weights: Self.sizes, input: [1, 4, 8, 5], known: [ONNXBytes.value("r", [5])]))
        // Not a product of weights with weights, of which an assumption would say that it may be computed once.
        #expect(read.network.macs == 5 * 7 && read.assumptions.isEmpty)
    }

    @Test("by what follows from the image are priced as if all were kept, and say so")
    func openPlaces() throws {
        let nodes = [
            Self.node("Reshape", ["image", "flat"], "f"), Self.node("Greater", ["f", "none"], "m"), Self.node("NonZero", ["m"], "n"),
            Self.node("Squeeze", ["n", "zero"], "p"), Self.node("Gather", ["f", "p"], "y"),
            Self.node("Unsqueeze", ["y", "one"], "u"), Self.node("MatMul", ["u", "k"]),
        ]
        let weights = Self.weights + [
            ONNXBytes.integers("flat", [1024]), ONNXBytes.numbers("none", [0], shape: []), ONNXBytes.integers("one", [1]),
        ]
        let open = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 1, 32, 32]))
        #expect(open.network.macs == 1024 * 7 && open.unknown.isEmpty)
        #expect(open.choices == ["how many of 1,024 values node \"NonZero 2\" (NonZero) keeps depends on the image: all are priced"])
        // What the file states settles it.
        let stated = try Self.read(
            ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 1, 32, 32], known: [ONNXBytes.value("n", [1, 100])]))
        #expect(stated.network.macs == 100 * 7 && stated.choices.isEmpty)
    }

    /// What Unique makes of [9, 5, 9, 7, 5, 9]: the output, and what it is.
    static let distinct: [(output: Int, isSorted: Int, [Int])] = [
        (0, 1, [5, 7, 9]), (1, 1, [1, 3, 0]), (2, 1, [2, 0, 2, 1, 0, 2]), (3, 1, [2, 1, 3]),
        (0, 0, [9, 5, 7]), (1, 0, [0, 1, 3]), (2, 0, [0, 1, 0, 2, 1, 0]), (3, 0, [3, 2, 1]),
    ]

    @Test("because they differ are computed of constants", arguments: distinct.indices)
    func differing(index: Int) throws {
        let (output, isSorted, integers) = Self.distinct[index]
        var outputs = ["", "", "", ""]
        outputs[output] = "u"
        // The last two, and one more: sides.
        let nodes = [
            ONNXBytes.node("Unique", ["c"], outputs, [.int("sorted", isSorted)]), Self.node("Slice", ["u", "start", "end"], "s"),
            Self.node("Add", ["s", "one"], "t"), Self.node("Concat", ["front", "t"], "sides", [.int("axis", 0)]),
            Self.node("Resize", ["image", "", "", "sides"]),
        ]
        let weights = [
            ONNXBytes.integers("c", [9, 5, 9, 7, 5, 9]), ONNXBytes.integers("start", [-2]), ONNXBytes.integers("end", [.max]),
            ONNXBytes.integers("one", [1]), ONNXBytes.integers("front", [1, 4]),
        ]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8]))
        let sides = integers.suffix(2).map { $0 + 1 }
        #expect(read.network.layers.last?.output == FeatureShape(height: sides[0], width: sides[1], channels: 4))
    }

    @Test("because they differ may be rows")
    func differingRows() throws {
        // Rows [9, 5], [9, 7] and [9, 5]: two differ, and the first in order is the first.
        let nodes = [
            Self.node("Reshape", ["c", "pairs"], "p"), Self.node("Unique", ["p"], "u", [.int("axis", 0)]),
            Self.node("Shape", ["u"], "s"), Self.node("Reshape", ["u", "flat"], "f"), Self.node("Slice", ["f", "start", "end"], "l"),
            Self.node("Concat", ["one", "s", "l"], "sides", [.int("axis", 0)]), Self.node("Resize", ["image", "", "", "sides"]),
        ]
        let weights = [
            ONNXBytes.integers("c", [9, 5, 9, 7, 9, 5]), ONNXBytes.integers("pairs", [3, 2]), ONNXBytes.integers("flat", [-1]),
            ONNXBytes.integers("start", [3]), ONNXBytes.integers("end", [4]), ONNXBytes.integers("one", [1]),
        ]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8]))
        // [1, 2, 2, 7]
        #expect(read.network.layers.last?.output == FeatureShape(height: 2, width: 7, channels: 2))
    }

    @Test("because they differ in the image are priced as if all did, and say so")
    func openValues() throws {
        // 32 rows of 8 values.
        let nodes = [
            Self.node("Reshape", ["image", "rows"], "r"),
            ONNXBytes.node("Unique", ["r"], ["u", "", "which", ""], [.int("axis", 0)]), Self.node("MatMul", ["u", "k"]),
        ]
        let weights = [ONNXBytes.integers("rows", [32, 8]), ONNXBytes.weights("k", [8, 5])]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8]))
        #expect(read.network.macs == 32 * 8 * 5 && read.unknown.isEmpty)
        #expect(read.choices == ["how many of 32 values node \"Unique 1\" (Unique) keeps depends on the image: all are priced"])
    }

    /// The output that is the network's answer, and how many values it has: ten boxes of one image.
    static let suppressed: [(domain: String, output: Int, count: Int)] = [
        ("", 0, 1), ("TRT", 1, 40), ("TRT", 2, 10), ("trt.plugins", 3, 10),
    ]

    @Test("of boxes by TensorRT's plugin are in lists of a fixed length", arguments: suppressed.indices)
    func paddedBoxes(index: Int) throws {
        let (domain, output, count) = Self.suppressed[index]
        let outputs = (0..<4).map { $0 == output ? "out" : "other\($0)" }
        let suppression = ONNXBytes.node("EfficientNMS_TRT", ["x", "s"], outputs, [.int("max_output_boxes", 10)])
            + ONNXBytes.message { if !domain.isEmpty { $0.add(7, text: domain) } }
        let nodes = [
            Self.node("Reshape", ["image", "boxes"], "x"), Self.node("Reshape", ["image", "scores"], "y"),
            Self.node("Sigmoid", ["y"], "s"),
        ]
        let weights = [ONNXBytes.integers("boxes", [1, 256, 4]), ONNXBytes.integers("scores", [1, 256, 4])]
        let read = try Self.read(ONNXBytes.model(nodes: nodes + [suppression], weights: weights, input: [1, 1, 32, 32]))
        #expect(read.network.classes == count && read.unknown.isEmpty && read.choices.isEmpty)
        #expect(read.network.layers.map { $0.operators[0].kind } == [.activate, .reduce])
    }
}
