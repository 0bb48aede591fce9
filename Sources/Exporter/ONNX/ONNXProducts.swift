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
        try emit(
            node, .convolution(window, groups: groups), inputs: [0, weights] + (bias.map { [$0] } ?? []),
            shape: [input.shape[0], outputs] + sides, type: type)
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
        guard input.shape.count == kernel.shape.count, input.shape.count == 4 || input.shape.count == 3 else {
            throw node.problem(
                "expected images and weights of four dimensions or of three, found \(input.shape) and \(kernel.shape)")
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
        let wanted = node.proto.ints("output_shape")
        var output: [Int] = []
        for index in sides.indices {
            let whole = strides[index] * (spatial[index] - 1) + more[index] + (sides[index] - 1) * dilations[index] + 1
            let side = isSame ? spatial[index] * strides[index] : whole - pads[index] - pads[index + sides.count]
            output.append(wanted.flatMap { index < $0.count ? $0[$0.count - sides.count + index] : nil } ?? side)
        }
        try emit(
            node,
            .transposedConvolution(
                Window(
                    height: sides[0], width: sides.count == 2 ? sides[1] : 1, verticalStride: strides[0],
                    horizontalStride: sides.count == 2 ? strides[1] : 1), groups: groups),
            inputs: [0, 1, 2], shape: [input.shape[0], channels] + output)
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
            return try define(node, constant: [rows, outputs], type: input.type, numbers: nil, from: [])
        }
        try emit(
            node, .product(GraphProduct(batches: 1, rows: rows, depth: inputs, columns: outputs)),
            inputs: [0, right] + (bias.map { [$0] } ?? []), shape: [rows, outputs], type: type)
    }

    /// A product of two matrices, or of two lists of them, as NumPy multiplies.
    ///
    /// - Parameter quantized: what is multiplied in the place of the first input, as a value of the neutral graph.
    mutating func readMatMul(
        _ node: ONNXNode, right: Int, bias: Int? = nil, type: ElementType? = nil, quantized: Int? = nil
    ) throws(FileError) {
        let first = try value(node, 0), second = try value(node, right)
        var left = first.shape, other = second.shape
        if node.kind == "com.microsoft.FusedMatMul" {
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
            // PyTorch computes it for each image, and so does a runtime that does not fold it. Counts that overflow are
            // refused where the graph is priced.
            constantMACs &+= batches * rows * columns * depth
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
        let written = try emit(
            node, operation, reading: [quantized, index(node, right)], shape: shape, type: type ?? first.type)
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

    /// ONNX Runtime's largest values of windows of maps [batch, height, width, channels].
    mutating func readChannelsLastPool(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count == 4, let kernel = node.proto.ints("kernel_shape") else {
            throw node.problem("expected images of four dimensions and a kernel_shape, found \(input.shape)")
        }
        let (window, sides) = try slide(node, kernel: kernel, over: Array(input.shape[1...2]))
        try emitChannelsLast(node, .maxPool(window), reading: [], channels: input.shape[3], sides: sides, type: input.type)
    }

    /// Adds an operator on the map [batch, height, width, channels] that a node reads first, and on weights.
    private mutating func emitChannelsLast(
        _ node: ONNXNode, _ operation: GraphOperation, reading weights: [Int], channels: Int, sides: [Int], type: ElementType
    ) throws(FileError) {
        let input = try value(node, 0), batch = input.shape[0]
        let map = try emit(
            node, .view, reading: [index(node, 0)], shape: [batch, input.shape[3]] + input.shape[1...2], type: input.type)
        let written = try emit(node, operation, reading: [map] + weights, shape: [batch, channels] + sides, type: type)
        try define(
            node, written: emit(node, .view, reading: [written], shape: [batch] + sides + [channels], type: type))
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
            return try define(node, constant: shape, type: inputs[0].type, numbers: nil, from: [])
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

    /// ONNX Runtime's attention with the weights that make queries, keys and values of one input.
    mutating func readProjectedAttention(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), weights = try value(node, 1)
        // Of integers, it answers with floating-point numbers.
        let isQuantized = node.kind == "com.microsoft.QAttention"
        let heads = node.proto.int("num_heads", default: 0)
        guard input.shape.count == 3, weights.shape.count == 2, weights.shape[0] == input.shape[2], weights.shape[1] > 2, heads > 0
        else {
            throw node.problem("\(input.shape) and weights \(weights.shape) do not fit \(heads) heads")
        }
        let all = weights.shape[1]
        let widths = node.proto.ints("qkv_hidden_sizes") ?? [all / 3, all / 3, all / 3]
        guard widths.count == 3, widths.allSatisfy({ (1...all).contains($0) && $0 % heads == 0 }),
            widths.reduce(0, +) == all, widths[0] == widths[1], node.proto.optionalInput(isQuantized ? 8 : 4) == nil
        else { throw node.problem("\(all) values are no queries, keys and values of \(heads) heads") }
        let batch = input.shape[0], rows = input.shape[1], type = isQuantized ? .float32 : input.type
        let scores = [batch, heads, rows, rows], shape = [batch, rows, widths[2]]
        for shape in [scores, [batch, rows, all]] {
            if let text = ONNXShape.problem(of: shape, least: 1) { throw node.problem(text) }
        }
        let projected = try emit(
            node, .product(GraphProduct(batches: 1, rows: batch * rows, depth: input.shape[2], columns: all)),
            reading: [index(node, 0), index(node, 1)] + optionalIndex(node, 2), shape: [batch, rows, all], type: type)
        func product(depth: Int, columns: Int) -> GraphOperation {
            .product(GraphProduct(batches: batch * heads, rows: rows, depth: depth, columns: columns))
        }
        let products = try emit(
            node, product(depth: widths[0] / heads, columns: rows), reading: [projected, projected], shape: scores, type: type)
        let chances = try emit(node, .softmax(size: rows), reading: [products], shape: scores, type: type)
        let sums = try emit(
            node, product(depth: rows, columns: widths[2] / heads), reading: [chances, projected], shape: shape, type: type)
        try define(node, written: sums)
    }

    /// Scores of queries and keys, their softmax, and sums of values: ONNX's own operator since opset 23, and ONNX
    /// Runtime's for several heads.
    mutating func readAttention(_ node: ONNXNode) throws(FileError) {
        let query = try value(node, 0)
        // ONNX Runtime's operators have packed forms: [batch, rows, heads, 3, depth], and [batch, rows, heads, 2, depth].
        let isPacked = node.kind == "com.microsoft.MultiHeadAttention"
        let keyPlace = isPacked && query.shape.count == 5 ? 0 : 1
        let key = try value(node, keyPlace)
        let contentPlace = isPacked && key.shape.count == 5 ? keyPlace : 2
        let content = try value(node, contentPlace)
        let ownHeads = node.proto.int("q_num_heads", default: node.proto.int("num_heads", default: 0))
        let keyHeads = node.proto.int("kv_num_heads", default: ownHeads)
        /// [batch, heads, rows, depth]
        func split(_ value: ONNXValue, _ heads: Int) throws(FileError) -> [Int] {
            if value.shape.count == 4 { return value.shape }
            if isPacked, value.shape.count == 5, value.shape[2] == heads {
                return [value.shape[0], heads, value.shape[1], value.shape[4]]
            }
            guard value.shape.count == 3, heads > 0, value.shape[2] % heads == 0 else {
                throw node.problem("expected [batch, heads, rows, values], found \(value.shape) in \(heads) heads")
            }
            return [value.shape[0], heads, value.shape[1], value.shape[2] / heads]
        }
        let q = try split(query, ownHeads), k = try split(key, keyHeads), v = try split(content, keyHeads)
        guard q[0] == k[0], k[0] == v[0], k[1] == v[1], q[1] % max(1, k[1]) == 0, q[3] == k[3], k[2] == v[2] else {
            throw node.problem("queries \(q), keys \(k) and values \(v) do not fit each other")
        }
        // Keys and values of earlier rows, which come first.
        let earlierPlace = isPacked ? 6 : 4
        let earlier = try optionalValue(node, earlierPlace).flatMap { $0.count > 0 ? $0.shape : nil }
        var keyCount = k[2]
        if let earlier {
            guard earlier.count == 4, earlier[0] == k[0], earlier[1] == k[1], earlier[3] == k[3] else {
                throw node.problem("earlier keys \(earlier) do not fit keys \(k)")
            }
            keyCount += earlier[2]
        }
        let scores = [q[0], q[1], q[2], keyCount]
        if let text = ONNXShape.problem(of: scores, least: 1) { throw node.problem(text) }
        let shape = query.shape.count == 4 ? [q[0], q[1], q[2], v[3]] : [q[0], q[2], q[1] * v[3]]
        let type = query.type, pairs = q[0] * q[1]
        func product(_ rows: Int, _ depth: Int, _ columns: Int) -> GraphOperation {
            .product(GraphProduct(batches: pairs, rows: rows, depth: depth, columns: columns))
        }
        // A mask is added to the scores where they are written.
        let mask = try computedInputs(node).contains(3) ? [index(node, 3)] : []
        var rows = [try index(node, keyPlace), try index(node, contentPlace)]
        for (place, own) in [(key, k), (content, v)].enumerated() {
            let isKept = place + 1 < node.proto.output.count && !node.proto.output[place + 1].isEmpty
            guard earlier != nil || isKept else { continue }
            let all = [own.1[0], own.1[1], keyCount, own.1[3]]
            let before = earlier == nil ? [] : try optionalIndex(node, earlierPlace + place)
            let operation = before.isEmpty ? (all == own.0.shape ? GraphOperation.view : .move) : .concatenation
            rows[place] = try emit(node, operation, reading: before + [rows[place]], shape: all, type: type)
            if isKept { try define(node, written: rows[place], output: place + 1) }
        }
        let products = try emit(
            node, product(q[2], q[3], keyCount), reading: [index(node, 0), rows[0]] + mask, shape: scores, type: type)
        let weights = try emit(node, .softmax(size: keyCount), reading: [products], shape: scores, type: type)
        let sums = try emit(
            node, product(q[2], keyCount, v[3]), reading: [weights, rows[1]], shape: shape, type: type)
        try define(node, written: sums)
        // The scores before their softmax, or after it.
        if node.proto.output.count > 3 {
            try define(node, written: node.proto.int("qk_matmul_output_mode", default: 0) == 3 ? weights : products, output: 3)
        }
    }
}

extension String {
    /// The parts between a separator.
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
