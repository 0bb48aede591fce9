/// The augmentation drawn for one image: it is mirrored first, then shifted, then partly erased.
struct Placement {
    /// The shift down, in rows; negative is up.
    var rowShift: Int
    /// The shift to the right, in columns; negative is to the left.
    var columnShift: Int
    var isMirrored: Bool
    /// The pixels that are set to the mean: those whose row and column are in these ranges.
    var erasedRows: Range<Int>
    var erasedColumns: Range<Int>

    static let asStored = Placement(
        rowShift: 0, columnShift: 0, isMirrored: false, erasedRows: 0..<0, erasedColumns: 0..<0)
}
