import Architectures
import Files

/// The rules for each ONNX operator: its cost and its output (github.com/onnx/onnx, docs/Operators.md).
extension ONNXGraphReader {
    mutating func read(_ node: ONNXNode) throws(FileError) {
        switch node.kind {
        case "Conv": try readConvolution(node)
        case "BatchNormalization": try readNormalization(node)
        case "Gemm": try readGemm(node)
        case "MatMul": try readMatMul(node)

        case "Relu", "Clip": try activate(node, .relu, of: node.proto.input.first ?? "")
        case "Sigmoid": try activate(node, .sigmoid, of: node.proto.input.first ?? "")
        case "HardSigmoid": try activate(node, .hardSigmoid, of: node.proto.input.first ?? "")
        case "HardSwish": try activate(node, .hardSwish, of: node.proto.input.first ?? "")
        case "Swish": try activate(node, .swish, of: node.proto.input.first ?? "")
        case "LeakyRelu", "Elu", "Selu", "Celu", "Tanh", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Gelu", "Softplus",
            "Softsign", "Softmax", "LogSoftmax", "Neg", "Abs", "Mish", "ThresholdedRelu":
            try activate(node, .none, of: node.proto.input.first ?? "")

        case "Add": try readAdd(node)
        case "Mul": try readMul(node)
        case "Sub", "Div", "Pow", "PRelu": try readElementwise(node)
        case "Max" where node.proto.input.count == 2, "Min" where node.proto.input.count == 2: try readElementwise(node)
        case "Ceil", "Floor": try readRounding(node)

        case "MaxPool", "AveragePool": try readPool(node)
        case "GlobalAveragePool", "GlobalMaxPool": try readGlobalPool(node)
        case "ReduceMean": try readMean(node)
        case "Concat": try readConcatenation(node)

        case "Identity", "Dropout": try view(node, shape: value(node, 0).shape)
        case "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Shape", "Gather", "Slice", "Cast", "Split", "Transpose",
            "Pad", "Expand", "CastLike", "ConstantOfShape":
            try readShaping(node)
        default: try launchUnknown(node)
        }
    }

    // MARK: - Products

    private mutating func readConvolution(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), weights = try value(node, 1)
        guard input.shape.count == weights.shape.count, input.shape.count == 4 || input.shape.count == 3 else {
            throw node.problem(
                "expected images and weights of four dimensions or of three, found \(input.shape) and \(weights.shape)")
        }
        guard input.shape[0] == 1 else { throw node.problem("expected a map of one image, found \(input.shape)") }
        let groups = node.proto.int("group", default: 1)
        let outputs = weights.shape[0], perGroup = weights.shape[1]
        guard groups > 0, input.shape[1] % groups == 0, outputs > 0, outputs % groups == 0,
            input.shape[1] / groups == perGroup
        else {
            throw node.problem(
                "weights \(weights.shape) in \(groups) groups do not fit a map of \(input.shape[1]) channels")
        }
        let (window, sides) = try slide(node, kernel: Array(weights.shape[2...]), over: Array(input.shape[2...]))
        let bias = try optionalValue(node, 2)
        if let bias, bias.count != outputs {
            throw node.problem("expected a bias of \(outputs) values, found \(bias.count)")
        }
        let hasBias = isStored(node, 2)
        let isOnePixel = input.shape[2...].allSatisfy { $0 == 1 } && sides.allSatisfy { $0 == 1 } && groups == 1
        if isOnePixel, window.count == 1 {
            // A 1x1 convolution of one pixel does the same work as a matrix product.
            try launch(node, .fullyConnected, input: input, shape: [1, outputs] + sides) {
                $0.epilogue.hasBias = hasBias
            }
        } else {
            try launch(
                node, .convolution(window, groups: groups), input: input, shape: [1, outputs] + sides
            ) { $0.epilogue.hasBias = hasBias }
        }
    }

    private mutating func readNormalization(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count >= 2 else { throw node.problem("expected a map, found \(input.shape)") }
        for part in 1...4 {
            let values = try value(node, part)
            if values.count != input.shape[1] {
                throw node.problem("expected \(input.shape[1]) values, one a channel, found \(values.count)")
            }
        }
        if try fuse(
            node, into: node.proto.input[0], if: { $0.hasFoldableWeights }, { $0.epilogue.hasNormalization = true })
        {
            return
        }
        try launch(node, .normalize, input: input, shape: input.shape)
    }

    private mutating func readGemm(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), weights = try value(node, 1)
        guard input.shape.count == 2, weights.shape.count == 2 else {
            throw node.problem("expected two matrices, found \(input.shape) and \(weights.shape)")
        }
        guard weights.isConstant else { return try launchUnknown(node) }
        let (rows, inputs) =
            node.proto.int("transA", default: 0) == 0
            ? (input.shape[0], input.shape[1]) : (input.shape[1], input.shape[0])
        let (rowsOfWeights, outputs) =
            node.proto.int("transB", default: 0) == 0
            ? (weights.shape[0], weights.shape[1]) : (weights.shape[1], weights.shape[0])
        guard inputs == rowsOfWeights else {
            throw node.problem("a matrix with \(inputs) columns cannot be multiplied by one with \(rowsOfWeights) rows")
        }
        try launchProduct(
            node, rows: rows, inputs: inputs, outputs: outputs, shape: [rows, outputs],
            hasBias: isStored(node, 2))
    }

    private mutating func readMatMul(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), weights = try value(node, 1)
        guard weights.isConstant, weights.shape.count == 2, input.shape.count >= 2, !input.isConstant else {
            return try launchUnknown(node)
        }
        let inputs = input.shape[input.shape.count - 1]
        guard inputs == weights.shape[0] else {
            throw node.problem(
                "a matrix with \(inputs) columns cannot be multiplied by one with \(weights.shape[0]) rows")
        }
        try launchProduct(
            node, rows: input.count / inputs, inputs: inputs, outputs: weights.shape[1],
            shape: input.shape.dropLast() + [weights.shape[1]], hasBias: false)
    }

    // MARK: - Windows

    /// The window of a node, and the sides of its output.
    private func slide(
        _ node: ONNXNode, kernel: [Int], over sides: [Int]
    ) throws(FileError) -> (window: Window, sides: [Int]) {
        func list(_ name: String, count: Int, default value: Int, in range: ClosedRange<Int>) throws(FileError) -> [Int]
        {
            let list = node.proto.ints(name) ?? [Int](repeating: value, count: count)
            guard list.count == count, list.allSatisfy(range.contains) else {
                throw node.problem(
                    "expected \(count) \(name) from \(range.lowerBound) to \(range.upperBound), found \(list.listed)")
            }
            return list
        }
        let limit = 1 << 16
        guard kernel.allSatisfy({ (1...limit).contains($0) }) else { throw node.problem("a window of \(kernel.listed)") }
        let strides = try list("strides", count: sides.count, default: 1, in: 1...limit)
        let dilations = try list("dilations", count: sides.count, default: 1, in: 1...limit)
        let pads = try list("pads", count: 2 * sides.count, default: 0, in: 0...limit)
        let padding = node.proto.text("auto_pad")
        let roundsUp = node.proto.int("ceil_mode", default: 0) != 0
        var output: [Int] = []
        for index in sides.indices {
            let extent = dilations[index] * (kernel[index] - 1) + 1
            switch padding {
            case "SAME_UPPER", "SAME_LOWER":
                output.append((sides[index] + strides[index] - 1) / strides[index])
            case "", "NOTSET", "VALID":
                let (before, after) = padding == "VALID" ? (0, 0) : (pads[index], pads[index + sides.count])
                let room = sides[index] + before + after - extent
                guard room >= 0 else {
                    throw node.problem("a window of \(extent) on \(sides[index]) values padded to \(room + extent)")
                }
                var places = (room + (roundsUp ? strides[index] - 1 : 0)) / strides[index] + 1
                // A window that would start on the padding after the map does not count.
                if roundsUp, (places - 1) * strides[index] >= sides[index] + before { places -= 1 }
                output.append(places)
            default: throw node.problem("expected an auto_pad that ONNX has, found \(padding.named)")
            }
        }
        let isImage = sides.count == 2
        return (
            Window(
                height: kernel[0], width: isImage ? kernel[1] : 1, verticalStride: strides[0],
                horizontalStride: isImage ? strides[1] : 1), output
        )
    }

    private mutating func readPool(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count == 4 || input.shape.count == 3 else {
            throw node.problem("expected a map of four dimensions or of three, found \(input.shape)")
        }
        let sides = Array(input.shape[2...])
        guard let kernel = node.proto.ints("kernel_shape"), kernel.count == sides.count else {
            throw node.problem("expected a kernel_shape of \(sides.count) sides")
        }
        let (window, output) = try slide(node, kernel: kernel, over: sides)
        let shape = Array(input.shape[..<2]) + output
        if node.kind == "MaxPool" {
            try launch(node, .maxPool(window), input: input, shape: shape)
        } else if kernel == sides, output.allSatisfy({ $0 == 1 }) {
            try launch(node, .globalAveragePool, input: input, shape: shape)
        } else {
            try launch(node, .averagePool(window), input: input, shape: shape)
        }
    }

    private mutating func readGlobalPool(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count == 4 || input.shape.count == 3 else {
            throw node.problem("expected a map of four dimensions or of three, found \(input.shape)")
        }
        let map = try checked(input, place: node.place).map
        try launch(
            node,
            node.kind == "GlobalAveragePool"
                ? .globalAveragePool : .maxPool(Window(height: map.height, width: map.width)),
            input: input, shape: input.shape[..<2] + input.shape[2...].map { _ in 1 })
    }

    /// The mean over some sides; over both sides of a map it is a global average pooling.
    private mutating func readMean(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        let given = try integers(node, "axes", orInput: 1)
        var axes: Set<Int> = []
        for axis in given ?? Array(0..<rank) {
            guard (-rank..<rank).contains(axis) else { throw node.problem("axis \(axis) of \(rank) dimensions") }
            axes.insert(axis < 0 ? axis + rank : axis)
        }
        let keeps = node.proto.int("keepdims", default: 1) != 0
        let shape = input.shape.enumerated().compactMap { index, side in
            axes.contains(index) ? (keeps ? 1 : nil) : side
        }
        let isPool = rank == 4 && axes == [2, 3]
        try launch(node, isPool ? .globalAveragePool : .memoryMove, input: input, shape: shape)
    }

    // MARK: - Value by value

    private mutating func readAdd(_ node: ONNXNode) throws(FileError) {
        let first = try value(node, 0), second = try value(node, 1)
        if first.isConstant != second.isConstant {
            let constant = first.isConstant ? first : second
            let name = node.proto.input[first.isConstant ? 1 : 0]
            if try fuse(
                node, into: name,
                if: {
                    $0.hasFoldableWeights && !$0.epilogue.hasBias && constant.count == $0.output.channels
                        && constant.count > 1
                },
                { $0.epilogue.hasBias = true })
            {
                return
            }
        }
        if !first.isConstant, !second.isConstant, first.shape == second.shape {
            return try launch(node, .add, input: first, shape: first.shape)
        }
        try readElementwise(node)
    }

    private mutating func readMul(_ node: ONNXNode) throws(FileError) {
        let values = [try value(node, 0), try value(node, 1)]
        for (map, factors) in [(values[0], values[1]), (values[1], values[0])] {
            let isPerChannel =
                map.shape.count == 4 && factors.shape.count == 4 && factors.shape[1] == map.shape[1]
                && factors.shape[2...].allSatisfy { $0 == 1 } && map.count > factors.count
            if isPerChannel, !map.isConstant { return try launch(node, .multiply, input: map, shape: map.shape) }
        }
        try readElementwise(node)
    }

    /// A function of two values; the smaller is broadcast to the shape of the larger.
    private mutating func readElementwise(_ node: ONNXNode) throws(FileError) {
        let first = try value(node, 0), second = try value(node, 1)
        guard let shape = Self.broadcast(first.shape, second.shape) else {
            throw node.problem("\(first.shape) and \(second.shape) do not fit each other")
        }
        if first.isConstant, second.isConstant {
            return try define(
                node,
                ONNXValue(
                    shape: shape, numbers: combined(node, first, second),
                    isIntegral: first.isIntegral && second.isIntegral))
        }
        let large = first.count >= second.count ? first : second
        let small = first.count >= second.count ? second : first
        let whole = ONNXValue(shape: shape)
        _ = try checked(whole, place: node.place)
        try launch(
            node, .elementwise(otherCount: small.count), input: large.count == whole.count ? large : whole, shape: shape
        )
    }

    static func broadcast(_ first: [Int], _ second: [Int]) -> [Int]? {
        let rank = max(first.count, second.count)
        func side(_ shape: [Int], _ index: Int) -> Int {
            index < rank - shape.count ? 1 : shape[index - (rank - shape.count)]
        }
        var shape: [Int] = []
        for index in 0..<rank {
            let a = side(first, index), b = side(second, index)
            guard a == b || a == 1 || b == 1 else { return nil }
            shape.append(a == 1 ? b : a)
        }
        return shape
    }

    /// Numbers from which a shape is computed; nil where they are not known.
    private func combined(_ node: ONNXNode, _ first: ONNXValue, _ second: ONNXValue) -> [Double]? {
        guard let left = first.numbers, let right = second.numbers, !left.isEmpty, !right.isEmpty,
            left.count == right.count || left.count == 1 || right.count == 1
        else { return nil }
        let isIntegral = first.isIntegral && second.isIntegral
        var result: [Double] = []
        for index in 0..<max(left.count, right.count) {
            let a = left[left.count == 1 ? 0 : index], b = right[right.count == 1 ? 0 : index]
            let value: Double? =
                switch node.kind {
                case "Add": a + b
                case "Sub": a - b
                case "Mul": a * b
                case "Div": isIntegral ? (a / b).rounded(.towardZero) : a / b
                case "Max": max(a, b)
                case "Min": min(a, b)
                default: nil
                }
            guard let value, value.isFinite else { return nil }
            result.append(value)
        }
        return result
    }

    /// Rounds up or down.
    private mutating func readRounding(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.isConstant else { return try activate(node, .none, of: node.proto.input[0]) }
        var result = input
        let rule: FloatingPointRoundingRule = node.kind == "Ceil" ? .up : .down
        result.mapNumbers { $0.rounded(rule) }
        try define(node, result)
    }

    private mutating func readConcatenation(_ node: ONNXNode) throws(FileError) {
        var parts: [ONNXValue] = []
        for index in node.proto.input.indices { parts.append(try value(node, index)) }
        guard let first = parts.first else { throw node.problem("expected at least one input, found none") }
        let rank = first.shape.count
        let given = node.proto.int("axis", default: 0)
        guard (-rank..<rank).contains(given) else { throw node.problem("axis \(given) of \(rank) dimensions") }
        let axis = given < 0 ? given + rank : given
        var shape = first.shape
        for part in parts.dropFirst() {
            guard part.shape.count == rank, part.shape.indices.allSatisfy({ $0 == axis || part.shape[$0] == shape[$0] })
            else { throw node.problem("\(part.shape) does not fit \(first.shape) along axis \(axis)") }
            let (sum, overflow) = shape[axis].addingReportingOverflow(part.shape[axis])
            if overflow { throw node.problem("more values than can be counted along axis \(axis)") }
            shape[axis] = sum
        }
        if parts.allSatisfy(\.isConstant) {
            // Only so many numbers that the result is not larger than the limit.
            let isKnown = rank <= 1 && shape.allSatisfy { $0 <= ONNXValue.knownCount }
            let lists = isKnown ? parts.compactMap(\.numbers) : []
            return try define(
                node,
                ONNXValue(
                    shape: shape, numbers: isKnown && lists.count == parts.count ? Array(lists.joined()) : nil,
                    isIntegral: parts.allSatisfy(\.isIntegral)))
        }
        try launch(node, .concatenate, input: ONNXValue(shape: shape), shape: shape)
    }
}
