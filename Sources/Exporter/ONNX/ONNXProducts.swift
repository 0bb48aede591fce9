import Architectures
import Files
import Graphs

/// Convolutions and products of matrices.
extension ONNXGraphReader {
    /// - Parameters:
    ///   - weights: the place of the weights among the inputs.
    ///   - bias: the place of the bias.
    ///   - type: of the output; nil for that of the map.
    mutating func readConvolution(
        _ node: ONNXNode, weights: Int, bias: Int?, type: ElementType? = nil
    ) throws(FileError) {
        let input = try value(node, 0), kernel = try value(node, weights)
        guard input.shape.count == kernel.shape.count, (3...5).contains(input.shape.count) else {
            throw node.problem(
                "expected images and weights of three to five dimensions, found \(input.shape) and \(kernel.shape)")
        }
        let outputs = kernel.shape[0]
        let groups = try groups(node, kernel.shape, perGroup: kernel.shape[1], channels: input.shape[1])
        let (window, sides) = try slide(node, kernel: Array(kernel.shape[2...]), over: Array(input.shape[2...]))
        if let bias, let bias = try optionalValue(node, bias), bias.count != outputs {
            throw node.problem("expected a bias of \(outputs) values, found \(bias.count)")
        }
        let shape = [input.shape[0], outputs] + sides
        guard node.kind == "com.microsoft.FusedConv" else {
            return try emit(
                node, .convolution(window, groups: groups), inputs: [0, weights] + (bias.map { [$0] } ?? []), shape: shape,
                type: type)
        }
        let sums = try emit(
            node, .convolution(window, groups: groups), reading: [index(node, 0), index(node, weights)] + optionalIndex(node, 2),
            shape: shape, type: input.type)
        try define(node, written: finish(node, sums, adding: 3))
    }

    /// What ONNX Runtime's fused operators do to their sums: a map may be added, and an activation may follow.
    ///
    /// - Parameters:
    ///   - sums: in the neutral graph.
    ///   - place: of the map among the inputs; nil for an operator that has none.
    mutating func finish(_ node: ONNXNode, _ sums: Int, adding place: Int? = nil) throws(FileError) -> Int {
        let value = graph.values[sums]
        var last = sums
        if let place, try optionalValue(node, place) != nil {
            last = try emit(node, .binary(.add), reading: [last, index(node, place)], shape: value.shape, type: value.type)
        }
        let name = node.proto.text("activation")
        guard !name.isEmpty else { return last }
        let operation: GraphOperation
        if name == "Clip" {
            operation = .activation(node.proto.attribute("activation_params")?.floats == [0, 6] ? .relu6 : .relu)
        } else {
            operation = Self.activations[name].map { GraphOperation.activation($0) } ?? .function(.other)
        }
        return try emit(node, operation, reading: [last], shape: value.shape, type: value.type)
    }

    /// The groups of a convolution, which have to fit its weights, whose first side is that of the outputs, and its map.
    private func groups(
        _ node: ONNXNode, _ weights: [Int], perGroup: Int, channels: Int
    ) throws(FileError) -> Int {
        let groups = node.proto.int("group", default: 1)
        guard groups > 0, channels % groups == 0, weights[0] > 0, weights[0] % groups == 0, channels / groups == perGroup
        else { throw node.problem("weights \(weights) in \(groups) groups do not fit a map of \(channels) channels") }
        return groups
    }

    mutating func readTransposedConvolution(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), kernel = try value(node, 1)
        guard input.shape.count == kernel.shape.count, (3...5).contains(input.shape.count) else {
            throw node.problem(
                "expected images and weights of three to five dimensions, found \(input.shape) and \(kernel.shape)")
        }
        let groups = node.proto.int("group", default: 1)
        guard groups > 0, input.shape[1] % groups == 0, kernel.shape[0] == input.shape[1], kernel.shape[1] > 0 else {
            throw node.problem("weights \(kernel.shape) in \(groups) groups do not fit a map of \(input.shape[1]) channels")
        }
        let (channels, overflow) = kernel.shape[1].multipliedReportingOverflow(by: groups)
        if overflow { throw node.problem("more channels than can be counted") }
        let spatial = Array(input.shape[2...]), sides = Array(kernel.shape[2...])
        guard (sides + spatial).allSatisfy((1...Self.windowLimit).contains) else {
            throw node.problem("a window of \(sides.listed)")
        }
        let strides = try list(node, "strides", count: sides.count, default: 1)
        let dilations = try list(node, "dilations", count: sides.count, default: 1)
        let pads = try list(node, "pads", count: 2 * sides.count, default: 0)
        let more = try list(node, "output_padding", count: sides.count, default: 0)
        let isSame = node.proto.text("auto_pad").hasPrefix("SAME")
        let wanted = node.proto.ints("output_shape").flatMap { $0.isEmpty ? nil : $0 }
        if let wanted, wanted.count != sides.count, wanted.count != input.shape.count {
            throw node.problem("expected an output_shape of \(sides.count) sides, found \(wanted.listed)")
        }
        var output: [Int] = []
        for index in sides.indices {
            let whole = strides[index] * (spatial[index] - 1) + more[index] + (sides[index] - 1) * dilations[index] + 1
            // A window below its stride leaves nothing to cut off.
            let side = isSame ? min(whole, spatial[index] * strides[index]) : whole - pads[index] - pads[index + sides.count]
            output.append(wanted.map { $0[$0.count - sides.count + index] } ?? side)
        }
        try emit(
            node, .transposedConvolution(Self.window(sides, strides), groups: groups), inputs: [0, 1, 2],
            shape: [input.shape[0], channels] + output)
    }

    // MARK: - Matrices

    mutating func readGemm(
        _ node: ONNXNode, right: Int, bias: Int?, type: ElementType? = nil
    ) throws(FileError) {
        let input = try value(node, 0), weights = try value(node, right)
        guard input.shape.count == 2, weights.shape.count == 2 else {
            throw node.problem("expected two matrices, found \(input.shape) and \(weights.shape)")
        }
        let (rows, inputs) =
            node.proto.int("transA", default: 0) == 0
            ? (input.shape[0], input.shape[1]) : (input.shape[1], input.shape[0])
        let (rowsOfWeights, outputs) =
            node.proto.int("transB", default: 0) == 0
            ? (weights.shape[0], weights.shape[1]) : (weights.shape[1], weights.shape[0])
        guard inputs == rowsOfWeights else {
            throw node.problem("a matrix with \(inputs) columns cannot be multiplied by one with \(rowsOfWeights) rows")
        }
        if input.isConstant, weights.isConstant {
            let isOfWeights = input.origin == .stored && weights.origin == .stored
            guard isOfWeights, rows * outputs > 0 else {
                return try define(node, constant: [rows, outputs], type: input.type, numbers: nil, from: [input, weights])
            }
        }
        let operation = GraphOperation.product(GraphProduct(batches: 1, rows: rows, depth: inputs, columns: outputs))
        guard node.kind == "com.microsoft.FusedGemm" else {
            return try emit(
                node, operation, inputs: [0, right] + (bias.map { [$0] } ?? []), shape: [rows, outputs], type: type)
        }
        let sums = try emit(
            node, operation, reading: [index(node, 0), index(node, right)] + optionalIndex(node, 2), shape: [rows, outputs],
            type: input.type)
        try define(node, written: finish(node, sums))
    }

    /// A product of two matrices, or of two lists of them, as NumPy multiplies.
    ///
    /// - Parameter quantized: what is multiplied in the place of the first input, as a value of the neutral graph.
    mutating func readMatMul(
        _ node: ONNXNode, right: Int, bias: Int? = nil, type: ElementType? = nil, quantized: Int? = nil
    ) throws(FileError) {
        let first = try value(node, 0), second = try value(node, right)
        var left = first.shape, other = second.shape
        if ["com.microsoft.FusedMatMul", "com.microsoft.TransposeMatMul"].contains(node.kind) {
            if node.proto.int("transBatchA", default: 0) != 0 { Self.rotateBatch(&left) }
            if node.proto.int("transBatchB", default: 0) != 0 { Self.rotateBatch(&other) }
            if node.proto.int("transA", default: 0) != 0, left.count >= 2 { left.swapAt(left.count - 1, left.count - 2) }
            if node.proto.int("transB", default: 0) != 0, other.count >= 2 {
                other.swapAt(other.count - 1, other.count - 2)
            }
        }
        guard !left.isEmpty, !other.isEmpty else {
            throw node.problem("expected two matrices, found \(first.shape) and \(second.shape)")
        }
        let isRow = left.count == 1, isColumn = other.count == 1
        if isRow { left = [1] + left }
        if isColumn { other += [1] }
        let depth = left[left.count - 1], columns = other[other.count - 1], rows = left[left.count - 2]
        guard depth == other[other.count - 2] else {
            throw node.problem(
                "a matrix with \(depth) columns cannot be multiplied by one with \(other[other.count - 2]) rows")
        }
        guard let batch = Self.broadcast(left.dropLast(2), other.dropLast(2)) else {
            throw node.problem("\(first.shape) and \(second.shape) do not fit each other")
        }
        let shape = batch + (isRow ? [] : [rows]) + (isColumn ? [] : [columns])
        if let text = ONNXShape.problem(of: batch + [rows, columns], least: 0) { throw node.problem(text) }
        let batches = batch.reduce(1, *)
        if first.isConstant, second.isConstant {
            let numbers = node.kind != "MatMul" ? nil : ONNXNumbers(first).flatMap { left in
                ONNXNumbers(second).flatMap { ONNXNumbers.product(left, $0) }
            }
            // So short a product with numbers that are no weights belongs to the arithmetic of shapes.
            let isOfWeights = first.origin == .stored && second.origin == .stored
            if first.isIntegral || shape.contains(0) || numbers != nil && !isOfWeights {
                return try define(node, constant: shape, type: first.type, numbers: numbers, from: [first, second])
            }
            // PyTorch computes it for each image, and so does a runtime that does not fold it.
        }
        // One matrix of weights serves all rows of all matrices before it.
        let isShared = other.dropLast(2).allSatisfy { $0 == 1 }
        let operation = GraphOperation.product(
            GraphProduct(
                batches: isShared ? 1 : batches, rows: isShared ? batches * rows : rows, depth: depth, columns: columns))
        guard let quantized else {
            return try emit(
                node, operation, inputs: [0, right] + (bias.map { [$0] } ?? []), shape: shape, type: type)
        }
        var read = [quantized, try index(node, right)]
        if let bias { read += try optionalIndex(node, bias) }
        let written = try emit(node, operation, reading: read, shape: shape, type: type ?? first.type)
        try define(node, written: written)
    }

    /// The shape of matrices whose rows stand before the last sides of the batch: [batch, rows, heads, columns].
    private static func rotateBatch(_ shape: inout [Int]) {
        guard shape.count >= 4 else { return }
        shape.insert(shape.remove(at: 1), at: shape.count - 1)
    }

    /// ONNX Runtime's product with weights of few bits, [rows, K] by [K, N], both of which are attributes.
    mutating func readPackedMatMul(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let depth = node.proto.int("K", default: 0), columns = node.proto.int("N", default: 0)
        guard depth > 0, columns > 0, input.shape.last == depth, input.count > 0 else {
            throw node.problem("a matrix \(input.shape) cannot be multiplied by one of \(depth) rows and \(columns) columns")
        }
        let shape = input.shape.dropLast() + [columns]
        if let text = ONNXShape.problem(of: Array(shape), least: 1) { throw node.problem(text) }
        // Bytes of the file hold one weight, two or four.
        let bits = node.proto.int("bits", default: 4)
        storeWeights(node, 1, as: bits > 4 ? .int8 : bits > 2 ? .int4 : .int2)
        try emit(
            node, .product(GraphProduct(batches: 1, rows: input.count / depth, depth: depth, columns: columns)),
            inputs: [0, 1, 5], shape: Array(shape))
    }

    /// ONNX Runtime's convolutions of maps [batch, height, width, channels] with weights [outputs, height, width, inputs]; of
    /// integers with weights [outputs, inputs, height, width].
    mutating func readChannelsLastConvolution(_ node: ONNXNode, isQuantized: Bool = false) throws(FileError) {
        let input = try value(node, 0), weights = isQuantized ? 3 : 1, kernel = try value(node, weights)
        guard input.shape.count == 4, kernel.shape.count == 4 else {
            throw node.problem("expected images and weights of four dimensions, found \(input.shape) and \(kernel.shape)")
        }
        let groups = try groups(node, kernel.shape, perGroup: kernel.shape[isQuantized ? 1 : 3], channels: input.shape[3])
        let window = isQuantized ? kernel.shape[2...3] : kernel.shape[1...2]
        let (moved, sides) = try slide(node, kernel: Array(window), over: Array(input.shape[1...2]))
        let read = try [index(node, weights)] + optionalIndex(node, isQuantized ? 8 : 2)
        try emitChannelsLast(
            node, .convolution(moved, groups: groups), reading: read, channels: kernel.shape[0], sides: sides,
            type: isQuantized ? .int8 : input.type)
    }

    /// ONNX Runtime's largest values of windows of maps [batch, height, width, channels], or their means.
    mutating func readChannelsLastPool(_ node: ONNXNode, isMean: Bool) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count == 4, let kernel = node.proto.ints("kernel_shape") else {
            throw node.problem("expected images of four dimensions and a kernel_shape, found \(input.shape)")
        }
        let (window, sides) = try slide(node, kernel: kernel, over: Array(input.shape[1...2]))
        let isGlobal = kernel == Array(input.shape[1...2]) && sides == [1, 1]
        let operation: GraphOperation = !isMean ? .maxPool(window) : isGlobal ? .globalAveragePool : .averagePool(window)
        try emitChannelsLast(node, operation, reading: [], channels: input.shape[3], sides: sides, type: input.type)
    }

    /// Adds an operator on the map [batch, height, width, channels] that a node reads first, and on weights.
    private mutating func emitChannelsLast(
        _ node: ONNXNode, _ operation: GraphOperation, reading weights: [Int], channels: Int, sides: [Int], type: ElementType
    ) throws(FileError) {
        let input = try value(node, 0), batch = input.shape[0]
        let map = try emit(
            node, .view, reading: [index(node, 0)], shape: [batch, input.shape[3]] + input.shape[1...2], type: input.type)
        let written = try emit(node, operation, reading: [map] + weights, shape: [batch, channels] + sides, type: type)
        let turned = try emit(node, .view, reading: [written], shape: [batch] + sides + [channels], type: type)
        try define(node, written: node.kind == "com.microsoft.NhwcFusedConv" ? finish(node, turned, adding: 3) : turned)
    }

    /// A convolution that reads each value of its window at a place of its own (Dai et al., 2017, arXiv:1703.06211).
    mutating func readDeformableConvolution(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), kernel = try value(node, 1)
        guard input.shape.count == 4, kernel.shape.count == 4 else {
            throw node.problem("expected images and weights of four dimensions, found \(input.shape) and \(kernel.shape)")
        }
        let groups = try groups(node, kernel.shape, perGroup: kernel.shape[1], channels: input.shape[1])
        let (window, sides) = try slide(node, kernel: Array(kernel.shape[2...]), over: Array(input.shape[2...]))
        // The places of all windows are interpolated first.
        let (values, overflow) = input.shape[1].multipliedReportingOverflow(by: window.count)
        let sampled = [input.shape[0], values] + sides
        if overflow { throw node.problem("more values than can be counted") }
        if let text = ONNXShape.problem(of: sampled, least: 1) { throw node.problem(text) }
        let samples = try emit(
            node, .resize, reading: [index(node, 0), index(node, 2)], shape: sampled, type: input.type)
        let map = try emit(node, .view, reading: [samples], shape: sampled, type: input.type)
        let written = try emit(
            node, .convolution(Window(side: 1), groups: groups), reading: [map, index(node, 1)] + optionalIndex(node, 3),
            shape: [input.shape[0], kernel.shape[0]] + sides, type: input.type)
        try define(node, written: written)
    }

    /// A sum of products over the letters that only inputs have; of one input it is a reduction or a transposition.
    mutating func readEinsum(_ node: ONNXNode) throws(FileError) {
        let equation = node.proto.text("equation").filter { $0 != " " }
        let sides = equation.components(separatedBy: "->")
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        let inputs = try inputs(node)
        guard terms.count == inputs.count, (1...8).contains(terms.count) else {
            throw node.problem("expected an equation of one to eight inputs, found \"\(equation.named)\"")
        }
        var lengths: [Character: Int] = [:]
        var letters: [[Character]] = []
        for (term, input) in zip(terms, inputs) {
            var term = term
            // The sides that "..." stands for get letters of their own, counted from the last.
            if let start = term.firstIndex(of: "."), term.count >= start + 3 {
                let count = input.shape.count - (term.count - 3)
                guard count >= 0, count < 32 else { throw node.problem("\(input.shape) does not fit \"\(equation.named)\"") }
                let names = (0..<count).reversed().map { Character(UnicodeScalar(UInt8(1 + $0))) }
                term.replaceSubrange(start..<start + 3, with: names)
            }
            guard term.count == input.shape.count else {
                throw node.problem("\(input.shape) does not fit \"\(equation.named)\"")
            }
            for (letter, side) in zip(term, input.shape) {
                let known = lengths[letter] ?? 1
                guard known == 1 || side == 1 || known == side else {
                    throw node.problem("\"\(letter)\" is \(known) and \(side) in \"\(equation.named)\"")
                }
                lengths[letter] = max(known, side)
            }
            letters.append(term)
        }
        let all = Set(letters.joined())
        let hidden = all.filter { $0.isASCII && ($0.asciiValue ?? 255) < 32 }.sorted(by: >)
        var result: [Character]
        if sides.count == 2 {
            result = Array(sides[1])
            if let start = result.firstIndex(of: "."), result.count >= start + 3 {
                result.replaceSubrange(start..<start + 3, with: hidden)
            }
        } else {
            let joined = Array(letters.joined())
            result = hidden + all.subtracting(hidden).filter { letter in joined.filter { $0 == letter }.count == 1 }.sorted()
        }
        guard result.allSatisfy({ lengths[$0] != nil }) else { throw node.problem("a new letter in \"\(equation.named)\"") }
        let shape = result.map { lengths[$0] ?? 1 }
        if inputs.allSatisfy(\.isConstant) {
            // As in a product of two matrices: what is short and no weight belongs to the arithmetic of shapes.
            let isOfWeights = inputs.allSatisfy { $0.origin == .stored }, isShort = inputs.allSatisfy { $0.numbers != nil }
            if inputs.count == 1 || inputs[0].isIntegral || shape.contains(0) || isShort && !isOfWeights {
                return try define(node, constant: shape, type: inputs[0].type, numbers: nil, from: inputs)
            }
        }
        guard letters.count > 1 else {
            return try emit(
                node, all.count == result.count ? .move : .reduction(.other), inputs: [0], shape: shape)
        }
        func product(_ letters: Set<Character>) throws(FileError) -> Int {
            let sides = letters.map { lengths[$0] ?? 1 }
            if let text = ONNXShape.problem(of: sides, least: 1) { throw node.problem(text) }
            return sides.reduce(1, *)
        }
        // From the left, as NumPy and PyTorch do where nothing else is asked.
        var left = Set(letters[0]), written = try index(node, 0)
        for place in 1..<letters.count {
            let right = Set(letters[place])
            let kept = Set(letters[(place + 1)...].joined()).union(result).intersection(left.union(right))
            let isLast = place == letters.count - 1
            written = try emit(
                node,
                .product(
                    GraphProduct(
                        batches: try product(kept.intersection(left).intersection(right)),
                        rows: try product(kept.intersection(left).subtracting(right)),
                        depth: try product(left.union(right).subtracting(kept)),
                        columns: try product(kept.intersection(right).subtracting(left)))),
                reading: [written, index(node, place)], shape: isLast ? shape : [try product(kept)], type: inputs[0].type)
            left = kept
        }
        try define(node, written: written)
    }
}

extension String {
    /// The parts between a separator.
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
