/// Nonlinear least squares by Levenberg's damped Gauss–Newton steps (Marquardt, 1963), with numeric derivatives.
package enum LeastSquares {
    /// The parameters near `start` that minimise the sum of squared residuals.
    ///
    /// - Parameters:
    ///   - start: finite.
    ///   - residuals: computes the residuals for a list of parameters; always as many, and finite near the start.
    package static func minimise(from start: [Double], _ residuals: ([Double]) -> [Double]) -> [Double] {
        var best = start
        var current = residuals(best)
        var error = sum(current)
        var damping = 1e-3
        for _ in 0..<100 {
            let columns = best.indices.map { index in
                var moved = best
                moved[index] += 1e-6
                return zip(residuals(moved), current).map { ($0 - $1) / 1e-6 }
            }
            let before = error
            // Steps are shortened until one reduces the sum.
            while damping < 1e9 {
                let step = step(columns, current, damping: damping)
                let trial = zip(best, step).map(+)
                let found = residuals(trial)
                let foundError = sum(found)
                if foundError < error {
                    (best, current, error) = (trial, found, foundError)
                    damping = max(damping / 5, 1e-9)
                    break
                }
                damping *= 4
            }
            if before - error <= 1e-9 * before { break }
        }
        return best
    }

    /// The x that solves (JᵀJ + damping · (1 + diagonal)) x = −Jᵀr, by Cholesky.
    private static func step(_ columns: [[Double]], _ residuals: [Double], damping: Double) -> [Double] {
        let count = columns.count
        var lower = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        var solution = columns.map { -dot($0, residuals) }
        for row in 0..<count {
            for column in 0...row {
                var value = dot(columns[row], columns[column])
                if row == column { value += damping * (1 + value) }
                for inner in 0..<column { value -= lower[row][inner] * lower[column][inner] }
                lower[row][column] = row == column ? max(value, 1e-300).squareRoot() : value / lower[column][column]
            }
        }
        for row in 0..<count {
            for inner in 0..<row { solution[row] -= lower[row][inner] * solution[inner] }
            solution[row] /= lower[row][row]
        }
        for row in (0..<count).reversed() {
            for inner in row + 1..<max(row + 1, count) { solution[row] -= lower[inner][row] * solution[inner] }
            solution[row] /= lower[row][row]
        }
        return solution
    }

    private static func sum(_ values: [Double]) -> Double { dot(values, values) }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
