import Glibc

/// Operators value by value, reductions and copies.
extension TFLiteKernel {
    func broadcast(_ inputs: [[Float]], _ function: (Float, Float) -> Float) -> [Float] {
        let left = shape(0), right = shape(1), output = outputShape
        if left == output, right == output { return zip(inputs[0], inputs[1]).map(function) }
        let strides = (Self.strides(of: left, in: output), Self.strides(of: right, in: output))
        var result: [Float] = []
        result.reserveCapacity(output.reduce(1, *))
        Self.forEachPlace(in: output) { place in
            var from = (0, 0)
            for side in output.indices {
                from.0 += place[side] * strides.0[side]
                from.1 += place[side] * strides.1[side]
            }
            result.append(function(inputs[0][from.0], inputs[1][from.1]))
        }
        return result
    }

    func reduction(_ values: [Float], _ code: TFLiteCode) -> [Float] {
        let input = shape(0), axes = axes ?? []
        let kept = input.indices.map { axes.contains($0) ? 1 : input[$0] }
        let strides = Self.strides(of: kept, in: input), count = kept.reduce(1, *)
        let start: Float =
            switch code {
            case .productOfSides: 1
            case .maximumOfSides: -.infinity
            case .minimumOfSides: .infinity
            default: 0
            }
        var result = [Float](repeating: start, count: count), index = 0
        Self.forEachPlace(in: input) { place in
            var to = 0
            for side in input.indices { to += place[side] * strides[side] }
            let value = values[index]
            index += 1
            switch code {
            case .productOfSides: result[to] *= value
            case .maximumOfSides: result[to] = max(result[to], value)
            case .minimumOfSides: result[to] = min(result[to], value)
            default: result[to] += value
            }
        }
        guard code == .mean, count > 0 else { return result }
        let size = Float(values.count / count)
        return result.map { $0 / size }
    }

    func softmax(_ values: [Float], beta: Float, isLogarithm: Bool) -> [Float] {
        let size = outputShape.last ?? 1
        var result = values
        for start in stride(from: 0, to: values.count, by: size) {
            let row = start..<start + size, largest = values[row].max() ?? 0
            let sum = values[row].reduce(0) { $0 + exp(beta * ($1 - largest)) }
            for index in row {
                let value = beta * (values[index] - largest)
                result[index] = isLogarithm ? value - log(sum) : exp(value) / sum
            }
        }
        return result
    }

    func concatenation(_ inputs: [[Float]], axis: Int) -> [Float] {
        let output = outputShape, place = axis < 0 ? axis + output.count : axis
        let inner = output[(place + 1)...].reduce(1, *), outer = output[..<place].reduce(1, *)
        var result: [Float] = []
        result.reserveCapacity(output.reduce(1, *))
        for row in 0..<outer {
            for (index, values) in inputs.enumerated() {
                let size = shape(index)[place] * inner
                result += values[row * size..<(row + 1) * size]
            }
        }
        return result
    }

    func pad(_ inputs: [[Float]]) -> [Float] {
        let input = shape(0), output = outputShape, widths = widths ?? []
        var result = [Float](repeating: inputs.count > 2 ? inputs[2][0] : 0, count: output.reduce(1, *)), index = 0
        let strides = Self.strides(of: output, in: output)
        Self.forEachPlace(in: input) { place in
            var to = 0
            for side in output.indices { to += (place[side] + widths[side].0) * strides[side] }
            result[to] = inputs[0][index]
            index += 1
        }
        return result
    }

    func transposition(_ inputs: [[Float]]) -> [Float] {
        let input = shape(0), output = outputShape, order = order ?? []
        let strides = Self.strides(of: input, in: input)
        var result: [Float] = []
        result.reserveCapacity(inputs[0].count)
        Self.forEachPlace(in: output) { place in
            var from = 0
            for side in output.indices { from += place[side] * strides[order[side]] }
            result.append(inputs[0][from])
        }
        return result
    }

    /// How far apart neighbours along each side of `whole` lie in values of `shape`: 0 along sides that are repeated.
    private static func strides(of shape: [Int], in whole: [Int]) -> [Int] {
        var strides = [Int](repeating: 0, count: whole.count), step = 1
        for back in 0..<shape.count {
            let side = shape.count - 1 - back
            if shape[side] != 1 { strides[whole.count - 1 - back] = step }
            step *= shape[side]
        }
        return strides
    }

    /// Runs `body` with every place of a shape, the last side fastest.
    private static func forEachPlace(in shape: [Int], _ body: ([Int]) -> Void) {
        guard shape.allSatisfy({ $0 > 0 }) else { return }
        var place = [Int](repeating: 0, count: shape.count)
        while true {
            body(place)
            var side = shape.count - 1
            while side >= 0 {
                place[side] += 1
                if place[side] < shape[side] { break }
                place[side] = 0
                side -= 1
            }
            if side < 0 { return }
        }
    }
}
