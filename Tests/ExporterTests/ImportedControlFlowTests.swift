import Architectures
import Exporter
import Files
import Testing
import TestSupport

/// Right values are by hand from ONNX's specification.
@Suite("Branches, loops and lists of ONNX models")
struct ImportedControlFlowTests: ReadsONNX {
    private static func model(_ nodes: [[UInt8]], _ weights: [[UInt8]], known: [[UInt8]] = []) -> [UInt8] {
        ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8], known: known)
    }

    private static func truth(_ name: String, _ value: UInt8) -> [UInt8] {
        ONNXBytes.message { $0.add(2, integer: 9); $0.add(8, text: name); $0.add(9, bytes: [value]) }
    }

    /// Whether the largest value of the image is more than 0, as "bright".
    private static let question = [
        node("ReduceMax", ["image"], "most", [.int("keepdims", 0)]), node("Greater", ["most", "none"], "bright"),
    ]
    private static let none = ONNXBytes.numbers("none", [0], shape: [])
    /// A product of the rows of the image by weights of [8, 8], which the branch itself has.
    private static func product(_ name: String) -> ONNXBytes.Attribute {
        ONNXBytes.graph(
            name, nodes: [node("MatMul", ["image", "w"], "y")], weights: [ONNXBytes.weights("w", [8, 8])], outputs: ["y"])
    }
    private static let productMACs = 4 * 8 * 8 * 8

    @Test("that the image chooses cost what both branches cost, where that is the same")
    func alikeBranches() throws {
        let branches = [Self.product("then_branch"), Self.product("else_branch")]
        let read = try Self.read(
            Self.model(Self.question + [Self.node("If", ["bright"], "y", branches), Self.node("Softmax", ["y"])], [Self.none]))
        #expect(read.network.macs == Self.productMACs && read.choices.isEmpty && read.unknown.isEmpty)
        // The question runs too.
        #expect(read.network.layers.contains { $0.operators[0].kind == .reduce })
    }

    @Test("that the image chooses cost what the dearer branch costs, and say so", arguments: [true, false])
    func dearerBranch(isFirst: Bool) throws {
        let relu = ONNXBytes.graph(
            isFirst ? "else_branch" : "then_branch", nodes: [Self.node("Relu", ["image"], "y")], outputs: ["y"])
        let branches = [Self.product(isFirst ? "then_branch" : "else_branch"), relu]
        let read = try Self.read(Self.model(Self.question + [Self.node("If", ["bright"], "out", branches)], [Self.none]))
        #expect(read.network.macs == Self.productMACs && read.choices.count == 1)
        let chosen = isFirst ? "then_branch" : "else_branch"
        #expect(
            read.choices.first?.contains("node \"If 2\" (If) runs depends on the image: its \(chosen) is priced") == true
                && read.choices.first?.contains("by 2,048 multiply-accumulates") == true)
    }

    @Test("that the image chooses are refused where they answer other shapes")
    func otherShapes() throws {
        let mean = ONNXBytes.graph(
            "else_branch", nodes: [Self.node("ReduceMean", ["image"], "y", [.ints("axes", [3])])], outputs: ["y"])
        let found = try Self.problem(
            Self.model(Self.question + [Self.node("If", ["bright"], "out", [Self.product("then_branch"), mean])], [Self.none]))
        #expect(
            found?.contains(
                "node \"If 2\" (If): its branches answer [[1, 4, 8, 8]] and [[1, 4, 8, 1]], and which one runs depends on the image")
                == true)
    }

    @Test("that answer sides which the image chooses give no shape")
    func chosenSides() throws {
        func sides(_ name: String, _ value: Int) -> ONNXBytes.Attribute {
            ONNXBytes.graph(name, nodes: [], weights: [ONNXBytes.integers("s", [1, 4, 8, value])], outputs: ["s"])
        }
        func nodes(_ first: Int, _ second: Int) -> [[UInt8]] {
            Self.question + [
                Self.node("If", ["bright"], "sides", [sides("then_branch", first), sides("else_branch", second)]),
                Self.node("Resize", ["image", "", "", "sides"]),
            ]
        }
        let alike = try Self.read(Self.model(nodes(16, 16), [Self.none]))
        #expect(alike.network.layers.last?.output == FeatureShape(height: 8, width: 16, channels: 4))
        let found = try Self.problem(Self.model(nodes(16, 12), [Self.none]))
        #expect(found?.contains("because node \"If 2\" (If) cannot be computed") == true)
    }

    @Test("that constants choose may have the same names within")
    func names() throws {
        let branches = [Self.product("then_branch"), Self.product("else_branch")]
        let read = try Self.read(
            Self.model(
                [
                    Self.node("If", ["yes"], "a", branches), Self.node("If", ["no"], "b", branches), Self.node("Add", ["a", "b"]),
                ], [Self.truth("yes", 1), Self.truth("no", 0)]))
        #expect(read.network.macs == 2 * Self.productMACs && read.choices.isEmpty)
    }

    @Test("of loops without a number of passes run as long as their condition says, which constants decide")
    func openLoop() throws {
        // Passes 0, 1 and 2.
        let body = ONNXBytes.graph(
            "body", inputs: ["trip", "on", "x"],
            nodes: [Self.node("MatMul", ["x", "w"], "y"), Self.node("Less", ["trip", "two"], "still")],
            weights: [ONNXBytes.weights("w", [8, 8])], outputs: ["still", "y"])
        let weights = [ONNXBytes.scalar("two", 2), Self.truth("yes", 1), ONNXBytes.scalar("ever", .max)]
        for most in ["", "ever"] {
            let read = try Self.read(Self.model([Self.node("Loop", [most, "yes", "image"], "out", [body])], weights))
            #expect(read.network.macs == 3 * Self.productMACs && read.unknown.isEmpty)
        }
        let image = ONNXBytes.graph(
            "body", inputs: ["trip", "on", "x"],
            nodes: [
                Self.node("MatMul", ["x", "w"], "y"), Self.node("ReduceMax", ["y"], "m", [.int("keepdims", 0)]),
                Self.node("Cast", ["m"], "still", [.int("to", 9)]),
            ], weights: [ONNXBytes.weights("w", [8, 8])], outputs: ["still", "y"])
        // An operator that is not known, whose output the file gives a shape.
        let read = try Self.read(
            Self.model(
                [Self.node("Loop", ["", "yes", "image"], "out", [image])], weights, known: [ONNXBytes.value("out", [1, 4, 8, 8])]))
        #expect(read.unknown.map(\.kind) == ["Loop"] && read.network.macs == 0)
        // ONNX says that the condition does not count here, and ONNX Runtime stops by it: there is no one answer.
        let found = try Self.problem(Self.model([Self.node("Loop", ["two", "", "image"], "out", [image])], weights))
        #expect(found?.contains("(Loop): whether its pass 1 is the last depends on the image") == true)
    }

    /// h = relu(row · w + h) for a row of 8 values; each pass also keeps its state.
    private static let rowBody = ONNXBytes.graph(
        "body", inputs: ["h", "row"],
        nodes: [
            node("MatMul", ["row", "w"], "p"), node("Add", ["p", "h"], "s"), node("Relu", ["s"], "next"),
            node("Identity", ["next"], "kept"),
        ], weights: [ONNXBytes.weights("w", [8, 6])], outputs: ["next", "kept"])

    @Test("of rows read them one after the other, in either order, along any side")
    func rows() throws {
        // For each of the 8 rows [1, 4, 8] along the height.
        let body = Self.rowBody
        let scan: [ONNXBytes.Attribute] = [
            body, .int("num_scan_inputs", 1), .ints("scan_input_axes", [2]), .ints("scan_input_directions", [1]),
            .ints("scan_output_axes", [-1]),
        ]
        // All states are [1, 4, 6, 8].
        let nodes = [ONNXBytes.node("Scan", ["start", "image"], ["last", "all"], scan), Self.node("MatMul", ["all", "k"])]
        let weights = [ONNXBytes.weights("start", [1, 4, 6]), ONNXBytes.weights("k", [8, 5])]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.macs == 8 * 4 * 8 * 6 + 4 * 6 * 8 * 5 && read.unknown.isEmpty && read.choices.isEmpty)
        #expect(read.network.parameters == 48 + 40)
        let end = try Self.read(Self.model([ONNXBytes.node("Scan", ["start", "image"], ["out", ""], scan)], weights))
        #expect(end.network.classes == 4 * 6)
        let wrong = try Self.problem(
            Self.model([ONNXBytes.node("Scan", ["image"], ["out"], [body, .int("num_scan_inputs", 1)])], weights))
        #expect(wrong?.contains("(Scan): its body has 2 inputs and 2 outputs for 1 inputs, of which 1 are scanned") == true)
    }

    @Test("of rows of constants are constants, from which sides follow")
    func constantRows() throws {
        // Sums of what came before, from the last row on: [3, 5, 4] give 4, 9, 12, written from the last place.
        let body = ONNXBytes.graph(
            "body", inputs: ["sum", "row"],
            nodes: [Self.node("Add", ["sum", "row"], "trip"), Self.node("Identity", ["trip"], "kept")], outputs: ["trip", "kept"])
        let scan: [ONNXBytes.Attribute] = [
            body, .int("num_scan_inputs", 1), .ints("scan_input_directions", [1]), .ints("scan_output_directions", [1]),
        ]
        let nodes = [
            ONNXBytes.node("Scan", ["zero", "list"], ["", "sums"], scan), Self.node("Concat", ["one", "sums"], "t", [.int("axis", 0)]),
            Self.node("Resize", ["image", "", "", "t"]),
        ]
        let weights = [ONNXBytes.scalar("zero", 0), ONNXBytes.integers("list", [3, 5, 4]), ONNXBytes.integers("one", [1])]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.layers.last?.output == FeatureShape(height: 9, width: 4, channels: 12))
    }

    /// For each row of 8 values of two images of 16 rows, in opset 8.
    private static func images(_ lengths: String, _ nodes: [[UInt8]] = [], _ weights: [[UInt8]] = []) -> [UInt8] {
        let scan: [ONNXBytes.Attribute] = [rowBody, .int("num_scan_inputs", 1), .ints("directions", [1])]
        return ONNXBytes.model(
            nodes: nodes + [
                node("Reshape", ["image", "sides"], "lists"), ONNXBytes.node("Scan", [lengths, "start", "lists"], ["last", "all"], scan),
                node("MatMul", ["all", "k"]),
            ],
            weights: weights + [
                ONNXBytes.integers("sides", [2, 16, 8]), ONNXBytes.weights("start", [2, 6]), ONNXBytes.weights("k", [6, 5]),
            ], input: [1, 4, 8, 8], opset: 8)
    }

    @Test("of opset 8 run over the rows of each image, of which there may be fewer")
    func imageRows() throws {
        let answers = 2 * 16 * 6 * 5
        let all = try Self.read(Self.images(""))
        #expect(all.network.macs == 2 * 16 * 8 * 6 + answers && all.network.classes == 2 * 16 * 5)
        #expect(all.network.parameters == 48 + 30 && all.unknown.isEmpty && all.choices.isEmpty)
        let some = try Self.read(Self.images("lengths", [], [ONNXBytes.integers("lengths", [16, 4])]))
        #expect(some.network.macs == (16 + 4) * 8 * 6 + answers && some.choices.isEmpty)
        let open = [
            Self.node("ReduceMax", ["image"], "m", [.ints("axes", [0, 2, 3]), .int("keepdims", 0)]),
            Self.node("Cast", ["m"], "lengths", [.int("to", 7)]),
        ]
        let most = try Self.read(Self.images("lengths", open))
        #expect(most.network.macs == all.network.macs)
        #expect(most.choices == ["how many of 16 rows node \"Scan 3\" (Scan) reads depends on the image: all are priced"])
        let wrong = try Self.problem(Self.images("lengths", [], [ONNXBytes.integers("lengths", [17, 4])]))
        #expect(wrong?.contains("node \"Scan 1\" (Scan): expected 2 numbers of rows from 1 to 16, found [17, 4]") == true)
    }

    @Test("of opset 8 over rows of constants are constants, from which sides follow")
    func constantImageRows() throws {
        // Sums of what came before, from the last row on: [8, 6, 2] give 2, 8, 16.
        let body = ONNXBytes.graph(
            "body", inputs: ["sum", "row"],
            nodes: [Self.node("Add", ["sum", "row"], "next"), Self.node("Identity", ["next"], "kept")], outputs: ["next", "kept"])
        let nodes = [
            Self.node("Unsqueeze", ["list"], "lists", [.ints("axes", [0])]),
            ONNXBytes.node(
                "Scan", ["", "zero", "lists"], ["", "all"], [body, .int("num_scan_inputs", 1), .ints("directions", [1])]),
            Self.node("Squeeze", ["all"], "sums", [.ints("axes", [0])]),
            Self.node("Concat", ["one", "sums"], "sides", [.int("axis", 0)]), Self.node("Reshape", ["image", "sides"], "r"),
            Self.node("Relu", ["r"]),
        ]
        let weights = [ONNXBytes.integers("zero", [0]), ONNXBytes.integers("list", [8, 6, 2]), ONNXBytes.integers("one", [1])]
        let read = try Self.read(ONNXBytes.model(nodes: nodes, weights: weights, input: [1, 4, 8, 8], opset: 8))
        #expect(read.network.layers.last?.output == FeatureShape(height: 8, width: 16, channels: 2))
    }

    @Test("of a loop may name their values like what the loop itself has")
    func ownNames() throws {
        let body = ONNXBytes.graph(
            "body", inputs: ["number", "on", "x"],
            nodes: [
                Self.node("MatMul", ["x", "condition"], "trip"), Self.node("Identity", ["on"], "still"),
                Self.node("Relu", ["trip"], "y"),
            ], weights: [ONNXBytes.weights("condition", [8, 8])], outputs: ["still", "y"])
        let read = try Self.read(
            Self.model([Self.node("Loop", ["two", "yes", "image"], "out", [body])], [ONNXBytes.scalar("two", 2), Self.truth("yes", 1)]))
        #expect(read.network.macs == 2 * Self.productMACs && read.unknown.isEmpty)
    }

    @Test("of lists take them apart and join them")
    func lists() throws {
        // Channels 0 to 2 and channel 3; twice the latter beside the former.
        let nodes = [
            Self.node("SplitToSequence", ["image", "three"], "s", [.int("axis", 1)]), Self.node("SequenceAt", ["s", "last"], "b"),
            Self.node("SequenceInsert", ["s", "b", "first"], "t"), Self.node("SequenceLength", ["t"], "n"),
            Self.node("ConcatFromSequence", ["t"], "c", [.int("axis", 1)]), Self.node("Conv", ["c", "w"], "d"),
            Self.node("SequenceConstruct", ["d", "d"], "u"),
            Self.node("ConcatFromSequence", ["u"], "v", [.int("axis", 0), .int("new_axis", 1)]),
            Self.node("Reshape", ["v", "sides"], "r"), Self.node("Softmax", ["r"]),
        ]
        let weights = [
            ONNXBytes.scalar("three", 3), ONNXBytes.scalar("last", -1), ONNXBytes.scalar("first", 0),
            ONNXBytes.weights("w", [6, 5, 1, 1]), ONNXBytes.integers("sides", [2, 6, 64]),
        ]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.macs == 64 * 30 && read.unknown.isEmpty)
        let found = try Self.problem(
            Self.model(nodes, Array(weights[..<2]) + [ONNXBytes.scalar("first", 3)] + Array(weights[3...])))
        #expect(found?.contains("node \"SequenceInsert 2\" (SequenceInsert): expected a place in 2 values, found 3") == true)
    }

    @Test("of lists hand them on, and may answer them")
    func handedLists() throws {
        let weights = [
            ONNXBytes.scalar("three", 3), ONNXBytes.scalar("first", 0), ONNXBytes.weights("k", [8, 6]),
            ONNXBytes.weights("w", [8, 8]), Self.truth("yes", 1), Self.none,
        ]
        func pair(_ name: String) -> ONNXBytes.Attribute {
            ONNXBytes.graph(name, nodes: [Self.node("SequenceConstruct", ["image", "image"], "l")], outputs: ["l"])
        }
        let branches = [pair("then_branch"), pair("else_branch")]
        let chosen = try Self.read(
            Self.model(
                [
                    Self.node("If", ["yes"], "s", branches), Self.node("Identity", ["s"], "t"), Self.node("SequenceErase", ["t"], "u"),
                    Self.node("SequenceErase", ["u", "first"], "none left"), Self.node("SequenceLength", ["none left"], "n"),
                    Self.node("SequenceAt", ["u", "n"], "b"), Self.node("MatMul", ["b", "k"]),
                ], weights))
        #expect(chosen.network.macs == 4 * 8 * 8 * 6 && chosen.choices.isEmpty && chosen.unknown.isEmpty)
        // Three products, one in each pass.
        let body = ONNXBytes.graph(
            "body", inputs: ["trip", "on", "list"],
            nodes: [
                Self.node("MatMul", ["image", "w"], "y"), Self.node("SequenceInsert", ["list", "y"], "longer"),
                Self.node("Identity", ["on"], "still"),
            ], outputs: ["still", "longer"])
        let loop = [Self.node("SequenceEmpty", [], "e"), Self.node("Loop", ["three", "yes", "e"], "l", [body])]
        let grown = try Self.read(
            Self.model(loop + [Self.node("ConcatFromSequence", ["l"], "c", [.int("axis", 1)]), Self.node("Softmax", ["c"])], weights))
        #expect(grown.network.macs == 3 * Self.productMACs && grown.network.classes == 3 * 4 * 8 * 8)
        // What is not in the list does not run.
        let products = [Self.node("MatMul", ["image", "k"], "unread"), Self.node("MatMul", ["image", "w"], "y")]
        let answered = try Self.read(Self.model(products + [Self.node("SequenceConstruct", ["y", "y"])], weights))
        #expect(answered.network.macs == Self.productMACs)
        let open = try Self.problem(
            Self.model(Self.question + [Self.node("If", ["bright"], "s", branches), Self.node("SequenceLength", ["s"])], weights))
        #expect(
            open?.contains(
                "node \"If 2\" (If): its then_branch answers a list of values, and which branch runs depends on the image") == true)
        let mistaken = try Self.problem(Self.model(loop + [Self.node("Relu", ["l"])], weights))
        #expect(mistaken?.contains("node \"Relu 2\" (Relu): reads \"l\", which is a list of values") == true)
    }

    /// Nodes to "sides" of the image of [1, 4, 8, 8], by lists of its own sides.
    static let sideLists: [(String, [[UInt8]])] = [
        // Exporters of Python's lists of numbers write these: [image's batch, -1].
        ("numbers that become a list", [
            node("Shape", ["image"], "s"), node("Gather", ["s", "zero"], "n"), node("SequenceConstruct", ["n", "minus"], "l"),
            node("ConcatFromSequence", ["l"], "sides", [.int("axis", 0), .int("new_axis", 1)]),
        ]),
        ("lists that become one", [
            node("Shape", ["image"], "s"), node("SplitToSequence", ["s", "one"], "p"), node("SequenceAt", ["p", "zero"], "n"),
            node("SequenceConstruct", ["n", "rest"], "l"), node("ConcatFromSequence", ["l"], "sides", [.int("axis", 0)]),
        ]),
        ("a list that is taken apart", [
            node("Shape", ["image"], "s"), node("SplitToSequence", ["s"], "p", [.int("axis", 0), .int("keepdims", 0)]),
            node("SequenceAt", ["p", "zero"], "n"), node("Unsqueeze", ["n", "axes"], "u"),
            node("Concat", ["u", "rest"], "sides", [.int("axis", 0)]),
        ]),
    ]

    @Test("of lists of sides give sides", arguments: sideLists.indices)
    func listedSides(index: Int) throws {
        let (name, nodes) = Self.sideLists[index]
        let weights = [
            ONNXBytes.scalar("zero", 0), ONNXBytes.scalar("minus", -1), ONNXBytes.scalar("one", 1), ONNXBytes.integers("rest", [-1]),
            ONNXBytes.integers("axes", [0]), ONNXBytes.weights("k", [256, 5]),
        ]
        let end = [Self.node("Reshape", ["image", "sides"], "x"), Self.node("MatMul", ["x", "k"])]
        #expect(try Self.read(Self.model(nodes + end, weights)).network.macs == 256 * 5, "\(name)")
    }

    @Test("of lists read each of their values")
    func eachValue() throws {
        // Channel 0 and channels 1 to 3, each times the same weights.
        let body = ONNXBytes.graph(
            "body", inputs: ["part", "factors"], nodes: [Self.node("MatMul", ["part", "factors"], "y")], outputs: ["y"])
        let nodes = [
            Self.node("SplitToSequence", ["image", "sizes"], "s", [.int("axis", 1)]),
            Self.node("SequenceMap", ["s", "w"], "t", [body]), Self.node("ConcatFromSequence", ["t"], "c", [.int("axis", 1)]),
            Self.node("Softmax", ["c"]),
        ]
        let weights = [ONNXBytes.integers("sizes", [1, 3]), ONNXBytes.weights("w", [8, 6])]
        let read = try Self.read(Self.model(nodes, weights))
        #expect(read.network.macs == 4 * 8 * 8 * 6 && read.network.parameters == 48 && read.network.classes == 4 * 8 * 6)
        let wrong = try Self.problem(Self.model([nodes[0], Self.node("SequenceMap", ["s"], "out", [body])], weights))
        #expect(wrong?.contains("(SequenceMap): expected a body that fits 1 inputs") == true)
    }
}
