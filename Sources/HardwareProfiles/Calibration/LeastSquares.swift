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
        let values = columns.indices.flatMap { row in
            columns.indices.map { column in
                let value = dot(columns[row], columns[column])
                return row == column ? value + damping * (1 + value) : value
            }
        }
        return SymmetricSystem(count: columns.count, values: values).solved(columns.map { -dot($0, residuals) })
    }

    private static func sum(_ values: [Double]) -> Double { dot(values, values) }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
