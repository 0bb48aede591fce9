/// Where one image goes in its frame: mirrored first, then moved down and to the right, then erased in part.
struct Placement {
    /// Rows that the image moves down; negative moves it up.
    var rowShift: Int
    /// Columns that the image moves to the right; negative moves it to the left.
    var columnShift: Int
    var isMirrored: Bool
    /// The pixels that are set to the mean: where both the row and the column are in these.
    var erasedRows: Range<Int>
    var erasedColumns: Range<Int>

    static let asStored = Placement(
        rowShift: 0, columnShift: 0, isMirrored: false, erasedRows: 0..<0, erasedColumns: 0..<0)
}
