/// A drawing `width` units wide, as wide as a phone's screen, with what it shows in words.
struct Picture {
    static let width = 360.0

    /// Names the parts of the picture within a page: "latency".
    let name: String
    let title: String
    let description: String
    let height: Double
    let content: [Markup]

    /// The picture as it stands in a page.
    var svg: Markup { svg([]) }

    /// Several pictures under each other, each below its title, as one file.
    static func file(_ pictures: [Picture], title: String) -> String {
        let heading = 26.0, margin = 12.0
        var y = margin
        var content: [Markup] = []
        for picture in pictures {
            content.append(.label(picture.title, x: margin, y: y + 14, size: 14, isBold: true))
            content.append(
                picture.svg([("x", margin), ("y", y + heading), ("width", width), ("height", picture.height)]))
            y += heading + picture.height + 2 * margin
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
