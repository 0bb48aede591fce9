/// How a stored image has to be turned for display: the tag Orientation of EXIF (JEITA CP-3451, 4.6.4), 1 to 8.
public enum Orientation: Int, Hashable, Sendable, CaseIterable {
    case upright = 1, mirrored, halfTurn, flipped, transposed, quarterTurn, transversed, threeQuarterTurn

    /// Whether stored rows are displayed as columns.
    var isTransposed: Bool { rawValue >= 5 }

    /// Whether the first stored row is displayed last, below or to the right of the others.
    var reversesRows: Bool { [.halfTurn, .flipped, .quarterTurn, .transversed].contains(self) }

    /// Whether the first stored column is displayed last, below or to the right of the others.
    var reversesColumns: Bool { [.mirrored, .halfTurn, .transversed, .threeQuarterTurn].contains(self) }

    /// Writes an image as it is displayed.
    ///
    /// - Parameters:
    ///   - stored: as it is stored.
    ///   - output: as many values.
    func turn(_ stored: ImagePixels, into output: UnsafeMutablePointer<UInt8>) {
        let (rows, columns, channels) = (stored.height, stored.width, stored.channels)
        // The steps from one stored pixel to the next, and from one stored row to the next, in the output.
        var columnStep = isTransposed ? rows * channels : channels
        var rowStep = isTransposed ? channels : columns * channels
        var first = 0
        if reversesColumns { (first, columnStep) = (first + (columns - 1) * columnStep, -columnStep) }
        if reversesRows { (first, rowStep) = (first + (rows - 1) * rowStep, -rowStep) }
        // Of a transposed image a band of rows at a time, so that both sides stay in the cache.
        let band = isTransposed ? 32 : 1
        for top in stride(from: 0, to: rows, by: band) {
            for column in 0..<columns {
                for row in top..<min(top + band, rows) {
                    let from = stored.pixels + (row * columns + column) * channels
                    let to = output + first + row * rowStep + column * columnStep
                    for channel in 0..<channels { to[channel] = from[channel] }
                }
            }
        }
    }
}
