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

    /// What all passes of a loop have in common.
    private struct Passes {
        let body: ONNXGraphProto
        /// Of all names that are the loop's own.
        let prefix: String
        /// The names of the weights by those that the body has for them.
        let weights: [String: String]
        /// The names of the values that are scanned.
        let lists: [(name: String, rows: Rows)]
        let length: Int
    }

    mutating func readScan(_ node: ONNXNode) throws(FileError) {
        guard let body = node.proto.attribute("body")?.g else { throw node.problem("expected a body, found none") }
        // Until opset 8, the first input says how many rows the lists of each image have.
        let inputCount = node.proto.input.count - (opset < 9 ? 1 : 0)
        let scannedCount = node.proto.int("num_scan_inputs", default: 0)
        guard scannedCount > 0, scannedCount <= inputCount, body.input.count == inputCount,
            body.output.count >= inputCount - scannedCount, node.proto.output.count <= body.output.count
        else {
            throw node.problem(
                "its body has \(body.input.count) inputs and \(body.output.count) outputs for \(inputCount) inputs, of which "
                    + "\(scannedCount) are scanned")
        }
        let stateCount = inputCount - scannedCount
        guard opset >= 9 else { return try readImages(node, body, stateCount: stateCount) }
        var lists: [(name: String, rows: Rows)] = [], lengths: [Int] = []
        for index in 0..<scannedCount {
            let shape = try value(node, stateCount + index).shape
            let given = try rows(node, "scan_input", index, of: scannedCount)
            let axis = try normalized([given.axis], rank: shape.count, node)[0]
            lists.append((node.proto.input[stateCount + index], Rows(axis: axis, isReversed: given.isReversed)))
            lengths.append(shape[axis])
        }
        guard let length = lengths.first, length > 0, lengths.allSatisfy({ $0 == length }) else {
            throw node.problem("expected values of one number of rows, found \(lengths.listed)")
        }
        guard Double(length) <= Self.passLimit else { return try emitUnknown(node) }
        let own = "\(node.name.named)/\(nodeCount)/"
        let weights = try addWeights(ofLoop: body, node, prefix: own)
        let (states, results) = try read(
            Passes(body: body, prefix: own, weights: weights, lists: lists, length: length), node,
            states: Array(node.proto.input.prefix(stateCount)))
        for (index, name) in node.proto.output.enumerated() where !name.isEmpty {
            if index < stateCount {
                guard let value = values[states[index]] else { throw node.problem("its body does not write \"\(states[index].named)\"") }
                values[name] = value
            } else {
                let place = index - stateCount, written = try rows(node, "scan_output", place, of: results.count)
                try stack(
                    written.isReversed ? results[place].reversed() : results[place], node, output: index, axis: written.axis)
            }
        }
    }

    /// Reads all passes, and returns the names of the last states and of all rows of each result.
    ///
    /// - Parameter states: the names of the first ones.
    private mutating func read(
        _ passes: Passes, _ node: ONNXNode, states: [String]
    ) throws(FileError) -> (states: [String], results: [[String]]) {
        var states = states, results = [[String]](repeating: [], count: passes.body.output.count - states.count)
        if passes.lists.contains(where: { values[$0.name]?.isConstant == false }) {
            for (place, name) in states.enumerated() {
                states[place] = "\(passes.prefix)state/\(place)"
                values[states[place]] = try firstState(node, named: name)
            }
        }
        for pass in 0..<passes.length {
            var names = states
            for (place, list) in passes.lists.enumerated() {
                let name = "\(passes.prefix)row/\(pass)/\(place)"
                values[name] = try row(
                    node, of: list.name, list.rows.isReversed ? passes.length - 1 - pass : pass, along: list.rows.axis)
                names.append(name)
            }
            let bound = Dictionary(zip(passes.body.input.map(\.name), names)) { first, _ in first }
            let answers = try readPass(
                of: passes.body, node, prefix: "\(passes.prefix)\(pass)/",
                bound: bound.merging(passes.weights) { first, _ in first })
            for (index, name) in answers.dropFirst(states.count).enumerated() { results[index].append(name) }
            states = Array(answers.prefix(states.count))
        }
        return (states, results)
    }

    /// A loop of opset 8, of whose values the first side is that of the images: each has passes of its own.
    private mutating func readImages(_ node: ONNXNode, _ body: ONNXGraphProto, stateCount: Int) throws(FileError) {
        var shapes: [[Int]] = []
        for place in 1..<node.proto.input.count { shapes.append(try value(node, place).shape) }
        let lists = shapes[stateCount...]
        guard let images = shapes.first?.first, images > 0, shapes.allSatisfy({ $0.first == images }),
            let length = lists.first?.dropFirst().first, length > 0, lists.allSatisfy({ $0.dropFirst().first == length })
        else { throw node.problem("expected values of as many images, and as many rows, found \(shapes.listed)") }
        let directions = node.proto.ints("directions") ?? [Int](repeating: 0, count: lists.count)
        guard directions.count == lists.count else {
            throw node.problem("expected \(lists.count) directions, found \(directions.count)")
        }
        var lengths = [Int](repeating: length, count: images)
        if let given = try optionalValue(node, 0) {
            if let integers = given.integers {
                lengths = integers
            } else {
                choices.append(
                    "how many of \(length.grouped) rows \(node.place) reads depends on the image\(blamed(given)): all are priced")
            }
        }
        guard lengths.count == images, lengths.allSatisfy((1...length).contains) else {
            throw node.problem("expected \(images) numbers of rows from 1 to \(length), found \(lengths.listed)")
        }
        guard Double(length) * Double(images) <= Self.passLimit else { return try emitUnknown(node) }
        let own = "\(node.name.named)/\(nodeCount)/"
        let weights = try addWeights(ofLoop: body, node, prefix: own)
        var parts = [[String]](repeating: [], count: body.output.count)
        for image in 0..<images {
            let prefix = "\(own)image/\(image)/"
            var names: [String] = []
            for (place, input) in node.proto.input.dropFirst().enumerated() {
                let name = "\(prefix)\(place)"
                values[name] = try row(node, of: input, image, along: 0)
                names.append(name)
            }
            let scanned = zip(names.dropFirst(stateCount), directions).map { name, direction in
                (name: name, rows: Rows(axis: 0, isReversed: direction != 0))
            }
            let (states, results) = try read(
                Passes(body: body, prefix: "\(prefix)pass/", weights: weights, lists: scanned, length: lengths[image]), node,
                states: Array(names.prefix(stateCount)))
            for (output, name) in states.enumerated() { parts[output].append(name) }
            for output in stateCount..<max(stateCount, node.proto.output.count) {
                let name = "\(prefix)result/\(output)"
                let rows = try stacked(results[output - stateCount], node, output: output)
                values[name] = try filled(rows, to: length, node)
                parts[output].append(name)
            }
        }
        for (output, name) in node.proto.output.enumerated() where !name.isEmpty {
            try stack(parts[output], node, output: output)
        }
    }

    /// What the first pass over rows of the image reads for a state: no constant, which could pass for a bias.
    private mutating func firstState(_ node: ONNXNode, named name: String) throws(FileError) -> ONNXValue {
        let given = try value(node, named: name)
        guard given.isConstant else { return given }
        var state = ONNXValue(shape: given.shape, type: given.type)
        state.index = try emit(node, .view, reading: [index(of: given)], shape: given.shape, type: given.type)
        return state
    }

    /// A list with further rows behind its last, where others have more. Their values do not matter.
    private mutating func filled(_ list: ONNXValue, to length: Int, _ node: ONNXNode) throws(FileError) -> ONNXValue {
        var shape = list.shape
        shape[0] = length
        if shape == list.shape { return list }
        guard !list.isConstant else { return ONNXValue(constant: shape, type: list.type, numbers: nil, blame: node.place) }
        var whole = ONNXValue(shape: shape, type: list.type)
        whole.index = try emit(node, .move, reading: [index(of: list)], shape: shape, type: list.type)
        return whole
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

    /// One row of a value.
    private mutating func row(
        _ node: ONNXNode, of name: String, _ at: Int, along axis: Int
    ) throws(FileError) -> ONNXValue {
        let whole = try value(node, named: name)
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
        let read = index(of: whole)
        values[name]?.index = read
        part.index = try emit(node, side == 1 ? .view : .move, reading: [read], shape: shape, type: whole.type)
        return part
    }
}
