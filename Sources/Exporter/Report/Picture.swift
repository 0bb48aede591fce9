/// A drawing `width` units wide, as wide as a phone's screen, with what it shows in words.
struct Picture {
    static let width = 360.0

    /// Names the parts of the picture within a page: "latency".
    let name: String
    let title: String
    /// What stands below it too.
    let description: String
    let height: Double
    let content: [Markup]

    /// The picture as it stands in a page.
    var svg: Markup { svg([]) }

    /// Several pictures under each other, each between its title and its description, as one file.
    static func file(_ pictures: [Picture], title: String) -> String {
        let margin = 12.0, line = 17.0
        var y = margin
        var content: [Markup] = []
        for picture in pictures {
            for words in picture.title.lines(within: width, size: Markup.headingSize * boldness) {
                content.append(.heading(words, x: margin, y: y + 14))
                y += line + 2
            }
            y += 6
            content.append(picture.svg([("x", margin), ("y", y), ("width", width), ("height", picture.height)]))
            y += picture.height + 4
            for words in picture.description.lines(within: width) {
                content.append(.label(words, x: margin, y: y + 12, ink: .muted))
                y += line
            }
            y += 2 * margin
        }
        let size = (width: width + 2 * margin, height: y)
        let background = Markup.rectangle(x: 0, y: 0, width: size.width, height: size.height, fill: .ink(.surface))
        return #"<?xml version="1.0" encoding="UTF-8"?>"#
            + Markup.element(
                "svg",
                [
                    "xmlns": "http://www.w3.org/2000/svg", "font-family": fonts,
                    "width": size.width.coordinate, "height": size.height.coordinate,
                    "viewBox": "0 0 \(size.width.coordinate) \(size.height.coordinate)",
                ], [.element("title", [:], [.words(title)]), background] + content
            ).text + "\n"
    }

    private static let fonts = "system-ui, sans-serif"
    /// How much wider bold letters are.
    private static let boldness = 1.27

    private func svg(_ place: [(name: String, value: Double)]) -> Markup {
        Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(Self.width.coordinate) \(height.coordinate)",
                "role": "img", "aria-labelledby": "\(name)-title \(name)-description", "font-family": Self.fonts,
            ],
            [
                .element("title", ["id": "\(name)-title"], [.words(title)]),
                .element("desc", ["id": "\(name)-description"], [.words(description)]),
            ] + content
        ).with(place.map { Markup.Attribute(name: $0.name, value: $0.value.coordinate) })
    }
}
