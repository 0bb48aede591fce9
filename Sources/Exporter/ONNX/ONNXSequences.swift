import Files
import Graphs

/// Lists of values, which exporters write for lists of Python. What is in them is known before execution.
extension ONNXGraphReader {
    /// All lists together have no more values, which bounds their memory.
    private static let sizeLimit = 16_384

    mutating func readSequence(_ node: ONNXNode) throws(FileError) {
        switch node.kind {
        case "SequenceEmpty": try define(node, [])
        case "SequenceConstruct": try define(node, inputs(node))
        case "SequenceInsert":
            var list = try sequence(node)
            let at = try place(node, 2, of: list.count, most: list.count) ?? list.count
            list.insert(try value(node, 1), at: at)
            try define(node, list)
        case "SequenceErase":
            var list = try sequence(node)
            guard !list.isEmpty else { throw node.problem("expected at least one value, found none") }
            let at = try place(node, 1, of: list.count, most: list.count - 1) ?? list.count - 1
            list.remove(at: at)
            try define(node, list)
        case "Identity", "Optional", "OptionalGetElement": try define(node, sequence(node))
        case "SequenceLength": try define(node, ONNXValue(integers: [sequence(node).count], shape: []))
        case "SequenceAt":
            let list = try sequence(node)
            guard let at = try place(node, 1, of: list.count, most: list.count - 1) else {
                throw node.problem("expected a place in \(list.count) values, found none")
            }
            try define(node, list[at])
        case "SplitToSequence": try split(node)
        case "SequenceMap": try readEach(node)
        default: try join(node)
        }
    }

    /// Whether the first input of the node is a list of values.
    func isList(_ node: ONNXNode) -> Bool {
        node.proto.optionalInput(0).map { sequences[$0] != nil } ?? false
    }

    /// Defines an output of the node as another name of a value or of a list of values, which is written already.
    mutating func define(_ node: ONNXNode, as name: String, output: Int) throws(FileError) {
        guard let list = sequences[name] else { return try define(node, value(node, named: name), output: output) }
        if !node.proto.output[output].isEmpty { try define(node, list, output: output) }
    }

    private mutating func define(_ node: ONNXNode, _ list: [ONNXValue], output: Int = 0) throws(FileError) {
        guard output < node.proto.output.count, !node.proto.output[output].isEmpty else {
            throw node.problem("expected an output, found none")
        }
        let name = node.proto.output[output]
        sequenceSize += list.count
        guard sequenceSize <= Self.sizeLimit else {
            throw node.problem("expected lists of at most \(Self.sizeLimit) values in all, found more")
        }
        sequences[name] = list
    }

    /// The list that is the first input.
    private func sequence(_ node: ONNXNode) throws(FileError) -> [ONNXValue] {
        guard let name = node.proto.optionalInput(0), let list = sequences[name] else {
            throw node.problem("expected a list of values, found none")
        }
        return list
    }

    /// A place in a list, from its end where it is negative; nil where the input is left out.
    ///
    /// - Parameter most: the last place that there is.
    private func place(_ node: ONNXNode, _ input: Int, of count: Int, most: Int) throws(FileError) -> Int? {
        guard let value = try optionalValue(node, input) else { return nil }
        guard let number = value.integers, number.count == 1 else {
            throw node.problem("expected a place that does not depend on the image\(blamed(value))")
        }
        let found = number[0] < 0 ? number[0] + count : number[0]
        guard found >= 0, found <= most else { throw node.problem("expected a place in \(count) values, found \(number[0])") }
        return found
    }

    /// Reads a graph for each value of a list, and of further lists; other values are the same for all.
    private mutating func readEach(_ node: ONNXNode) throws(FileError) {
        let count = try sequence(node).count
        guard let body = node.proto.attribute("body")?.g, body.input.count == node.proto.input.count,
            body.output.count >= node.proto.output.count
        else { throw node.problem("expected a body that fits \(node.proto.input.count) inputs") }
        let own = "\(node.name.named)/\(nodeCount)/"
        let weights = try addWeights(ofLoop: body, node, prefix: own)
        var lists = [[ONNXValue]](repeating: [], count: body.output.count)
        for pass in 0..<count {
            var bound = weights
            for (place, input) in body.input.enumerated() {
                let given = node.proto.input[place], name = "\(own)part/\(pass)/\(place)"
                if let list = sequences[given] {
                    guard list.count == count else { throw node.problem("expected lists of \(count) values, found \(list.count)") }
                    values[name] = list[pass]
                }
                bound[input.name] = sequences[given] == nil ? given : name
            }
            for (index, name) in try readPass(of: body, node, prefix: "\(own)\(pass)/", bound: bound).enumerated() {
                guard let value = values[name] else { throw node.problem("its body does not write \"\(name.named)\"") }
                lists[index].append(value)
            }
        }
        for (output, name) in node.proto.output.enumerated() where !name.isEmpty {
            try define(node, lists[output], output: output)
        }
    }

    private mutating func split(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let axis = try normalized([node.proto.int("axis", default: 0)], rank: input.shape.count, node)[0]
        let side = input.shape[axis]
        var sizes: [Int]
        if let given = try optionalValue(node, 1) {
            guard let integers = given.integers else {
                throw node.problem("expected sizes that do not depend on the image\(blamed(given))")
            }
            sizes = integers
            if given.shape.isEmpty {
                guard integers[0] > 0 else { throw node.problem("a split of \(side) into parts of \(integers[0])") }
                // Parts of one size, the last of what is left.
                sizes = side / integers[0] > ONNXValue.knownCount
                    ? [] : stride(from: 0, to: side, by: integers[0]).map { min(integers[0], side - $0) }
            }
        } else {
            sizes = side > ONNXValue.knownCount ? [] : Array(repeating: 1, count: side)
        }
        guard sizes.allSatisfy((0...side).contains), sizes.count <= ONNXValue.knownCount, sizes.reduce(0, +) == side else {
            throw node.problem("\(sizes.listed) is no split of \(side)")
        }
        let keeps = node.proto.optionalInput(1) != nil || node.proto.int("keepdims", default: 1) != 0
        var list: [ONNXValue] = [], first = 0
        for size in sizes {
            var shape = input.shape
            shape[axis] = size
            let start = first
            first += size
            let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in
                var place = at
                place[axis] += start
                return place
            }
            if !keeps { shape.remove(at: axis) }
            if input.isConstant || size == 0 {
                list.append(ONNXValue(constant: shape, type: input.type, numbers: numbers, blame: input.blame ?? node.place))
            } else {
                var part = ONNXValue(shape: shape, type: input.type)
                part.index = try emit(node, .move, reading: [index(node, 0)], shape: shape, type: input.type)
                list.append(part)
            }
        }
        try define(node, list)
    }

    /// All values of a list along an axis, which is a new one where the node says so.
    private mutating func join(_ node: ONNXNode) throws(FileError) {
        let list = try sequence(node)
        guard let first = list.first else { throw node.problem("expected at least one value, found none") }
        let isNew = node.proto.int("new_axis", default: 0) != 0
        let rank = first.shape.count + (isNew ? 1 : 0)
        let axis = try normalized([node.proto.int("axis", default: 0)], rank: rank, node)[0]
        guard list.allSatisfy({ part in
            part.shape.count == first.shape.count
                && part.shape.indices.allSatisfy { !isNew && $0 == axis || part.shape[$0] == first.shape[$0] }
        }) else { throw node.problem("\(list.map(\.shape).listed) do not fit each other along axis \(axis)") }
        var shape = first.shape
        if isNew { shape.insert(list.count, at: axis) } else { shape[axis] = list.reduce(0) { $0 + $1.shape[axis] } }
        guard !list.allSatisfy(\.isConstant) else {
            let parts = list.compactMap { part -> ONNXNumbers? in
                var sides = part.shape
                if isNew { sides.insert(1, at: axis) }
                return ONNXNumbers(ONNXValue(constant: sides, type: part.type, numbers: part.numbers))
            }
            let numbers = parts.count == list.count ? ONNXNumbers.joined(parts, along: axis, to: shape) : nil
            return try define(node, constant: shape, type: first.type, numbers: numbers, from: list)
        }
        let whole = list.filter { $0.count > 0 }.map { index(of: $0) }
        let written = try emit(
            node, whole.count == 1 ? .view : .concatenation, reading: whole, shape: shape, type: first.type)
        try define(node, written: written)
    }
}
