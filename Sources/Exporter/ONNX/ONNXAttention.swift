import Files
import Graphs

/// Attention, in the operators that ONNX and ONNX Runtime have for it (Vaswani et al., 2017, arXiv:1706.03762).
extension ONNXGraphReader {
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
            widths.reduce(0, +) == all, widths[0] == widths[1]
        else { throw node.problem("\(all) values are no queries, keys and values of \(heads) heads") }
        let batch = input.shape[0], rows = input.shape[1], type = isQuantized ? .float32 : input.type
        // Keys and values of earlier rows, which come first.
        let earlierPlace = isQuantized ? 8 : 4, depth = widths[2] / heads
        let earlier = try optionalValue(node, earlierPlace)?.shape ?? []
        let earlierCount = earlier.count == 5 ? earlier[3] : 0
        let fits = widths[1] == widths[2] && earlier == [2, batch, heads, earlierCount, depth]
        guard earlier.isEmpty || fits else {
            throw node.problem("earlier keys and values \(earlier) do not fit \(heads) heads of \(depth) values")
        }
        let keyCount = rows + earlierCount
        let scores = [batch, heads, rows, keyCount], shape = [batch, rows, widths[2]]
        for shape in [scores, [batch, rows, all]] {
            if let text = ONNXShape.problem(of: shape, least: 1) { throw node.problem(text) }
        }
        let projected = try emit(
            node, .product(GraphProduct(batches: 1, rows: batch * rows, depth: input.shape[2], columns: all)),
            reading: [index(node, 0), index(node, 1)] + optionalIndex(node, 2), shape: [batch, rows, all], type: type)
        func product(depth: Int, columns: Int) -> GraphOperation {
            .product(GraphProduct(batches: batch * heads, rows: rows, depth: depth, columns: columns))
        }
        let isKept = node.proto.output.count > 1 && !node.proto.output[1].isEmpty
        var read = projected
        if isKept || !earlier.isEmpty, widths[1] == widths[2] {
            read = try emit(
                node, earlier.isEmpty ? .move : .concatenation, reading: stateIndex(node, earlierPlace) + [projected],
                shape: [2, batch, heads, keyCount, depth], type: type)
            if isKept { try define(node, written: read, output: 1) }
        }
        let products = try emit(
            node, product(depth: widths[0] / heads, columns: keyCount), reading: [projected, read], shape: scores, type: type)
        let chances = try emit(node, .softmax(size: keyCount), reading: [products], shape: scores, type: type)
        let sums = try emit(
            node, product(depth: keyCount, columns: depth), reading: [chances, read], shape: shape, type: type)
        try define(node, written: sums)
    }

    /// Scores of queries and keys, their softmax, and sums of values: ONNX's own operator since opset 23, and ONNX
    /// Runtime's for several heads and for heads that share keys.
    mutating func readAttention(_ node: ONNXNode) throws(FileError) {
        let query = try value(node, 0)
        // ONNX Runtime's operators have packed forms: [batch, rows, heads, 3, depth], [batch, rows, heads, 2, depth], and
        // [batch, rows, (heads + 2 · shared heads) · depth].
        let isPacked = node.kind == "com.microsoft.MultiHeadAttention"
        let isGrouped = node.kind == "com.microsoft.GroupQueryAttention"
        let isJoined = isGrouped && node.proto.optionalInput(1) == nil
        let keyPlace = isJoined || isPacked && query.shape.count == 5 ? 0 : 1
        let key = try value(node, keyPlace)
        let contentPlace = isJoined || isPacked && key.shape.count == 5 ? keyPlace : 2
        let content = try value(node, contentPlace)
        let ownHeads = node.proto.int("q_num_heads", default: node.proto.int("num_heads", default: 0))
        let keyHeads = node.proto.int("kv_num_heads", default: ownHeads)
        guard max(ownHeads, keyHeads) <= Self.windowLimit else { throw node.problem("\(ownHeads) and \(keyHeads) heads") }
        /// [batch, heads, rows, depth]
        func split(_ value: ONNXValue, _ heads: Int) throws(FileError) -> [Int] {
            if value.shape.count == 4 { return value.shape }
            if isPacked, value.shape.count == 5, value.shape[2] == heads {
                return [value.shape[0], heads, value.shape[1], value.shape[4]]
            }
            let parts = isJoined ? ownHeads + 2 * keyHeads : heads
            guard value.shape.count == 3, heads > 0, parts > 0, value.shape[2] % parts == 0 else {
                throw node.problem("expected [batch, heads, rows, values], found \(value.shape) in \(parts) heads")
            }
            return [value.shape[0], heads, value.shape[1], value.shape[2] / parts]
        }
        let q = try split(query, ownHeads), k = try split(key, keyHeads), v = try split(content, keyHeads)
        guard q[0] == k[0], k[0] == v[0], k[1] == v[1], q[1] % max(1, k[1]) == 0, q[3] == k[3], k[2] == v[2] else {
            throw node.problem("queries \(q), keys \(k) and values \(v) do not fit each other")
        }
        // Keys and values of earlier rows, which come first.
        let earlierPlace = isGrouped ? 3 : isPacked ? 6 : 4
        let earlier = try optionalValue(node, earlierPlace).flatMap { $0.count > 0 ? $0.shape : nil }
        if let earlier, earlier.count != 4 || earlier[0] != k[0] || earlier[1] != k[1] || earlier[3] != k[3] {
            throw node.problem("earlier keys \(earlier) do not fit keys \(k)")
        }
        let keyCount = try rowCount(node, own: k[2], earlier: earlier?[2] ?? 0)
        let scores = [q[0], q[1], q[2], keyCount]
        if let text = ONNXShape.problem(of: scores, least: 1) { throw node.problem(text) }
        let shape = query.shape.count == 4 ? [q[0], q[1], q[2], v[3]] : [q[0], q[2], q[1] * v[3]]
        let type = query.type, pairs = q[0] * q[1]
        func product(_ rows: Int, _ depth: Int, _ columns: Int) -> GraphOperation {
            .product(GraphProduct(batches: pairs, rows: rows, depth: depth, columns: columns))
        }
        // Masks are added to the scores where they are written.
        let maskPlaces = isGrouped ? [10] : isPacked ? [4, 5] : [3]
        var masks: [Int] = []
        for place in computedInputs(node) where maskPlaces.contains(place) { masks.append(try index(node, place)) }
        // Queries, keys and values in the neutral graph.
        let places = [0, keyPlace, contentPlace]
        var read: [Int] = []
        for place in places { read.append(try index(node, place)) }
        if isPacked { try addBiases(node, places, [q, k, v].map { $0[1] * $0[3] }, to: &read) }
        if isGrouped, node.proto.int("do_rotary", default: 0) != 0 {
            // Every value of queries and keys by a cosine and a sine.
            let turned = isJoined ? [q] : [q, k]
            for (place, own) in turned.enumerated() {
                let width = own[1] * own[3] + (isJoined ? k[1] * k[3] : 0)
                read[place] = try emit(
                    node, .binary(.multiply), reading: [read[place]], shape: [own[0], own[2], width], type: type)
            }
            if isJoined { read[1] = read[0] }
        }
        var rows = [read[1], read[2]]
        for (place, own) in [(key, k), (content, v)].enumerated() {
            let isKept = place + 1 < node.proto.output.count && !node.proto.output[place + 1].isEmpty
            guard earlier != nil || isKept else { continue }
            let all = [own.1[0], own.1[1], keyCount, own.1[3]]
            let before = earlier == nil ? [] : try stateIndex(node, earlierPlace + place)
            let operation = before.isEmpty ? (all == own.0.shape ? GraphOperation.view : .move) : .concatenation
            rows[place] = try emit(node, operation, reading: before + [rows[place]], shape: all, type: type)
            if isKept { try define(node, written: rows[place], output: place + 1) }
        }
        let products = try emit(
            node, product(q[2], q[3], keyCount), reading: [read[0], rows[0]] + masks, shape: scores, type: type)
        let weights = try emit(node, .softmax(size: keyCount), reading: [products], shape: scores, type: type)
        let sums = try emit(
            node, product(q[2], keyCount, v[3]), reading: [weights, rows[1]], shape: shape, type: type)
        try define(node, written: sums)
        // The scores before their softmax, or after it.
        if node.proto.output.count > 3 {
            try define(node, written: node.proto.int("qk_matmul_output_mode", default: 0) == 3 ? weights : products, output: 3)
        }
    }

    /// How many rows of keys the queries are compared with: their own and all earlier ones, but for heads that share keys as
    /// many as a constant or the shape in the file says.
    private mutating func rowCount(_ node: ONNXNode, own: Int, earlier: Int) throws(FileError) -> Int {
        let all = own + earlier
        guard node.kind == "com.microsoft.GroupQueryAttention" else { return all }
        if let total = try optionalValue(node, 6)?.integers, total.count == 1, total[0] >= own { return min(total[0], all) }
        let text = "attention is priced with all rows that the keys of earlier rows have room for"
        if earlier > 0, !assumptions.contains(text) { assumptions.append(text) }
        // Keys may be kept in the room that the earlier ones have.
        let kept = node.proto.output.count > 1 ? given(node.proto.output[1]) : nil
        return kept.flatMap { $0.count == 4 && (own...all).contains($0[2]) ? $0[2] : nil } ?? all
    }

    /// Adds the biases of queries, keys and values, which are one list, to what is read.
    ///
    /// - Parameters:
    ///   - places: of the inputs that hold queries, keys and values, some of which may be the same.
    ///   - widths: of queries, keys and values.
    ///   - read: queries, keys and values in the neutral graph.
    private mutating func addBiases(
        _ node: ONNXNode, _ places: [Int], _ widths: [Int], to read: inout [Int]
    ) throws(FileError) {
        guard let bias = try optionalValue(node, 3) else { return }
        let all = widths.reduce(0, +)
        guard bias.count == all else { throw node.problem("expected biases of \(all) values, found \(bias.count)") }
        for place in Set(places).sorted() {
            let parts = places.indices.filter { places[$0] == place }
            let map = graph.values[read[parts[0]]]
            // Keys that are split into heads already come from elsewhere, and have no bias.
            guard map.shape.count != 4 else { continue }
            var own = ONNXValue(constant: [parts.reduce(0) { $0 + widths[$1] }], type: bias.type, numbers: nil)
            own.comes(from: bias)
            // A part of a weight is none of its other parts.
            own.weights = nil
            let sum = try emit(
                node, .binary(.add), reading: [read[parts[0]], index(of: own)], shape: map.shape, type: map.type)
            for part in parts { read[part] = sum }
        }
    }
}
