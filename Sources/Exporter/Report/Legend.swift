/// What the forms and colours of a picture mean, side by side and on as many lines as they take.
struct Legend {
    struct Entry {
        let name: String
        /// What stands before the name, drawn around a middle.
        let sign: (Markup.Point) -> Markup
    }

    let entries: [Entry]

    static let row = 18.0
    private static let signWidth = 14.0

    /// A rectangle filled like what it explains.
    static func swatch(_ name: String, fill: Markup.Paint, stroke: Markup.Stroke) -> Entry {
        Entry(name: name) { middle in
            .rectangle(
                x: middle.x - signWidth / 2, y: middle.y - 5.5, width: signWidth, height: 11, fill: fill, stroke: stroke)
        }
    }

    /// - Parameter top: where in a picture the first line begins.
    /// - Returns: the lines, and where the last of them ends.
    func markup(top: Double) -> (content: [Markup], bottom: Double) {
        var x = 1.0, y = top
        var content: [Markup] = []
        for entry in entries {
            let room = Picture.width - Self.signWidth - 7
            let name = entry.name.fitted(to: room)
            let width = Self.signWidth + 6 + TextWidth.of(name, size: Markup.textSize)
            if x > 1, x + width > Picture.width {
                x = 1
                y += Self.row
            }
            content.append(entry.sign(.init(x: x + Self.signWidth / 2, y: y + Self.row / 2)))
            content.append(.label(name, x: x + Self.signWidth + 6, y: y + Self.row / 2 + 4.5))
            x += width + 16
        }
        return (content, entries.isEmpty ? top : y + Self.row)
    }
}
