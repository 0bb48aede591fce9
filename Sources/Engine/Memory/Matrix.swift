/// Values in memory as a matrix, row by row, for as long as a call lasts.
struct Matrix {
    let pointer: UnsafePointer<Float>
    /// As they are stored.
    let rows, columns: Int
    /// Whether a product takes columns for rows.
    private(set) var isTransposed = false

    init(_ pointer: UnsafePointer<Float>, rows: Int, columns: Int) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
    }

    var transposed: Matrix {
        var result = self
        result.isTransposed.toggle()
        return result
    }
}
