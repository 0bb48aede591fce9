import Files

/// What the first six versions of ONNX's operators wrote in other ways: models of Caffe2, and of PyTorch until 0.4.
extension ONNXGraphReader {
    /// A node as version 7 has it. Where a value has to be turned for it, that is read first.
    mutating func newer(_ node: ONNXNode) throws(FileError) -> ONNXNode {
        switch node.kind {
        case "Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Less", "Greater":
            guard node.proto.int("broadcast", default: 0) != 0, let given = node.proto.attribute("axis") else { return node }
            let axis = try normalized([Int(given.i)], rank: value(node, 0).shape.count, node)[0]
            return try aligned(node, at: axis)
        case "PRelu":
            // One slope a channel.
            let slopes = try value(node, 1)
            return try slopes.shape.count == 1 && slopes.count > 1 ? aligned(node, at: 1) : node
        case "Concat" where node.proto.attribute("axis") == nil: return with(.int("axis", 1), node)
        case "Cast":
            let name = node.proto.text("to")
            guard let place = Self.typeNames.firstIndex(of: name) else { return node }
            return with(.int("to", place + 1), node)
        case "Upsample" where node.proto.attribute("scales") == nil:
            var scales = ONNXAttributeProto()
            scales.name = "scales"
            scales.floats = [1, 1] + ["height_scale", "width_scale"].map { Float(node.proto.number($0, default: 0)) }
            return with(scales, node)
        case "Pad": return node.proto.ints("paddings").map { with(.ints("pads", $0), node) } ?? node
        case "Tile" where opset < 6: return try repeated(node)
        default: return node
        }
    }

    /// The names of types, in the order of their codes from 1.
    private static let typeNames = [
        "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE", "UINT32", "UINT64",
    ]

    /// A node with an attribute in the place of one of that name.
    private func with(_ attribute: ONNXAttributeProto, _ node: ONNXNode) -> ONNXNode {
        var proto = node.proto
        proto.name = node.name
        proto.attribute.removeAll { $0.name == attribute.name }
        proto.attribute.append(attribute)
        return ONNXNode(proto, index: 0, path: path)
    }

    /// A function of two values the second of which has its sides from an axis of the first on: sides of 1 follow them.
    private mutating func aligned(_ node: ONNXNode, at axis: Int) throws(FileError) -> ONNXNode {
        let rank = try value(node, 1).shape.count, behind = try value(node, 0).shape.count - axis - rank
        guard behind > 0 else { return node }
        var proto = node.proto, view = ONNXNodeProto()
        let name = "\(node.name)/\(nodeCount)/aligned"
        view.name = node.name
        view.opType = "Unsqueeze"
        view.input = [proto.input[1]]
        view.output = [name]
        view.attribute = [.ints("axes", Array(rank..<rank + behind))]
        try readView(ONNXNode(view, index: 0, path: path))
        proto.name = node.name
        proto.input[1] = name
        return ONNXNode(proto, index: 0, path: path)
    }

    /// A tiling of one side, which numbers say.
    private func repeated(_ node: ONNXNode) throws(FileError) -> ONNXNode {
        let rank = try value(node, 0).shape.count
        guard let count = try value(node, 1).number.flatMap({ Int(exactly: $0) }),
            let given = try value(node, 2).number.flatMap({ Int(exactly: $0) })
        else { throw node.problem("expected a number of tiles and an axis that do not depend on the image") }
        let axis = try normalized([given], rank: rank, node)[0]
        var repeats = [Int](repeating: 1, count: rank)
        repeats[axis] = count
        return with(.ints("repeats", repeats), node)
    }
}
