import Files
import Graphs

/// Loops over the rows of values: each pass reads a row of every value that is scanned, and writes one of every result.
extension ONNXGraphReader {
    /// The side along which a value is read or written row by row.
    private struct Rows {
        let axis: Int
        /// Whether the last row is the first pass's.
        let isReversed: Bool
    }

    mutating func readScan(_ node: ONNXNode) throws(FileError) {
        // Until opset 8, each list of a batch had a length of its own.
        guard opset >= 9 else { return try emitUnknown(node) }
        guard let body = node.proto.attribute("body")?.g else { throw node.problem("expected a body, found none") }
        let inputCount = node.proto.input.count, scannedCount = node.proto.int("num_scan_inputs", default: 0)
        guard scannedCount > 0, scannedCount <= inputCount, body.input.count == inputCount,
            body.output.count >= inputCount - scannedCount, node.proto.output.count <= body.output.count
        else {
            throw node.problem(
                "its body has \(body.input.count) inputs and \(body.output.count) outputs for \(inputCount) inputs, of which "
                    + "\(scannedCount) are scanned")
        }
        let stateCount = inputCount - scannedCount, resultCount = body.output.count - stateCount
        var scanned: [Rows] = [], lengths: [Int] = []
        for index in 0..<scannedCount {
            let shape = try value(node, stateCount + index).shape
            let given = try rows(node, "scan_input", index, of: scannedCount)
            scanned.append(Rows(axis: try normalized([given.axis], rank: shape.count, node)[0], isReversed: given.isReversed))
            lengths.append(shape[scanned[index].axis])
        }
        guard let length = lengths.first, length > 0, lengths.allSatisfy({ $0 == length }) else {
            throw node.problem("expected values of one number of rows, found \(lengths.listed)")
        }
        guard Double(length) <= Self.passLimit else { return try emitUnknown(node) }
        let own = "\(node.name.named)/\(nodeCount)/"
        let weights = try addWeights(ofLoop: body, node, prefix: own)
        var states = Array(node.proto.input.prefix(stateCount))
        var results = [[String]](repeating: [], count: resultCount)
        for pass in 0..<length {
            var names = states
            for (place, rows) in scanned.enumerated() {
                let name = "\(own)row/\(pass)/\(place)"
                values[name] = try row(
                    node, stateCount + place, rows.isReversed ? length - 1 - pass : pass, along: rows.axis)
                names.append(name)
            }
            let bound = Dictionary(zip(body.input.map(\.name), names)) { first, _ in first }
            let answers = try readPass(
                of: body, node, prefix: "\(own)\(pass)/", bound: bound.merging(weights) { first, _ in first })
            states = Array(answers.prefix(stateCount))
            for (index, name) in answers.dropFirst(stateCount).enumerated() { results[index].append(name) }
        }
        for (index, name) in node.proto.output.enumerated() where !name.isEmpty {
            if index < stateCount {
                guard let value = values[states[index]] else { throw node.problem("its body does not write \"\(states[index].named)\"") }
                values[name] = value
            } else {
                let place = index - stateCount, written = try rows(node, "scan_output", place, of: resultCount)
                try stack(
                    written.isReversed ? results[place].reversed() : results[place], node, output: index, axis: written.axis)
            }
        }
    }

    /// How the node reads or writes one of its values, with an axis as the node gives it.
    private func rows(_ node: ONNXNode, _ name: String, _ index: Int, of count: Int) throws(FileError) -> Rows {
        let axes = node.proto.ints("\(name)_axes") ?? [Int](repeating: 0, count: count)
        let directions = node.proto.ints("\(name)_directions") ?? [Int](repeating: 0, count: count)
        guard axes.count == count, directions.count == count else {
            throw node.problem("expected \(count) \(name)_axes and \(name)_directions, found \(axes.count) and \(directions.count)")
        }
        return Rows(axis: axes[index], isReversed: directions[index] != 0)
    }

    /// One row of an input.
    private mutating func row(_ node: ONNXNode, _ input: Int, _ at: Int, along axis: Int) throws(FileError) -> ONNXValue {
        let whole = try value(node, input)
        var shape = whole.shape
        let side = shape.remove(at: axis)
        if whole.isConstant {
            let numbers = ONNXNumbers(whole)?.rearranged(to: shape) { place in
                var from = place
                from.insert(at, at: axis)
                return from
            }
            return ONNXValue(constant: shape, type: whole.type, numbers: numbers, blame: whole.blame ?? node.place)
        }
        var part = ONNXValue(shape: shape, type: whole.type)
        part.index = try emit(
            node, side == 1 ? .view : .move, reading: [index(node, input)], shape: shape, type: whole.type)
        return part
    }
}
