import Files
import Graphs

/// ONNX Runtime's tables of trained rows, of which the input chooses some. Each table is priced as a lookup.
extension ONNXGraphReader {
    /// The sum of the rows for words, positions and segments, normalised (Devlin et al., 2018, arXiv:1810.04805).
    mutating func readNormalizedEmbedding(_ node: ONNXNode) throws(FileError) {
        let words = try value(node, 0), table = try value(node, 2)
        guard words.shape.count == 2, table.shape.count == 2 else {
            throw node.problem("expected words [batch, rows] and a table [words, values], found \(words.shape) and \(table.shape)")
        }
        // A table of integers has its scale behind what all have, and answers with floating-point numbers.
        let isQuantized = node.kind == "com.microsoft.QEmbedLayerNormalization"
        let width = table.shape[1], shape = words.shape + [width], type = isQuantized ? ElementType.float32 : table.type
        if let text = ONNXShape.problem(of: shape, least: 1) { throw node.problem(text) }
        // Positions count from 0 where none are given.
        let positions = isQuantized || node.proto.optionalInput(8) == nil ? 0 : 8
        var parts: [Int] = []
        for (indices, rows) in [(0, 2), (positions, 3), (1, 4)] {
            guard let own = try optionalValue(node, rows) else { continue }
            guard own.shape.count == 2, own.shape[1] == width else {
                throw node.problem("expected tables of rows of \(width) values, found \(own.shape)")
            }
            parts.append(
                try emit(node, .lookup, reading: [index(node, indices), index(node, rows)], shape: shape, type: type))
        }
        var sum = parts[0]
        for part in parts.dropFirst() {
            sum = try emit(node, .binary(.add), reading: [sum, part], shape: shape, type: type)
        }
        let read = try [sum, index(node, 5)] + optionalIndex(node, 6)
        let written = try emit(node, .normalization(size: width), reading: read, shape: shape, type: type)
        try define(node, written: written)
        // How many words the mask leaves in each row of words; all of them where there is no mask.
        if node.proto.output.count > 1, !node.proto.output[1].isEmpty {
            if try optionalValue(node, 7)?.isConstant == false {
                try emit(node, .reduction(.other), inputs: [7], shape: [shape[0]], type: .int32, output: 1)
            } else {
                try define(
                    node, ONNXValue(constant: [shape[0]], type: .int32, numbers: nil, blame: node.place), output: 1)
            }
        }
        if node.proto.output.count > 2 { try define(node, written: sum, output: 2) }
    }

    /// Rows of a table of weights of few bits, which have a scale for each block.
    mutating func readPackedGather(_ node: ONNXNode) throws(FileError) {
        let table = try value(node, 0), indices = try value(node, 1), type = try value(node, 2).type
        let bits = node.proto.int("bits", default: 4)
        guard let last = table.shape.last, [2, 4, 8].contains(bits) else {
            throw node.problem("expected a table of weights of 2, 4 or 8 bits, found \(table.shape) of \(bits)")
        }
        var rows = ONNXValue(constant: table.shape, type: table.type, numbers: nil, blame: table.blame)
        rows.comes(from: table)
        if table.type == .int8, bits < 8 {
            // Bytes hold values that stand side by side.
            let (width, overflow) = last.multipliedReportingOverflow(by: 8 / bits)
            if overflow { throw node.problem("more values than can be counted in rows of \(last) bytes") }
            rows.shape[rows.shape.count - 1] = width
            rows.storedType = bits == 4 ? .int4 : .int2
        }
        let axis = try normalized([node.proto.int("gather_axis", default: 0)], rank: rows.shape.count, node)[0]
        let shape = Array(rows.shape[..<axis] + indices.shape + rows.shape[(axis + 1)...])
        for sides in [rows.shape, shape] {
            if let text = ONNXShape.problem(of: sides, least: 0) { throw node.problem(text) }
        }
        guard !table.isConstant || !indices.isConstant else {
            return try define(node, constant: shape, type: type, numbers: nil, from: [table, indices])
        }
        var read = [try index(node, 1)]
        try read.append(table.isConstant ? index(of: rows) : index(node, 0))
        try define(node, written: emit(node, .lookup, reading: read, shape: shape, type: type))
    }
}
