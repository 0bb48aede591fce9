import TestSupport

/// An ONNX model as lists that can be changed at any place before it is written.
struct ONNXSketch {
    struct Node {
        var kind: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [ONNXBytes.Attribute] = []
        var name = ""
    }

    struct Constant {
        var name: String
        var shape: [Int]
        /// nil for float32 values of zero, as many as the shape says at first.
        var integers: [Int]?
        var isExternal = false
    }

    var nodes: [Node]
    var constants: [Constant]
    var input: [Int?]

    var bytes: [UInt8] {
        ONNXBytes.model(
            nodes: nodes.map { node in
                ONNXBytes.node(node.kind, node.inputs, node.outputs, node.attributes)
                    + ONNXBytes.message { $0.add(3, text: node.name) }
            }, weights: constants.map(\.bytes), input: input)
    }

    /// Everything that the reader has a rule for, and one that it has not.
    private static let kinds = [
        "Conv", "BatchNormalization", "Gemm", "MatMul", "Relu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Softmax",
        "Add", "Mul", "Sub", "Div", "Pow", "Max", "Min", "Ceil", "Floor", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "ReduceMean", "Concat", "Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze",
        "Shape", "Gather", "Slice", "Cast", "Split", "Transpose", "Pad", "Expand", "CastLike", "ConstantOfShape",
        "Constant", "Range", "NonZero", "Where", "Equal", "Mod", "Tile", "Resize", "ConvTranspose", "Einsum", "Attention",
        "LayerNormalization", "GroupNormalization", "Gelu", "Erf", "TopK", "ReduceProd", "ArgMax", "DepthToSpace",
        "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "ConvInteger", "MatMulInteger", "QLinearConv",
        "GatherND", "ScatterND", "Sum", "CumSum", "Size", "If", "Loop", "MaxUnpool", "ScatterElements", "GatherElements",
        "DeformConv", "BitShift",
        "ArgMin", "Mean", "LSTM", "GRU", "SplitToSequence", "SequenceConstruct", "SequenceAt", "ConcatFromSequence", "Col2Im",
        "AffineGrid", "OneHot", "CenterCropPad", "Unique", "Compress", "Tanh", "Scan", "Fancy",
    ]
    private static let attributeNames = [
        "axis", "axes", "pads", "strides", "dilations", "kernel_shape", "group", "perm", "shape", "start", "end", "to",
        "keepdims", "transA", "transB", "ceil_mode", "allowzero", "starts", "ends", "steps", "split", "value_int",
        "value_ints", "k", "num_heads", "q_num_heads", "kv_num_heads", "num_groups", "blocksize", "batch_dims", "output_shape",
    ]

    /// A copy with one to three things changed: numbers made extreme, lists longer or shorter, nodes removed, repeated,
    /// wired anew or made another kind, chains added that double a size.
    func mutated(_ random: inout SeededRandom) -> ONNXSketch {
        var copy = self
        for _ in 0..<random.integer(in: 1...3) { copy.change(&random) }
        return copy
    }

    private mutating func change(_ random: inout SeededRandom) {
        func extreme(_ random: inout SeededRandom) -> Int { random.element(of: Mutations.integers) }
        let node = random.below(nodes.count)
        let constant = random.below(constants.count)
        let names = nodes.flatMap { $0.outputs + $0.inputs } + ["", "nothing"]
        switch random.below(16) {
        case 0:
            input[random.below(input.count)] = extreme(&random)
        case 1, 2:
            guard !constants[constant].shape.isEmpty else { return }
            constants[constant].shape[random.below(constants[constant].shape.count)]
                = extreme(&random)
        case 3:
            constants[constant].shape = (0..<random.integer(in: 0...6)).map { _ in
                random.element(of: [0, 1, 2, Int(Int32.max)])
            }
            constants[constant].isExternal = true
        case 4, 5, 6:
            guard let integers = constants[constant].integers, !integers.isEmpty else { return }
            if random.below(6) == 0 {
                let count = random.element(of: [0, 1, 33, 64, 65, 500])
                constants[constant].integers = Array(repeating: extreme(&random), count: count)
                constants[constant].shape = [count]
            } else {
                constants[constant].integers![random.below(integers.count)] = extreme(&random)
            }
        case 7, 8:
            guard !nodes[node].attributes.isEmpty else { return }
            let index = random.below(nodes[node].attributes.count)
            switch nodes[node].attributes[index] {
            case .int(let name, _): nodes[node].attributes[index] = .int(name, extreme(&random))
            case .ints(let name, var values):
                if values.isEmpty || random.below(4) == 0 {
                    values = Array(repeating: extreme(&random), count: random.element(of: [0, 1, 3, 40]))
                } else {
                    values[random.below(values.count)] = extreme(&random)
                }
                nodes[node].attributes[index] = .ints(name, values)
            case .float, .text, .tensor, .graph: nodes[node].attributes.remove(at: index)
            }
        case 9:
            let name = random.element(of: Self.attributeNames)
            let values = (0..<random.integer(in: 0...8)).map { _ in extreme(&random) }
            nodes[node].attributes.append(
                random.bool() ? .int(name, extreme(&random)) : .ints(name, values))
        case 10: nodes[node].kind = random.element(of: Self.kinds)
        case 11:
            if random.bool() { nodes.remove(at: node) } else { nodes.insert(nodes[node], at: node) }
            if nodes.isEmpty { nodes = [Node(kind: "Relu", inputs: ["image"], outputs: ["out"])] }
        case 12, 13:
            // Backwards too: what nothing before writes, and a node that reads itself.
            if nodes[node].inputs.isEmpty || random.below(4) == 0 {
                nodes[node].inputs.append(random.element(of: names))
            } else {
                nodes[node].inputs[random.below(nodes[node].inputs.count)]
                    = random.element(of: names)
            }
        case 14:
            if random.bool() {
                nodes[node].outputs.append(random.element(of: names))
            } else {
                nodes[node].outputs = [random.element(of: names)]
            }
            nodes[node].name = String(repeating: "é", count: random.element(of: [0, 1, 2000]))
        default: addChain(after: node, &random)
        }
    }

    /// Adds nodes each of which doubles, repeats or combines what the one before writes, and lets a node read the last.
    private mutating func addChain(after node: Int, _ random: inout SeededRandom) {
        var last = random.element(of: (nodes[node].outputs + constants.map(\.name)))
        let kind = random.element(of: ["Concat", "Add", "Mul", "Expand", "Pad", "Unsqueeze", "MatMul", "Split"])
        let other = random.element(of: constants).name
        var chain: [Node] = []
        for index in 0..<random.integer(in: 1...70) {
            let next = "chain\(index)"
            let inputs = kind == "Split" ? [last] : [last, kind == "Concat" || kind == "Mul" ? last : other]
            chain.append(Node(kind: kind, inputs: inputs, outputs: [next], attributes: [.int("axis", 0)]))
            last = next
        }
        nodes.insert(contentsOf: chain, at: node + 1)
        if node + 1 + chain.count < nodes.count, !nodes[node + 1 + chain.count].inputs.isEmpty {
            nodes[node + 1 + chain.count].inputs[0] = last
        }
    }
}

extension ONNXSketch.Constant {
    /// With the values of its first shape, whatever the shape says now.
    fileprivate var bytes: [UInt8] {
        ONNXBytes.message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: integers == nil ? 1 : 7)
            tensor.add(8, text: name)
            if isExternal { tensor.add(14, integer: 1) }
            if let integers {
                tensor.add(7, bytes: integers.flatMap { ONNXBytes.varint(UInt64(bitPattern: Int64($0))) })
            } else {
                var count = 1
                for side in shape where count <= 4096 && side >= 0 { count *= min(side, 4096) }
                tensor.add(9, bytes: [UInt8](repeating: 0, count: 4 * min(count, 4096)))
            }
        }
    }
}
