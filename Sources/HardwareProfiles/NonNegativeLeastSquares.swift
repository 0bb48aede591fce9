/// Least squares whose solution has no negative part (Lawson and Hanson, Solving Least Squares Problems, 1974,
/// chapter 23).
///
///     NonNegativeLeastSquares.solve(rows: [[1, 0], [0, 1]], target: [2, -3])   // [2, 0]
public enum NonNegativeLeastSquares {
    /// The `x` ≥ 0 that minimises ‖A·x − b‖₂.
    ///
    /// Of columns that depend on each other, only as many are used as are independent; the others get 0.
    ///
    /// - Parameters:
    ///   - rows: the rows of A, all of one length, finite.
    ///   - target: b, one value a row, finite.
    /// - Returns: one value a column; empty where there are no rows.
    public static func solve(rows: [[Double]], target: [Double]) -> [Double] {
        let count = rows.first?.count ?? 0
        precondition(rows.count == target.count, "\(rows.count) rows, given \(target.count) values")
        precondition(rows.allSatisfy { $0.count == count }, "the rows differ in length")
        let norms = (0..<count).map { column in rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot() }
        // Columns of one length make one tolerance do for all, whatever their units.
        let columns = (0..<count).map { column in rows.map { norms[column] > 0 ? $0[column] / norms[column] : 0 } }
        let tolerance = 1e-12 * dot(target, target).squareRoot()

        var solution = [Double](repeating: 0, count: count)
        var passive: [Int] = []
        var useless: Set<Int> = []
        var seen: Set<[Int]> = []
        while true {
            var residual = target
            for column in passive { subtract(solution[column], columns[column], from: &residual) }
            let gradients = columns.map { dot($0, residual) }
            let candidates = (0..<count).filter {
                gradients[$0] > tolerance && !passive.contains($0) && !useless.contains($0)
            }
            guard let entering = candidates.max(by: { gradients[$0] < gradients[$1] }) else { break }
            passive.append(entering)
            // Rounding can let a column in that would leave at once, for ever: such a one is passed over.
            guard var trial = leastSquares(passive.map { columns[$0] }, target), trial[passive.count - 1] > 0 else {
                passive.removeLast()
                useless.insert(entering)
                continue
            }
            while let leaving = firstToVanish(passive, from: solution, to: trial) {
                // As far towards the trial as no value turns negative.
                let start = solution[passive[leaving]]
                let step = start > 0 ? start / (start - trial[leaving]) : 0
                for (column, value) in zip(passive, trial) {
                    solution[column] = max(0, solution[column] + step * (value - solution[column]))
                }
                solution[passive.remove(at: leaving)] = 0
                // Fewer of the same columns stay independent.
                trial = leastSquares(passive.map { columns[$0] }, target) ?? []
            }
            for (column, value) in zip(passive, trial) { solution[column] = value }
            useless = []
            // Every set of columns lowers the distance; only rounding can lead back to one that was there before.
            guard seen.insert(passive.sorted()).inserted else { break }
        }
        return (0..<count).map { norms[$0] > 0 ? solution[$0] / norms[$0] : 0 }
    }

    /// The place in `passive` of the column whose value reaches 0 first on the way; nil where none does.
    private static func firstToVanish(_ passive: [Int], from solution: [Double], to trial: [Double]) -> Int? {
        trial.indices.filter { trial[$0] <= 0 }.min {
            let (left, right) = (solution[passive[$0]], solution[passive[$1]])
            return left * (right - trial[$1]) < right * (left - trial[$0])
        }
    }

    /// The x that minimises ‖Σ columns·x − b‖₂, by modified Gram–Schmidt; nil where a column of length 1 depends on
    /// those before it.
    private static func leastSquares(_ columns: [[Double]], _ target: [Double]) -> [Double]? {
        var basis: [[Double]] = []
        var triangle: [[Double]] = []
        var residual = target
        var projections: [Double] = []
        for column in columns {
            var rest = column
            var coefficients = [Double](repeating: 0, count: basis.count)
            // The second pass takes away what rounding left of the first.
            for _ in 0..<2 {
                for (index, vector) in basis.enumerated() {
                    let part = dot(vector, rest)
                    coefficients[index] += part
                    subtract(part, vector, from: &rest)
                }
            }
            let norm = dot(rest, rest).squareRoot()
            guard norm > 1e-10 else { return nil }
            let vector = rest.map { $0 / norm }
            let projection = dot(vector, residual)
            subtract(projection, vector, from: &residual)
            basis.append(vector)
            triangle.append(coefficients + [norm])
            projections.append(projection)
        }
        var solution = projections
        for index in columns.indices.reversed() {
            solution[index] /= triangle[index][index]
            for above in 0..<index { solution[above] -= triangle[index][above] * solution[index] }
        }
        return solution
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func subtract(_ factor: Double, _ vector: [Double], from target: inout [Double]) {
        for index in target.indices { target[index] -= factor * vector[index] }
    }
}
