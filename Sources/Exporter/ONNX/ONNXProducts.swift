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
        let groups = node.proto.int("group", default: 1)
        let outputs = kernel.shape[0], perGroup = kernel.shape[1]
        guard groups > 0, input.shape[1] % groups == 0, outputs > 0, outputs % groups == 0,
            input.shape[1] / groups == perGroup
        else {
            throw node.problem(
                "weights \(kernel.shape) in \(groups) groups do not fit a map of \(input.shape[1]) channels")
        }
        let (window, sides) = try slide(node, kernel: Array(kernel.shape[2...]), over: Array(input.shape[2...]))
        if let bias, let bias = try optionalValue(node, bias), bias.count != outputs {
            throw node.problem("expected a bias of \(outputs) values, found \(bias.count)")
        }
        try emit(
            node, .convolution(window, groups: groups), inputs: [0, weights] + (bias.map { [$0] } ?? []),
            shape: [input.shape[0], outputs] + sides, type: type)
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
        let spatial = Array(input.shape[2...]), sides = Array(kernel.shape[2...]), limit = 1 << 16
        func list(_ name: String, _ count: Int, _ value: Int, from least: Int) throws(FileError) -> [Int] {
            let list = node.proto.ints(name) ?? [Int](repeating: value, count: count)
            guard list.count == count, list.allSatisfy((least...limit).contains) else {
                throw node.problem("expected \(count) \(name) from \(least) to \(limit), found \(list.listed)")
            }
            return list
        }
        guard (sides + spatial).allSatisfy((1...limit).contains) else { throw node.problem("a window of \(sides.listed)") }
        let strides = try list("strides", sides.count, 1, from: 1)
        let dilations = try list("dilations", sides.count, 1, from: 1)
        let pads = try list("pads", 2 * sides.count, 0, from: 0)
        let more = try list("output_padding", sides.count, 0, from: 0)
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
            if first.isIntegral || shape.contains(0) {
                return try define(node, constant: shape, type: first.type, numbers: nil, from: [])
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
        let type = type ?? first.type
        var result = ONNXValue(shape: shape, type: type)
        result.index = try emit(node, operation, reading: [quantized, index(node, right)], shape: shape, type: type)
        try define(node, result)
    }

    /// A sum of products over the letters that only inputs have; of one input it is a reduction or a transposition.
    mutating func readEinsum(_ node: ONNXNode) throws(FileError) {
        let equation = node.proto.text("equation").filter { $0 != " " }
        let sides = equation.components(separatedBy: "->")
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        let inputs = try inputs(node)
        guard terms.count == inputs.count, terms.count == 1 || terms.count == 2 else {
            throw node.problem("expected an equation of one or two inputs, found \"\(equation.named)\"")
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
        guard letters.count == 2 else {
            return try emit(
                node, all.count == result.count ? .move : .reduction(.other), inputs: [0], shape: shape)
        }
        let kept = Set(result), left = Set(letters[0]), right = Set(letters[1])
        func product(_ letters: Set<Character>) throws(FileError) -> Int {
            let sides = letters.map { lengths[$0] ?? 1 }
            if let text = ONNXShape.problem(of: sides, least: 1) { throw node.problem(text) }
            return sides.reduce(1, *)
        }
        let depth = try product(left.union(right).subtracting(kept))
        try emit(
            node,
            .product(
                GraphProduct(
                    batches: try product(kept.intersection(left).intersection(right)),
                    rows: try product(kept.intersection(left).subtracting(right)), depth: depth,
                    columns: try product(kept.intersection(right).subtracting(left)))),
            inputs: [0, 1], shape: shape)
    }

    /// Scores of queries and keys, their softmax, and sums of values: ONNX's own operator since opset 23, and ONNX
    /// Runtime's for several heads.
    mutating func readAttention(_ node: ONNXNode) throws(FileError) {
        let query = try value(node, 0), key = try value(node, 1), content = try value(node, 2)
        let ownHeads = node.proto.int("q_num_heads", default: node.proto.int("num_heads", default: 0))
        let keyHeads = node.proto.int("kv_num_heads", default: ownHeads)
        /// [batch, heads, rows, depth]
        func split(_ value: ONNXValue, _ heads: Int) throws(FileError) -> [Int] {
            if value.shape.count == 4 { return value.shape }
            guard value.shape.count == 3, heads > 0, value.shape[2] % heads == 0 else {
                throw node.problem("expected [batch, heads, rows, values], found \(value.shape) in \(heads) heads")
            }
            return [value.shape[0], heads, value.shape[1], value.shape[2] / heads]
        }
        let q = try split(query, ownHeads), k = try split(key, keyHeads), v = try split(content, keyHeads)
        guard q[0] == k[0], k[0] == v[0], k[1] == v[1], q[1] % max(1, k[1]) == 0, q[3] == k[3], k[2] == v[2],
            node.proto.optionalInput(node.kind == "Attention" ? 4 : 6) == nil
        else { throw node.problem("queries \(q), keys \(k) and values \(v) do not fit each other") }
        let scores = [q[0], q[1], q[2], k[2]]
        if let text = ONNXShape.problem(of: scores, least: 1) { throw node.problem(text) }
        let shape = query.shape.count == 4 ? [q[0], q[1], q[2], v[3]] : [q[0], q[2], q[1] * v[3]]
        let type = query.type, pairs = q[0] * q[1], keyCount = k[2]
        func product(_ rows: Int, _ depth: Int, _ columns: Int) -> GraphOperation {
            .product(GraphProduct(batches: pairs, rows: rows, depth: depth, columns: columns))
        }
        // A mask is added to the scores where they are written.
        let mask = try computedInputs(node).contains(3) ? [index(node, 3)] : []
        let products = try emit(
            node, product(q[2], q[3], keyCount), reading: [index(node, 0), index(node, 1)] + mask, shape: scores, type: type)
        let weights = try emit(node, .softmax(size: keyCount), reading: [products], shape: scores, type: type)
        let sums = try emit(
            node, product(q[2], keyCount, v[3]), reading: [weights, index(node, 2)], shape: shape, type: type)
        var result = ONNXValue(shape: shape, type: type)
        result.index = sums
        try define(node, result)
    }
}

extension String {
    /// The parts between a separator.
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
