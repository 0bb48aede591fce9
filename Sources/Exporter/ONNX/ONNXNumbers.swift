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

    /// The number at a place of this shape.
    subscript(_ at: [Int]) -> Double { values[index(of: at)] }

    /// Where the number at a place of this shape stands.
    func index(of at: [Int]) -> Int { zip(shape, at).reduce(0) { $0 * $1.0 + $1.1 } }

    /// The largest or the least numbers along an axis in their order, with their places; nil where there are too many.
    func largest(_ count: Int, axis: Int, isLargest: Bool) -> (numbers: [Double], places: [Double])? {
        var result = shape
        result[axis] = count
        var numbers: [Double] = [], places: [Double] = []
        let isDone = Self.visit(result) { at in
            var here = at
            let row = (0..<shape[axis]).map { place in
                here[axis] = place
                return self[here]
            }
            // Equal ones stay in their order.
            let order = row.indices.sorted { one, other in
                row[one] == row[other] ? one < other : (row[one] > row[other]) == isLargest
            }
            numbers.append(row[order[at[axis]]])
            places.append(Double(order[at[axis]]))
        }
        return isDone ? (numbers, places) : nil
    }

    /// The slices along an axis that differ from all before them: their places, which of them each slice is, and how often
    /// each occurs.
    ///
    /// - Parameter isSorted: whether they are in the order of their numbers instead of that of their places.
    func distinct(along axis: Int, isSorted: Bool) -> (firsts: [Int], ranks: [Int], counts: [Int]) {
        var slices = [[Double]](repeating: [], count: shape[axis])
        _ = Self.visit(shape) { at in slices[at[axis]].append(self[at]) }
        var known: [[Double]: Int] = [:], firsts: [Int] = [], ranks: [Int] = []
        for (place, slice) in slices.enumerated() {
            let rank = known[slice] ?? firsts.count
            if rank == firsts.count {
                known[slice] = rank
                firsts.append(place)
            }
            ranks.append(rank)
        }
        if isSorted {
            let order = firsts.indices.sorted { slices[firsts[$0]].lexicographicallyPrecedes(slices[firsts[$1]]) }
            var places = firsts
            for (place, rank) in order.enumerated() { places[rank] = place }
            firsts = order.map { firsts[$0] }
            ranks = ranks.map { places[$0] }
        }
        var counts = [Int](repeating: 0, count: firsts.count)
        for rank in ranks { counts[rank] += 1 }
        return (firsts, ranks, counts)
    }

    /// Sums along an axis, of what lies before each place.
    ///
    /// - Parameters:
    ///   - isExclusive: whether the number at the place does not count.
    ///   - isReversed: whether what lies behind counts.
    func sums(along axis: Int, isExclusive: Bool, isReversed: Bool) -> [Double]? {
        var sums: [Double] = []
        let isDone = Self.visit(shape) { at in
            let own = at[axis], side = shape[axis]
            let range = isReversed ? (isExclusive ? own + 1..<side : own..<side) : (isExclusive ? 0..<own : 0..<own + 1)
            var here = at
            sums.append(range.reduce(0) { sum, place in
                here[axis] = place
                return sum + self[here]
            })
        }
        return isDone ? sums : nil
    }

    /// The numbers of several constants, one behind the other along an axis; nil where there are too many.
    ///
    /// - Parameter shape: of all of them.
    static func joined(_ parts: [ONNXNumbers], along axis: Int, to shape: [Int]) -> [Double]? {
        var numbers: [Double] = []
        let isDone = visit(shape) { at in
            var place = at
            for part in parts {
                if place[axis] < part.shape[axis] {
                    numbers.append(part.broadcast(at: place))
                    break
                }
                place[axis] -= part.shape[axis]
            }
        }
        return isDone ? numbers : nil
    }

    /// The product of two matrices; nil for other shapes, and where there are too many numbers.
    static func product(_ left: ONNXNumbers, _ right: ONNXNumbers) -> [Double]? {
        let rows = left.shape.count == 1 ? [1] + left.shape : left.shape
        let columns = right.shape.count == 1 ? right.shape + [1] : right.shape
        guard rows.count == 2, columns.count == 2, rows[1] == columns[0] else { return nil }
        var numbers: [Double] = []
        let isDone = visit([rows[0], columns[1]]) { at in
            numbers.append((0..<rows[1]).reduce(0) { sum, inner in
                sum + left.values[at[0] * rows[1] + inner] * right.values[inner * columns[1] + at[1]]
            })
        }
        return isDone ? numbers : nil
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
