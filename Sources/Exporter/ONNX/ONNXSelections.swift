import Files
import Graphs

/// The operators that keep some of the values. Where the image decides how many these are, the most that there may be are
/// priced, and the answer says so.
extension ONNXGraphReader {
    /// Says that perhaps fewer values are kept than are priced.
    private mutating func priceAll(_ count: Int, _ node: ONNXNode, of value: ONNXValue) {
        let reason = value.isConstant ? "is not known" : "depends on the image"
        choices.append("how many of \(count.grouped) values \(node.place) keeps \(reason)\(blamed(value)): all are priced")
    }

    /// The places of the values that are not 0, [sides, places].
    mutating func readNonZero(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), rank = input.shape.count
        if let numbers = ONNXNumbers(input) {
            var places: [[Int]] = []
            _ = ONNXNumbers.visit(input.shape) { at in if numbers.broadcast(at: at) != 0 { places.append(at) } }
            return try define(
                node, constant: [rank, places.count], type: .int64,
                numbers: (0..<rank).flatMap { axis in places.map { Double($0[axis]) } }, from: [input])
        }
        let stated = node.proto.output.first.flatMap { given($0) }
        guard !input.isConstant else {
            guard let shape = input.trueCount.map({ [rank, $0] }) ?? stated else {
                throw node.problem("how many values are not 0 is not known\(blamed(input))")
            }
            return try define(node, constant: shape, type: .int64, numbers: nil, from: [input])
        }
        if stated == nil { priceAll(input.count, node, of: input) }
        try emit(node, .move, inputs: [0], shape: stated ?? [rank, input.count], type: .int64)
    }

    /// The values, or the rows along an axis, for which a condition holds.
    mutating func readCompress(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), condition = try value(node, 1)
        var shape = input.shape, axis = 0
        if let attribute = node.proto.attribute("axis") {
            axis = try normalized([Int(attribute.i)], rank: shape.count, node)[0]
        } else {
            shape = [input.count]
        }
        guard condition.shape.count == 1, condition.count <= shape[axis] else {
            throw node.problem("expected a list of at most \(shape[axis]) conditions, found \(condition.shape)")
        }
        var keepsAll = false
        if let numbers = condition.numbers {
            let kept = numbers.indices.filter { numbers[$0] != 0 }
            keepsAll = kept.count == shape[axis] && shape == input.shape
            let sides = shape
            shape[axis] = kept.count
            if input.isConstant {
                // Without an axis, all values are one list.
                let list = ONNXValue(constant: sides, type: input.type, numbers: input.numbers)
                let found = ONNXNumbers(list)?.rearranged(to: shape) { at in
                    var from = at
                    from[axis] = kept[at[axis]]
                    return from
                }
                return try define(node, constant: shape, type: input.type, numbers: found, from: [input])
            }
        } else if let count = condition.trueCount {
            shape[axis] = count
        } else if let given = node.proto.output.first.flatMap({ given($0) }) {
            shape = given
        } else {
            shape[axis] = condition.count
            priceAll(condition.count, node, of: condition)
        }
        if input.isConstant, condition.isConstant {
            return try define(node, constant: shape, type: input.type, numbers: nil, from: [input, condition])
        }
        try emit(node, keepsAll ? .view : .move, inputs: [0, 1], shape: shape, type: input.type)
    }

    /// The values, or the slices along an axis, that differ: the first of each, where it stands, which one each value is, and
    /// how often each occurs.
    mutating func readUnique(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        var axis: Int?
        if let attribute = node.proto.attribute("axis") {
            axis = try normalized([Int(attribute.i)], rank: input.shape.count, node)[0]
        }
        // Without an axis, all values are one list.
        let list = axis == nil ? ONNXValue(constant: [input.count], type: input.type, numbers: input.numbers) : input
        let along = axis ?? 0, count = list.shape[along], stated = node.proto.output.first.flatMap { given($0) }
        func shape(_ kept: Int) -> [Int] {
            var shape = list.shape
            shape[along] = kept
            return shape
        }
        if input.isConstant {
            if let numbers = ONNXNumbers(list) {
                let found = numbers.distinct(along: along, isSorted: node.proto.int("sorted", default: 1) != 0)
                let firsts = found.firsts, kept = shape(firsts.count)
                let values = numbers.rearranged(to: kept) { at in
                    var from = at
                    from[along] = firsts[at[along]]
                    return from
                }
                try defineUsed(node, ONNXValue(constant: kept, type: input.type, numbers: values, blame: node.place), output: 0)
                for (output, integers) in [firsts, found.ranks, found.counts].enumerated() {
                    try defineUsed(node, ONNXValue(integers: integers), output: output + 1)
                }
                return
            }
            guard let stated, along < stated.count else {
                throw node.problem("how many values differ is not known\(blamed(input))")
            }
            let lists = [stated, [stated[along]], [count], [stated[along]]]
            for (output, sides) in lists.enumerated() {
                let type = output == 0 ? input.type : .int64
                try defineUsed(
                    node, ONNXValue(constant: sides, type: type, numbers: nil, blame: input.blame ?? node.place), output: output)
            }
            return
        }
        if stated == nil { priceAll(count, node, of: input) }
        let values = stated ?? list.shape, kept = along < values.count ? values[along] : count
        try emitOnce(node, .reduction(.other), outputs: [values, [kept], [count], [kept]])
    }

    /// Adds an operator that finds values and their places in one pass: whichever of its outputs other nodes read, it runs
    /// once.
    ///
    /// - Parameter outputs: the shapes of the values, and then of the integers that tell of them.
    mutating func emitOnce(_ node: ONNXNode, _ operation: GraphOperation, outputs: [[Int]]) throws(FileError) {
        let type = try value(node, 0).type
        var pass: Int?
        for (output, shape) in outputs.enumerated() where isUsed(node, output) {
            let ownType = output == 0 ? type : .int64
            guard let read = pass, !shape.contains(0) else {
                try emit(node, operation, inputs: [0], shape: shape, type: ownType, output: output)
                if pass == nil { pass = values[node.proto.output[output]]?.index }
                continue
            }
            try define(node, written: emit(node, .view, reading: [read], shape: shape, type: ownType), output: output)
        }
    }

    private func isUsed(_ node: ONNXNode, _ output: Int) -> Bool {
        output < node.proto.output.count && !node.proto.output[output].isEmpty
    }

    private mutating func defineUsed(_ node: ONNXNode, _ value: ONNXValue, output: Int) throws(FileError) {
        if isUsed(node, output) { try define(node, value, output: output) }
    }

    /// The best of boxes that overlap, as places of scores [batch, classes, boxes]: as many as the node allows.
    mutating func readSuppression(_ node: ONNXNode) throws(FileError) {
        let boxes = try value(node, 0), scores = try value(node, 1)
        guard boxes.shape.count == 3, scores.shape.count == 3, boxes.shape[0] == scores.shape[0],
            boxes.shape[1] == scores.shape[2]
        else { throw node.problem("boxes \(boxes.shape) and scores \(scores.shape) do not fit each other") }
        let most = try integers(node, "max_output_boxes_per_class", orInput: 2)?.first ?? 0
        var shape = [scores.shape[0] * scores.shape[1] * min(max(0, most), boxes.shape[1]), 3]
        if let given = node.proto.output.first.flatMap({ given($0) }) {
            shape = given
        } else if shape[0] > 0 {
            choices.append("how many boxes \(node.place) keeps depends on the image: \(shape[0].grouped) are priced")
        }
        try emit(node, .reduction(.other), inputs: [1, 0], shape: shape, type: .int64)
    }

    /// The best of boxes that overlap, for scores [batch, boxes, classes]: how many, where they are, their scores and their
    /// classes, in lists as long as the node allows (github.com/NVIDIA/TensorRT, plugin/efficientNMSPlugin).
    mutating func readPaddedSuppression(_ node: ONNXNode) throws(FileError) {
        let boxes = try value(node, 0), scores = try value(node, 1)
        guard (3...4).contains(boxes.shape.count), scores.shape.count == 3, boxes.shape[..<2] == scores.shape[..<2] else {
            throw node.problem("boxes \(boxes.shape) and scores \(scores.shape) do not fit each other")
        }
        let batch = scores.shape[0], most = node.proto.int("max_output_boxes", default: 100)
        guard (1...ONNXShape.countLimit).contains(most) else { throw node.problem("expected a max_output_boxes from 1, found \(most)") }
        let outputs: [(shape: [Int], type: ElementType)] = [
            ([batch, 1], .int32), ([batch, most, 4], scores.type), ([batch, most], scores.type), ([batch, most], .int32),
        ]
        let read = try [index(node, 1), index(node, 0)] + optionalIndex(node, 2)
        let kept = try emit(node, .reduction(.other), reading: read, shape: outputs[1].shape, type: scores.type)
        for (place, output) in outputs.enumerated() where isUsed(node, place) {
            let written = try emit(node, .view, reading: [kept], shape: output.shape, type: output.type)
            try define(node, written: written, output: place)
        }
    }
}
