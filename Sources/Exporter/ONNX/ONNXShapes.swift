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
        var result = ONNXValue(
            constant: sides, type: type,
            numbers: count <= ONNXValue.knownCount ? number.map { [Double](repeating: $0, count: count) } : nil, blame: node.place)
        result.trueCount = number.map { $0 == 0 ? 0 : count }
        result.weights = []
        try define(node, result)
    }

    mutating func readRange(_ node: ONNXNode) throws(FileError) {
        let inputs = [try value(node, 0), try value(node, 1), try value(node, 2)]
        guard let start = inputs[0].number, let limit = inputs[1].number, let step = inputs[2].number else {
            let unknown = inputs.first { $0.number == nil } ?? inputs[0]
            if let shape = node.proto.output.first.flatMap({ given($0) }) {
                guard inputs.allSatisfy(\.isConstant) else {
                    return try emit(node, .move, inputs: computedInputs(node), shape: shape, type: inputs[0].type)
                }
                return try define(node, constant: shape, type: inputs[0].type, numbers: nil, from: inputs)
            }
            throw node.problem("expected numbers that do not depend on the image\(blamed(unknown))")
        }
        let steps = (limit - start) / step, count = max(0, steps.rounded(.up))
        guard steps.isFinite, count <= Double(ONNXShape.countLimit) else {
            throw node.problem("expected at most \(ONNXShape.countLimit) values, found from \(start) to \(limit) by \(step)")
        }
        let numbers = count <= Double(ONNXValue.knownCount) ? (0..<Int(count)).map { start + Double($0) * step } : nil
        try define(node, constant: [Int(count)], type: inputs[0].type, numbers: numbers, from: inputs)
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
