import Files
import Graphs

/// The operators that make constants of shapes and of other constants.
extension ONNXGraphReader {
    mutating func readShape(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        func clamped(_ index: Int) -> Int { min(max(index < 0 ? (index < -rank ? 0 : index + rank) : index, 0), rank) }
        let start = clamped(node.proto.int("start", default: 0)), end = clamped(node.proto.int("end", default: rank))
        try define(node, ONNXValue(integers: start < end ? Array(input.shape[start..<end]) : []))
    }

    mutating func readConstantOfShape(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let filler = node.proto.attribute("value").map(\.t)
        let type = filler.map { ONNXDataType.element($0.dataType) } ?? .float32
        guard let sides = input.integers ?? (input.shape == [0] ? [] : nil) ?? node.proto.output.first.flatMap({ given($0) })
        else { throw node.problem("expected a shape that does not depend on the image\(blamed(input))") }
        if let text = ONNXShape.problem(of: sides, least: 0) { throw node.problem(text) }
        let count = sides.reduce(1, *)
        let number = filler == nil ? 0 : filler?.numbers?.first
        try define(
            node, constant: sides, type: type,
            numbers: count <= ONNXValue.knownCount ? number.map { [Double](repeating: $0, count: count) } : nil, from: [])
    }

    mutating func readRange(_ node: ONNXNode) throws(FileError) {
        let inputs = [try value(node, 0), try value(node, 1), try value(node, 2)]
        guard let start = inputs[0].number, let limit = inputs[1].number, let step = inputs[2].number else {
            let unknown = inputs.first { $0.number == nil } ?? inputs[0]
            if let shape = node.proto.output.first.flatMap({ given($0) }) {
                return try define(node, constant: shape, type: inputs[0].type, numbers: nil, from: inputs)
            }
            throw node.problem("expected numbers that do not depend on the image\(blamed(unknown))")
        }
        let count = max(0, ((limit - start) / step).rounded(.up))
        guard step != 0, count <= Double(ONNXShape.countLimit) else {
            throw node.problem("expected at most \(ONNXShape.countLimit) values, found from \(start) to \(limit) by \(step)")
        }
        let numbers = count <= Double(ONNXValue.knownCount) ? (0..<Int(count)).map { start + Double($0) * step } : nil
        try define(node, constant: [Int(count)], type: inputs[0].type, numbers: numbers, from: inputs)
    }

    mutating func readNonZero(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard let numbers = ONNXNumbers(input) else {
            guard let shape = node.proto.output.first.flatMap({ given($0) }) else {
                throw node.problem("how many values are not 0 depends on the image\(blamed(input))")
            }
            return try input.isConstant
                ? define(node, constant: shape, type: .int64, numbers: nil, from: [input])
                : emit(node, .move, inputs: [0], shape: shape, type: .int64)
        }
        var places: [[Int]] = []
        _ = ONNXNumbers.visit(input.shape) { at in if numbers.broadcast(at: at) != 0 { places.append(at) } }
        let rank = input.shape.count
        try define(
            node, constant: [rank, places.count], type: .int64,
            numbers: (0..<rank).flatMap { axis in places.map { Double($0[axis]) } }, from: [input])
    }

    /// The values, or the rows along an axis, for which a condition holds. Where the image decides how many these are, all
    /// are priced, and the answer says so.
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
            shape[axis] = kept.count
            if input.isConstant {
                let isList = input.shape.count == 1
                let list = isList ? input.numbers.map { all in kept.map { all[$0] } } : nil
                return try define(node, constant: shape, type: input.type, numbers: list, from: [input])
            }
        } else if let given = node.proto.output.first.flatMap({ given($0) }) {
            shape = given
        } else {
            shape[axis] = condition.count
            choices.append(
                "how many of \(condition.count) values \(node.place) keeps depends on the image\(blamed(condition)): all are priced")
        }
        if input.isConstant, condition.isConstant {
            return try define(node, constant: shape, type: input.type, numbers: nil, from: [input, condition])
        }
        try emit(node, keepsAll ? .view : .move, inputs: [0, 1], shape: shape, type: input.type)
    }

    /// The best of boxes that overlap, as places of scores [batch, classes, boxes]. How many are left depends on the image: as
    /// many as the node allows are priced, and the answer says so.
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

    mutating func readWhere(_ node: ONNXNode) throws(FileError) {
        let all = [try value(node, 0), try value(node, 1), try value(node, 2)]
        guard let pair = Self.broadcast(all[0].shape, all[1].shape), let shape = Self.broadcast(pair, all[2].shape) else {
            throw node.problem("\(all.map(\.shape)) do not fit each other")
        }
        guard all.allSatisfy(\.isConstant) else {
            return try emit(node, .binary(.other), inputs: largestFirst(all), shape: shape, type: all[1].type)
        }
        if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
        var numbers: [Double]?
        let lists = all.compactMap { ONNXNumbers($0) }
        if lists.count == 3 {
            var found: [Double] = []
            let isDone = ONNXNumbers.visit(shape) { at in
                found.append(lists[lists[0].broadcast(at: at) != 0 ? 1 : 2].broadcast(at: at))
            }
            if isDone { numbers = found }
        }
        try define(node, constant: shape, type: all[1].type, numbers: numbers, from: all)
    }

    /// Places of inputs, those with the most values first, so that a price counts the largest map.
    private func largestFirst(_ values: [ONNXValue]) -> [Int] {
        values.indices.sorted { first, second in
            let one = values[first], other = values[second]
            return one.isConstant == other.isConstant ? one.count > other.count : !one.isConstant
        }
    }

    /// The shape that two shapes are broadcast to; nil where they do not fit each other.
    static func broadcast(_ first: some Collection<Int>, _ second: some Collection<Int>) -> [Int]? {
        let first = Array(first), second = Array(second)
        let rank = max(first.count, second.count)
        func side(_ shape: [Int], _ index: Int) -> Int {
            index < rank - shape.count ? 1 : shape[index - (rank - shape.count)]
        }
        var shape: [Int] = []
        for index in 0..<rank {
            let a = side(first, index), b = side(second, index)
            guard a == b || a == 1 || b == 1 else { return nil }
            shape.append(a == 1 ? b : a)
        }
        return shape
    }
}
