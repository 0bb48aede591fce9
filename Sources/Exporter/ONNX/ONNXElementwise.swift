import Architectures
import Files
import Glibc
import Graphs

/// Functions of one value or of several, value by value, and reductions.
extension ONNXGraphReader {
    mutating func readUnary(_ node: ONNXNode, _ operation: GraphOperation) throws(FileError) {
        let input = try value(node, 0)
        let isTest = ["Not", "IsNaN", "IsInf"].contains(node.kind)
        guard input.isConstant else {
            return try emit(node, operation, inputs: [0], shape: input.shape, type: isTest ? .bool : nil)
        }
        let numbers = node.functionOfNumber.flatMap { function in input.numbers.map { $0.map(function) } }
        try define(
            node, constant: input.shape, type: isTest ? .bool : input.type, numbers: Self.finite(numbers), from: [input])
        if node.kind == "Not", let count = input.trueCount, let name = node.proto.output.first {
            values[name]?.trueCount = input.count - count
        }
    }

    /// ONNX Runtime's GELU of a value and a bias, which may be left out.
    mutating func readBiasedGelu(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard let bias = try optionalValue(node, 1) else {
            return try emit(node, .function(.gelu), inputs: [0], shape: input.shape)
        }
        guard Self.broadcast(input.shape, bias.shape) == input.shape else {
            throw node.problem("a bias of \(bias.shape) does not fit \(input.shape)")
        }
        let sum = try emit(
            node, .binary(.add), reading: [index(node, 0), index(node, 1)], shape: input.shape, type: input.type)
        try define(
            node, written: emit(node, .function(.gelu), reading: [sum], shape: input.shape, type: input.type))
    }

    /// ONNX Runtime's sums of a value and a bias, and of a further map, or a function of the sum.
    mutating func readBiased(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), bias = try value(node, 1), rank = input.shape.count
        guard rank > 0, Self.broadcast(input.shape, bias.shape) == input.shape else {
            throw node.problem("a bias of \(bias.shape) does not fit \(input.shape)")
        }
        let sum = try emit(
            node, .binary(.add), reading: [index(node, 0), index(node, 1)], shape: input.shape, type: input.type)
        var last: Int
        switch node.kind {
        case "com.microsoft.BiasAdd":
            last = try emit(node, .binary(.add), reading: [sum, index(node, 2)], shape: input.shape, type: input.type)
        case "com.microsoft.BiasSoftmax":
            let axis = try normalized([node.proto.int("axis", default: 1)], rank: rank, node)[0]
            last = try emit(
                node, .softmax(size: input.shape[axis...].reduce(1, *)), reading: [sum], shape: input.shape, type: input.type)
        default:
            // The first half of the channels, times the GELU of the second.
            let half = input.shape.dropLast() + [input.shape[rank - 1] / 2]
            last = try emit(node, .function(.gelu), reading: [sum], shape: Array(half), type: input.type)
            last = try emit(node, .binary(.multiply), reading: [last, sum], shape: Array(half), type: input.type)
        }
        try define(node, written: last)
    }

    /// A function of two values, which are broadcast to each other.
    mutating func readBinary(_ node: ONNXNode) throws(FileError) {
        let first = try value(node, 0), second = try value(node, 1)
        guard let shape = Self.broadcast(first.shape, second.shape) else {
            throw node.problem("\(first.shape) and \(second.shape) do not fit each other")
        }
        let isTest = ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor"].contains(node.kind)
        guard first.isConstant, second.isConstant else {
            let operation: GraphOperation.Binary =
                switch node.kind {
                case "Add": .add
                case "Sub": .subtract
                case "Mul": .multiply
                case "Div": .divide
                case "Pow": .power
                case "PRelu": .slope
                default: .other
                }
            return try emit(node, .binary(operation), inputs: [0, 1], shape: shape, type: isTest ? .bool : nil)
        }
        if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
        let isIntegral = first.isIntegral && second.isIntegral
        func floored(_ a: Double, _ b: Double) -> Double { a - b * (a / b).rounded(.down) }
        let isRemainder = node.proto.int("fmod", default: 0) != 0, isLeft = node.proto.text("direction") == "LEFT"
        let function: ((Double, Double) -> Double)? =
            switch node.kind {
            case "Add": { $0 + $1 }
            case "Sub": { $0 - $1 }
            case "Mul": { $0 * $1 }
            case "Div": { isIntegral ? ($0 / $1).rounded(.towardZero) : $0 / $1 }
            case "Pow": { Self.power($0, $1) }
            case "Mod": { isRemainder ? $0.truncatingRemainder(dividingBy: $1) : floored($0, $1) }
            case "Equal": { $0 == $1 ? 1 : 0 }
            case "Less": { $0 < $1 ? 1 : 0 }
            case "Greater": { $0 > $1 ? 1 : 0 }
            case "LessOrEqual": { $0 <= $1 ? 1 : 0 }
            case "GreaterOrEqual": { $0 >= $1 ? 1 : 0 }
            case "And": { $0 != 0 && $1 != 0 ? 1 : 0 }
            case "Or": { $0 != 0 || $1 != 0 ? 1 : 0 }
            case "Xor": { ($0 != 0) != ($1 != 0) ? 1 : 0 }
            case "BitShift": { isLeft ? $0 * exp2($1) : ($0 / exp2($1)).rounded(.down) }
            case "BitwiseAnd": { Self.integer($0, $1) { $0 & $1 } }
            case "BitwiseOr": { Self.integer($0, $1) { $0 | $1 } }
            case "BitwiseXor": { Self.integer($0, $1) { $0 ^ $1 } }
            case "PRelu": { $0 < 0 ? $0 * $1 : $0 }
            default: nil
            }
        try define(
            node, constant: shape, type: isTest ? .bool : first.type,
            numbers: function.flatMap { Self.combined(shape, first, second, $0) }, from: [first, second])
    }

    /// Whole powers by repeated products, which are exact where a side is.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0.5 { return base.squareRoot() }
        guard let count = Int(exactly: exponent), (-64...64).contains(count) else { return pow(base, exponent) }
        let product = (0..<abs(count)).reduce(1.0) { product, _ in product * base }
        return count < 0 ? 1 / product : product
    }

    /// A function of two integers; no number where one of them is none.
    private static func integer(_ first: Double, _ second: Double, _ function: (Int, Int) -> Int) -> Double {
        guard let first = Int(exactly: first), let second = Int(exactly: second) else { return .nan }
        return Double(function(first, second))
    }

    private static func finite(_ numbers: [Double]?) -> [Double]? {
        numbers.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
    }

    private static func combined(
        _ shape: [Int], _ first: ONNXValue, _ second: ONNXValue, _ function: (Double, Double) -> Double
    ) -> [Double]? {
        guard let left = ONNXNumbers(first), let right = ONNXNumbers(second) else { return nil }
        var numbers: [Double] = []
        let isDone = ONNXNumbers.visit(shape) { at in
            numbers.append(function(left.broadcast(at: at), right.broadcast(at: at)))
        }
        return isDone ? finite(numbers) : nil
    }

    /// The largest, the least, the sum or the mean of several values.
    mutating func readVariadic(_ node: ONNXNode) throws(FileError) {
        let all = try inputs(node)
        guard let first = all.first else { throw node.problem("expected at least one input, found none") }
        var shape = first.shape
        for value in all.dropFirst() {
            guard let wider = Self.broadcast(shape, value.shape) else {
                throw node.problem("\(shape) and \(value.shape) do not fit each other")
            }
            shape = wider
        }
        guard all.allSatisfy(\.isConstant) else {
            if all.count == 1 { return try view(node, shape: shape) }
            let operation: GraphOperation.Binary =
                switch node.kind {
                case "Max": .maximum
                case "Min": .minimum
                case "Sum": .add
                default: .other
                }
            // As many passes as there are further inputs.
            var last = try index(node, 0), sum = first.shape
            for place in 1..<all.count {
                sum = Self.broadcast(sum, all[place].shape) ?? sum
                last = try emit(node, .binary(operation), reading: [last, index(node, place)], shape: sum, type: first.type)
            }
            return try define(node, written: last)
        }
        if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
        var result = first
        for value in all.dropFirst() {
            let sides = Self.broadcast(result.shape, value.shape) ?? shape
            let numbers = Self.combined(sides, result, value) { a, b in
                switch node.kind {
                case "Max": max(a, b)
                case "Min": min(a, b)
                default: a + b
                }
            }
            result = ONNXValue(constant: sides, type: first.type, numbers: numbers, blame: result.blame ?? value.blame)
        }
        let count = Double(all.count)
        try define(
            node, constant: shape, type: first.type,
            numbers: node.kind == "Mean" ? result.numbers.map { $0.map { $0 / count } } : result.numbers, from: all)
    }

    /// Limits, which older opsets give as attributes.
    mutating func readClip(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let least = try optionalValue(node, 1)?.number, most = try optionalValue(node, 2)?.number
        let low = node.proto.attribute("min").map { Double($0.f) } ?? least
        let high = node.proto.attribute("max").map { Double($0.f) } ?? most
        if input.isConstant {
            let isKnown = (node.proto.optionalInput(1) == nil || low != nil) && (node.proto.optionalInput(2) == nil || high != nil)
            return try define(
                node, constant: input.shape, type: input.type,
                numbers: isKnown ? input.numbers.map { $0.map { min(max($0, low ?? -.infinity), high ?? .infinity) } } : nil,
                from: [input])
        }
        try emit(node, .activation(low == 0 && high == 6 ? .relu6 : .relu), inputs: [0], shape: input.shape)
    }

    // MARK: - Reductions

    mutating func readReduction(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        let isIndex = node.kind.hasPrefix("Arg")
        let given = isIndex ? [node.proto.int("axis", default: 0)] : try integers(node, "axes", orInput: 1)
        var axes = Set(try normalized(given ?? [], rank: rank, node))
        if axes.isEmpty {
            if node.proto.int("noop_with_empty_axes", default: 0) != 0 { return try view(node, shape: input.shape) }
            axes = Set(0..<rank)
        }
        let keeps = node.proto.int("keepdims", default: 1) != 0
        let shape = input.shape.enumerated().compactMap { index, side in
            axes.contains(index) ? (keeps ? 1 : nil) : side
        }
        guard !input.isConstant else {
            return try define(
                node, constant: shape, type: isIndex ? .int64 : input.type, numbers: reduced(node, input, axes), from: [input])
        }
        let isMean = ["ReduceMean", "com.microsoft.QLinearReduceMean"].contains(node.kind)
        let operation: GraphOperation =
            if isMean, rank == 4, axes == [2, 3] {
                .globalAveragePool
            } else if isMean, axes == [rank - 1] {
                .reduction(.meanOfRows)
            } else if isMean, rank == 4, axes == [1] {
                .reduction(.meanOfChannels)
            } else {
                .reduction(.other)
            }
        try emit(node, operation, inputs: [0], shape: shape, type: isIndex ? .int64 : nil)
    }

    /// The places of the largest or the least numbers along an axis: the first of equal ones, or the last.
    private func places(_ node: ONNXNode, _ list: ONNXNumbers, axis: Int) -> [Double]? {
        let takesLast = node.proto.int("select_last_index", default: 0) != 0
        let sign = node.kind == "ArgMax" ? 1.0 : -1.0
        let sides = list.shape.enumerated().map { $0 == axis ? 1 : $1 }
        var places: [Double] = []
        let isDone = ONNXNumbers.visit(sides) { at in
            var best = 0, most = -Double.infinity
            for place in 0..<list.shape[axis] {
                var here = at
                here[axis] = place
                let number = sign * list.broadcast(at: here)
                if number > most || takesLast && number == most { (best, most) = (place, number) }
            }
            places.append(Double(best))
        }
        return isDone ? places : nil
    }

    /// Reductions of all numbers of a constant, or along each of its rows.
    private func reduced(_ node: ONNXNode, _ input: ONNXValue, _ axes: Set<Int>) -> [Double]? {
        guard let list = ONNXNumbers(input) else { return nil }
        if node.kind.hasPrefix("Arg") { return axes.first.flatMap { places(node, list, axis: $0) } }
        let sides = input.shape.enumerated().map { axes.contains($0) ? 1 : $1 }
        guard sides.reduce(1, *) <= ONNXValue.knownCount else { return nil }
        var sums = [Double?](repeating: nil, count: sides.reduce(1, *))
        var counts = 0.0
        let isDone = ONNXNumbers.visit(input.shape) { at in
            var index = 0
            for (axis, side) in sides.enumerated() { index = index * side + (side == 1 ? 0 : at[axis]) }
            let number = Self.term(node.kind, list.broadcast(at: at))
            sums[index] = sums[index].map { sum in
                switch node.kind {
                case "ReduceProd": sum * number
                case "ReduceMax": max(sum, number)
                case "ReduceMin": min(sum, number)
                default: sum + number
                }
            } ?? number
            counts += 1
        }
        guard isDone else { return nil }
        let empty: Double? = node.kind == "ReduceProd" ? 1 : node.kind == "ReduceSum" ? 0 : nil
        let each = counts / Double(max(1, sums.count))
        let found = sums.compactMap { $0 ?? empty }
        guard found.count == sums.count else { return nil }
        let results = found.map { sum in
            switch node.kind {
            case "ReduceMean": sum / each
            case "ReduceL2": sum.squareRoot()
            case "ReduceLogSum", "ReduceLogSumExp": log(sum)
            default: sum
            }
        }
        return Self.finite(input.isIntegral ? results.map { $0.rounded(.towardZero) } : results)
    }

    /// What a reduction adds up for a number.
    private static func term(_ kind: String, _ number: Double) -> Double {
        switch kind {
        case "ReduceL1": abs(number)
        case "ReduceL2", "ReduceSumSquare": number * number
        case "ReduceLogSumExp": exp(number)
        default: number
        }
    }

    mutating func readTopK(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard rank > 0 else { throw node.problem("expected a list, found a number") }
        let axis = try normalized([node.proto.int("axis", default: -1)], rank: rank, node)[0]
        var counts = node.proto.attribute("k").map { [Int($0.i)] }
        if counts == nil { counts = try integers(node, "k", orInput: 1) }
        guard let count = counts, count.count == 1,
            (0...input.shape[axis]).contains(count[0])
        else { throw node.problem("expected a k from 0 to \(input.shape[axis])") }
        var shape = input.shape
        shape[axis] = count[0]
        if input.isConstant {
            let (largest, places) = ONNXNumbers(input)?.largest(
                count[0], axis: axis, isLargest: node.proto.int("largest", default: 1) != 0) ?? (nil, nil)
            try define(node, constant: shape, type: input.type, numbers: largest, from: [input])
            if node.proto.output.count > 1 {
                try define(
                    node, ONNXValue(constant: shape, type: .int64, numbers: places, blame: input.blame ?? node.place), output: 1)
            }
            return
        }
        try emitOnce(node, .reduction(.other), outputs: [shape, shape])
    }
}
