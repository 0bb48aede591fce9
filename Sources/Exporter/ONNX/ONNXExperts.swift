import Files
import Graphs

/// ONNX Runtime's mixtures of experts (Shazeer et al., 2017, arXiv:1701.06538).
extension ONNXGraphReader {
    /// Rows, each of which some of the experts answer: two products with an activation between them, summed by the chances
    /// of the experts. Any of the experts may be chosen, and all are stored.
    mutating func readExperts(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), router = try value(node, 1)
        guard let width = input.shape.last, width > 0, input.count > 0, router.shape.count == 2, router.shape[0] == input.count / width
        else { throw node.problem("rows \(input.shape) and chances \(router.shape) do not fit each other") }
        let experts = router.shape[1], chosen = node.proto.int("k", default: 1)
        guard chosen >= 1, chosen <= experts else { throw node.problem("expected k from 1 to \(experts), found \(chosen)") }
        let rows = router.shape[0] * chosen
        let chances = try emit(
            node, .softmax(size: experts), reading: [index(node, 1)], shape: router.shape, type: input.type)
        let choice = try emit(
            node, .reduction(.other), reading: [chances], shape: [router.shape[0], chosen], type: input.type)
        func weights(_ place: Int, by width: Int) throws(FileError) -> Int {
            let shape = try value(node, place).shape
            guard shape.count == 3, shape[0] == experts, shape[1] * shape[2] > 0, shape[1] * shape[2] % width == 0 else {
                throw node.problem("expected weights of \(experts) experts for rows of \(width) values, found \(shape)")
            }
            return shape[1] * shape[2] / width
        }
        let columns = try weights(2, by: width), isGated = node.proto.optionalInput(6) != nil
        let last = try emitExperts(node, 2, Rows(map: index(node, 0), choice: choice, count: rows, width: width), columns)
        // A gate may stand beside what it gates, in weights of twice as many columns.
        let isPair = node.proto.text("activation_type") == "swiglu" && !isGated
        guard !isPair || columns % 2 == 0 else { throw node.problem("expected columns in pairs, found \(columns)") }
        let hidden = isPair ? columns / 2 : columns
        var answers = last
        if let activation = Self.activation(ofExperts: node.proto.text("activation_type")) {
            answers = try emit(node, activation, reading: [last], shape: [rows, hidden], type: input.type)
        }
        if isPair {
            answers = try emit(node, .binary(.multiply), reading: [answers, last], shape: [rows, hidden], type: input.type)
        } else if isGated {
            guard try weights(6, by: width) == hidden else { throw node.problem("expected gates of \(hidden) columns") }
            let gates = try emitExperts(node, 6, Rows(map: index(node, 0), choice: choice, count: rows, width: width), hidden)
            answers = try emit(node, .binary(.multiply), reading: [answers, gates], shape: [rows, hidden], type: input.type)
        }
        guard try weights(4, by: hidden) == width else { throw node.problem("expected answers of \(width) values") }
        answers = try emitExperts(node, 4, Rows(map: answers, choice: choice, count: rows, width: hidden), width)
        try define(
            node, written: emit(node, .reduction(.other), reading: [answers, choice], shape: input.shape, type: input.type))
    }

    /// What experts answer.
    private struct Rows {
        /// In the neutral graph, as `choice` is.
        let map: Int
        /// Which experts answer each row.
        let choice: Int
        /// One for each expert of a row.
        let count: Int
        /// How many values a row has.
        let width: Int
    }

    /// Adds the products of rows with the matrices of their experts, and the biases, which are the input after these.
    private mutating func emitExperts(
        _ node: ONNXNode, _ place: Int, _ rows: Rows, _ columns: Int
    ) throws(FileError) -> Int {
        let matrices = try value(node, place), type = graph.values[rows.map].type
        let shape = [rows.count, columns]
        // A runtime reads the matrices of an expert once for all of its rows.
        let read = try emit(
            node, .lookup, reading: [rows.choice, index(node, place)],
            shape: [min(rows.count, matrices.shape[0])] + matrices.shape[1...], type: type)
        let products = try emit(
            node, .product(GraphProduct(batches: 1, rows: rows.count, depth: rows.width, columns: columns)),
            reading: [rows.map, read], shape: shape, type: type)
        guard let bias = try optionalValue(node, place + 1) else { return products }
        guard bias.shape == [matrices.shape[0], columns] else {
            throw node.problem("expected biases \([matrices.shape[0], columns]), found \(bias.shape)")
        }
        let biases = try emit(
            node, .lookup, reading: [rows.choice, index(node, place + 1)], shape: shape, type: type)
        return try emit(node, .binary(.add), reading: [products, biases], shape: shape, type: type)
    }

    /// nil for experts without one.
    private static func activation(ofExperts name: String) -> GraphOperation? {
        switch name {
        case "identity": nil
        case "gelu": .function(.gelu)
        case "silu", "swiglu": .activation(.swish)
        default: .activation(.relu)
        }
    }
}
