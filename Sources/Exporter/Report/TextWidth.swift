/// How wide text is drawn: as DejaVu Sans draws it, the widest of the fonts that systems give a page without one of its
/// own, so that what has room in it has room in the others.
package enum TextWidth {
    /// The advances of " " to "~", in thousandths of the size.
    private static let advances = [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
        636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
        748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
        615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
        337, 636, 838,
    ]
    /// Of any other character.
    private static let widest = 1000

    /// - Parameter size: of the font; the width is in the same unit.
    package static func of(_ text: String, size: Double) -> Double {
        let thousandths = text.unicodeScalars.reduce(0) { sum, scalar in
            sum + (scalar >= " " && scalar <= "~" ? advances[Int(scalar.value) - 32] : widest)
        }
        return Double(thousandths) / 1000 * size
    }
}

extension String {
    /// The text, shortened as far as it is wider than that.
    func fitted(to width: Double, size: Double = Markup.textSize) -> String {
        var columns = count
        var text = self
        while columns > 1, TextWidth.of(text, size: size) > width {
            columns -= 1
            text = shortened(to: columns)
        }
        return text
    }

    /// The words on lines that are at most so wide; a longer word is shortened.
    func lines(within width: Double, size: Double = Markup.textSize) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, TextWidth.of("\(last) \(word)", size: size) <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word).fitted(to: width, size: size))
            }
        }
        return lines
    }
}
