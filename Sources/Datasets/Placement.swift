/// Where one image goes in its frame: mirrored first, then moved down and to the right.
struct Placement {
    /// Rows that the image moves down; negative moves it up.
    var rowShift: Int
    /// Columns that the image moves to the right; negative moves it to the left.
    var columnShift: Int
    var isMirrored: Bool

    static let asStored = Placement(rowShift: 0, columnShift: 0, isMirrored: false)
}
