import Architectures
import Files
import Graphs

/// Recurrent layers: LSTM (Hochreiter and Schmidhuber, 1997), GRU and plain ones, in one direction or in both.
extension ONNXGraphReader {
    /// Values [rows, batch, inputs] (or the batch first), weights [directions, gates · hidden, inputs], recurrent weights
    /// [directions, gates · hidden, hidden] and perhaps biases of both, and peepholes [directions, 3 · hidden] of an LSTM. The
    /// inputs of all rows are multiplied at once, the states row by row.
    mutating func readRecurrence(_ node: ONNXNode, gates: Int) throws(FileError) {
        let input = try value(node, 0)
        var weights = try value(node, 1).shape, states = try value(node, 2).shape
        // ONNX Runtime's weights of integers are transposed, and what they multiply becomes integers first.
        let isQuantized = node.kind == "com.microsoft.DynamicQuantizeLSTM"
        if isQuantized, weights.count == 3, states.count == 3 {
            weights.swapAt(1, 2)
            states.swapAt(1, 2)
        }
        guard input.shape.count == 3, weights.count == 3, states.count == 3, weights[2] == input.shape[2],
            states[1] == gates * states[2], weights[..<2] == states[..<2], (1...2).contains(weights[0]), input.count > 0,
            !states.contains(0)
        else { throw node.problem("weights \(weights) and \(states) of \(gates) gates do not fit the values \(input.shape)") }
        let isBatchFirst = node.proto.int("layout", default: 0) != 0
        let (rows, batch) = isBatchFirst ? (input.shape[1], input.shape[0]) : (input.shape[0], input.shape[1])
        let directions = weights[0], hidden = states[2], columns = directions * gates * hidden
        let type = input.type
        if let text = ONNXShape.problem(of: [rows, batch, columns], least: 1) { throw node.problem(text) }
        if rows > 1, !assumptions.contains(Graph.recurrenceAssumption) { assumptions.append(Graph.recurrenceAssumption) }
        let bias = try optionalIndex(node, 3)
        var left = try index(node, 0)
        if isQuantized {
            left = try emit(node, .quantization(isDynamic: true), reading: [left], shape: input.shape, type: .int8)
        }
        let projected = try emit(
            node, .product(GraphProduct(batches: 1, rows: rows * batch, depth: input.shape[2], columns: columns)),
            reading: [left, index(node, 1)] + bias, shape: [rows, batch, columns], type: type)
        let sums = try emit(
            node,
            .product(GraphProduct(
                batches: directions, rows: rows * batch, depth: hidden, columns: gates * hidden, timeSteps: rows)),
            reading: [projected, index(node, 2)] + bias, shape: [rows, batch, columns], type: type)
        // The functions of the gates, some of which may look at the state (peepholes).
        let peepholes = try gates == 4 ? optionalIndex(node, 7) : []
        if let place = peepholes.first, graph.values[place].count != 3 * directions * hidden {
            throw node.problem(
                "expected peepholes of \(3 * directions * hidden) values, found \(graph.values[place].shape.listed)")
        }
        let all = isBatchFirst ? [batch, rows, directions, hidden] : [rows, directions, batch, hidden]
        let last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
        let written = try emit(node, .function(.other), reading: [sums] + peepholes, shape: all, type: type)
        for (output, name) in node.proto.output.enumerated() where !name.isEmpty {
            let value = output == 0 ? written : try emit(node, .move, reading: [written], shape: last, type: type)
            try define(node, written: value, output: output)
        }
    }
}
