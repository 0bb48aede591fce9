import COpenBLAS
import Glibc

/// A symmetric positive definite matrix A, factored by Cholesky as L · Lᵀ, for regression.
package struct SymmetricSystem {
    /// The side of the matrix.
    package let count: Int
    /// The lower factor, column by column.
    private let factor: [Double]

    /// - Parameters:
    ///   - count: rows.
    ///   - values: `count × count`, of which the lower triangle is read, column by column.
    package init(count: Int, values: [Double]) {
        precondition(values.count == count * count, "a square matrix has \(count * count) values, not \(values.count)")
        self.count = count
        var matrix = values
        // Panels of this many columns keep the small loop inside the cache.
        let width = 48
        matrix.withUnsafeMutableBufferPointer { buffer in
            guard let a = buffer.baseAddress else { return }
            for first in stride(from: 0, to: count, by: width) {
                let last = min(first + width, count)
                for column in first..<last {
                    let diagonal = a + column * count
                    for inner in first..<column {
                        let weight = a[inner * count + column]
                        if weight != 0 { for row in column..<last { diagonal[row] -= a[inner * count + row] * weight } }
                    }
                    let root = max(diagonal[column], 1e-12).squareRoot()
                    diagonal[column] = root
                    for row in column + 1..<max(last, column + 1) { diagonal[row] /= root }
                }
                let rest = count - last, side = last - first
                guard rest > 0 else { continue }
                let panel = a + first * count + last
                cblas_dtrsm(
                    CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, Int32(rest), Int32(side), 1,
                    a + first * count + first, Int32(count), panel, Int32(count))
                cblas_dsyrk(
                    CblasColMajor, CblasLower, CblasNoTrans, Int32(rest), Int32(side), -1, panel, Int32(count), 1,
                    a + last * count + last, Int32(count))
            }
        }
        factor = matrix
    }

    /// L⁻¹ B for `columns` right-hand sides, column by column.
    package func halfSolved(_ values: [Double], columns: Int) -> [Double] { solved(values, columns, CblasNoTrans) }

    /// L⁻ᵀ B.
    private func transposeSolved(_ values: [Double], columns: Int) -> [Double] { solved(values, columns, CblasTrans) }

    /// A⁻¹ B.
    package func solved(_ values: [Double], columns: Int = 1) -> [Double] {
        transposeSolved(halfSolved(values, columns: columns), columns: columns)
    }

    private func solved(_ values: [Double], _ columns: Int, _ transposed: CBLAS_TRANSPOSE) -> [Double] {
        precondition(values.count == count * columns, "\(values.count) values for \(columns) columns of \(count)")
        var result = values
        cblas_dtrsm(
            CblasColMajor, CblasLeft, CblasLower, transposed, CblasNonUnit, Int32(count), Int32(columns), 1, factor,
            Int32(count), &result, Int32(count))
        return result
    }

    /// The logarithm of the determinant of A.
    package var logDeterminant: Double { (0..<count).reduce(0) { $0 + 2 * log(factor[$1 * (count + 1)]) } }

    /// L · z: where z has independent elements of variance 1, a sample with the covariance A.
    package func product(with vector: [Double]) -> [Double] {
        (0..<count).map { row in (0...row).reduce(0) { $0 + factor[$1 * count + row] * vector[$1] } }
    }

    /// The whole inverse, column by column.
    package var inverse: [Double] {
        var identity = [Double](repeating: 0, count: count * count)
        for index in 0..<count { identity[index * (count + 1)] = 1 }
        return solved(identity, columns: count)
    }
}
