/// The numbers of a constant with its shape, rearranged one by one: constants whose numbers are known are short.
struct ONNXNumbers {
    let shape: [Int]
    let values: [Double]

    init?(_ value: ONNXValue) {
        guard let numbers = value.numbers else { return nil }
        shape = value.shape
        values = numbers
    }

    /// The numbers of a result of that shape, each the one at the place that `place` gives; nil where there are too many.
    ///
    /// - Parameter place: the coordinates in this constant of the coordinates in the result.
    func rearranged(to result: [Int], _ place: ([Int]) -> [Int]) -> [Double]? {
        var numbers: [Double] = []
        let isDone = Self.visit(result) { coordinates in
            var index = 0
            for (side, at) in zip(shape, place(coordinates)) { index = index * side + at }
            numbers.append(values[index])
        }
        return isDone ? numbers : nil
    }

    /// The number for coordinates of a shape that this one is broadcast to.
    func broadcast(at coordinates: [Int]) -> Double {
        var index = 0
        let skipped = coordinates.count - shape.count
        for (axis, side) in shape.enumerated() { index = index * side + (side == 1 ? 0 : coordinates[skipped + axis]) }
        return values[index]
    }

    /// Calls `body` with the coordinates of every value of a shape, the last side first; returns false, and does nothing,
    /// where they are more than a known constant has.
    static func visit(_ shape: [Int], _ body: ([Int]) -> Void) -> Bool {
        var count = 1
        for side in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard side >= 0, !overflow, product <= ONNXValue.knownCount else { return false }
            count = product
        }
        guard shape.allSatisfy({ $0 > 0 }) else { return true }
        var coordinates = [Int](repeating: 0, count: shape.count)
        for _ in 0..<count {
            body(coordinates)
            for axis in shape.indices.reversed() {
                coordinates[axis] += 1
                if coordinates[axis] < shape[axis] { break }
                coordinates[axis] = 0
            }
        }
        return true
    }
}
