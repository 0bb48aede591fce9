/// Small ONNX models of what exporters write beside plain graphs.
enum ONNXSamples {
    private static let domain = ONNXBytes.message { $0.add(7, text: "local") }

    /// Two calls of the function "Pair" of the model, a convolution whose groups are an attribute of the call, and
    /// ReLU.
    ///
    /// - Parameter kind: the operator that is called.
    static func functions(calling kind: String = "Pair") -> [UInt8] {
        let group = ONNXBytes.message { attribute in
            attribute.add(1, text: "group")
            attribute.add(21, text: "groups")
            attribute.add(20, integer: 2)
        }
        let inner = ONNXBytes.node("Conv", ["x", "k"], ["c"]) + ONNXBytes.message { $0.add(5, bytes: group) }
        let function = ONNXBytes.message { function in
            function.add(1, text: "Pair")
            for name in ["x", "k"] { function.add(4, text: name) }
            function.add(5, text: "y")
            function.add(6, text: "groups")
            for node in [inner, ONNXBytes.node("Relu", ["c"], ["y"])] { function.add(7, bytes: node) }
            function.add(10, text: "local")
        }
        return ONNXBytes.model(
            nodes: [
                ONNXBytes.node(kind, ["image", "w"], ["a"], [.int("groups", 4)]) + domain,
                ONNXBytes.node(kind, ["a", "v"], ["out"], [.int("groups", 2)]) + domain,
            ],
            weights: [ONNXBytes.weights("w", [4, 1, 3, 3]), ONNXBytes.weights("v", [4, 2, 1, 1])], input: [1, 4, 8, 8])
            + ONNXBytes.message { $0.add(25, bytes: function) }
    }

    /// A function that calls itself.
    static var endless: [UInt8] {
        let function = ONNXBytes.message { function in
            function.add(1, text: "Endless")
            function.add(4, text: "x")
            function.add(5, text: "y")
            function.add(7, bytes: ONNXBytes.node("Endless", ["x"], ["y"]) + domain)
            function.add(10, text: "local")
        }
        return ONNXBytes.model(nodes: [ONNXBytes.node("Endless", ["image"], ["out"]) + domain], input: [1, 4, 8, 8])
            + ONNXBytes.message { $0.add(25, bytes: function) }
    }

    /// The images resized to 2×2 where a side is less than `limit`, and through ReLU where it is not, as a node `If`.
    static func branches(limit: Int) -> [UInt8] {
        func branch(_ name: String, _ node: [UInt8]) -> [UInt8] {
            ONNXBytes.message { attribute in
                attribute.add(1, text: name)
                attribute.add(
                    6,
                    bytes: ONNXBytes.message { graph in
                        graph.add(1, bytes: node)
                        graph.add(12, bytes: ONNXBytes.message { $0.add(1, text: name) })
                    })
                attribute.add(20, integer: 5)
            }
        }
        let choice = ONNXBytes.node("If", ["small"], ["out"])
            + ONNXBytes.message {
                $0.add(5, bytes: branch("then_branch", ONNXBytes.node("Relu", ["image"], ["then_branch"])))
                $0.add(5, bytes: branch("else_branch", ONNXBytes.node("Resize", ["image", "", "", "t"], ["else_branch"])))
            }
        return ONNXBytes.model(
            nodes: [
                ONNXBytes.node("Shape", ["image"], ["s"]), ONNXBytes.node("Gather", ["s", "two"], ["side"]),
                ONNXBytes.node("Less", ["side", "limit"], ["small"]), choice,
            ],
            weights: [
                ONNXBytes.scalar("two", 2), ONNXBytes.scalar("limit", limit), ONNXBytes.integers("t", [1, 4, 2, 2]),
            ], input: [1, 4, 8, 8])
    }

    /// A padding whose widths went through integers of eight bits without sign, as ONNX Runtime's quantiser writes them:
    /// a step is 2 / 255.
    static var quantizedShape: [UInt8] {
        ONNXBytes.model(
            nodes: [
                ONNXBytes.node("QuantizeLinear", ["sides", "s", "z"], ["q"]),
                ONNXBytes.node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                ONNXBytes.node("Cast", ["d"], ["pads"], [.int("to", 7)]),
                ONNXBytes.node("Pad", ["image", "pads"], ["out"]),
            ],
            weights: [
                ONNXBytes.numbers("sides", [0, 0, 1, 1, 0, 0, 2, 2], shape: [8]), ONNXBytes.zeros("z", [], of: 2),
                ONNXBytes.numbers("s", [2 / 255], shape: []),
            ], input: [1, 4, 8, 8])
    }

    /// A product of weights with weights, added to a map.
    static var constantProduct: [UInt8] {
        ONNXBytes.model(
            nodes: [
                ONNXBytes.node("MatMul", ["a", "b"], ["p"]),
                ONNXBytes.node("Add", ["image", "p"], ["out"]),
            ],
            weights: [
                ONNXBytes.numbers("a", [Float](repeating: 1, count: 24), shape: [8, 3]),
                ONNXBytes.numbers("b", [Float](repeating: 1, count: 24), shape: [3, 8]),
            ], input: [1, 4, 8, 8])
    }

    /// A convolution of integers between two conversions.
    static var quantized: [UInt8] {
        ONNXBytes.model(
            nodes: [
                ONNXBytes.node("QuantizeLinear", ["image", "s", "z"], ["q"]),
                ONNXBytes.node("QLinearConv", ["q", "s", "z", "w", "s", "z", "s", "z"], ["c"]),
                ONNXBytes.node("DequantizeLinear", ["c", "s", "z"], ["out"]),
            ],
            weights: [
                ONNXBytes.zeros("w", [6, 4, 1, 1], of: 2), ONNXBytes.zeros("z", [], of: 2),
                ONNXBytes.numbers("s", [0.1], shape: []),
            ],
            input: [1, 4, 8, 8])
    }
}
