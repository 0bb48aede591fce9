import Glibc

/// The lower triangular matrix L of a symmetric, positive definite matrix A with L · Lᵀ = A.
///
///     let factor = CholeskyFactor([[4, 2], [2, 3]])
///     factor.solution([6, 5])    // [1, 1]
package struct CholeskyFactor {
    private var lower: [[Double]]

    /// - Parameter matrix: its rows; only what is on and below the diagonal is read.
    package init(_ matrix: [[Double]]) {
        lower = matrix.map { [Double](repeating: 0, count: $0.count) }
        for row in matrix.indices {
            for column in 0...row {
                var value = matrix[row][column]
                for inner in 0..<column { value -= lower[row][inner] * lower[column][inner] }
                // A matrix that is singular but for rounding gets a pivot that is not zero.
                lower[row][column] = row == column ? max(value, 1e-300).squareRoot() : value / lower[column][column]
            }
        }
    }

    /// The logarithm of the determinant of A.
    package var logDeterminant: Double { lower.indices.reduce(0) { $0 + 2 * log(lower[$1][$1]) } }

    /// The x with A · x = b.
    package func solution(_ right: [Double]) -> [Double] {
        var solution = right
        let count = lower.count
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

    /// L · z: where z has independent elements of variance 1, a sample with the covariance A.
    package func product(with vector: [Double]) -> [Double] {
        lower.indices.map { row in (0...row).reduce(0) { $0 + lower[row][$1] * vector[$1] } }
    }
}
