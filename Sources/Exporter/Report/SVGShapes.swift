/// What pictures are drawn with. Lengths are in the picture's own units, y downwards.
extension Markup {
    struct Point {
        let x: Double
        let y: Double
    }

    /// The inside or the line of a shape.
    enum Paint {
        case none
        case ink(Ink)
        /// "#rrggbb", on every background.
        case fixed(String)
        /// A pattern by its name.
        case pattern(String)

        fileprivate func attributes(_ property: String) -> (value: String, name: String?) {
            switch self {
            case .none: ("none", nil)
            case .ink(let ink): (ink.light, "\(property)-\(ink.rawValue)")
            case .fixed(let color): (color, nil)
            case .pattern(let name): ("url(#\(name))", nil)
            }
        }
    }

    /// How a line is drawn.
    struct Stroke {
        let paint: Paint
        var width = 1.0
        var dashes: String?
    }

    enum Anchor: String { case start, middle, end }

    static func rectangle(
        x: Double, y: Double, width: Double, height: Double, fill: Paint, stroke: Stroke? = nil
    ) -> Markup {
        element(
            "rect",
            ["x": x.coordinate, "y": y.coordinate, "width": width.coordinate, "height": height.coordinate]
        ).painted(fill: fill, stroke: stroke)
    }

    static func line(from start: Point, to end: Point, _ stroke: Stroke) -> Markup {
        element(
            "line",
            ["x1": start.x.coordinate, "y1": start.y.coordinate, "x2": end.x.coordinate, "y2": end.y.coordinate]
        ).painted(fill: .none, stroke: stroke)
    }

    static func polygon(_ points: [Point], fill: Paint, stroke: Stroke) -> Markup {
        element("polygon", ["points": coordinates(points)]).painted(fill: fill, stroke: stroke)
    }

    static func circle(at middle: Point, radius: Double, fill: Paint) -> Markup {
        element("circle", ["cx": middle.x.coordinate, "cy": middle.y.coordinate, "r": radius.coordinate])
            .painted(fill: fill, stroke: nil)
    }

    static func polyline(_ points: [Point], _ stroke: Stroke) -> Markup {
        element("polyline", ["points": coordinates(points), "stroke-linejoin": "round"])
            .painted(fill: .none, stroke: stroke)
    }

    /// The size of text in pictures: on a phone 360 points wide, whose page leaves a margin, 11 points.
    static let textSize = 12.0

    /// One line of text whose baseline is at `y`.
    static func label(_ text: String, x: Double, y: Double, ink: Ink = .text, anchor: Anchor = .start) -> Markup {
        element(
            "text",
            [
                "x": x.coordinate, "y": y.coordinate, "font-size": textSize.coordinate, "text-anchor": anchor.rawValue,
            ], [.words(text)]
        ).painted(fill: .ink(ink), stroke: nil)
    }

    /// A label that can be read across lines.
    static func labelAcross(_ text: String, x: Double, y: Double, ink: Ink = .text, anchor: Anchor = .start) -> Markup {
        element(
            "text",
            [
                "x": x.coordinate, "y": y.coordinate, "font-size": textSize.coordinate, "text-anchor": anchor.rawValue,
                "paint-order": "stroke", "stroke-linejoin": "round",
            ], [.words(text)]
        ).painted(fill: .ink(ink), stroke: .init(paint: .ink(.surface), width: 3))
    }

    /// What a picture is called, above it.
    static func heading(_ text: String, x: Double, y: Double) -> Markup {
        element(
            "text", ["x": x.coordinate, "y": y.coordinate, "font-size": headingSize.coordinate, "font-weight": "600"],
            [.words(text)]
        ).painted(fill: .ink(.text), stroke: nil)
    }

    static let headingSize = 14.0

    /// Shapes that belong together, with a sentence that a pointer brings up and a screen reader reads.
    static func group(_ title: String, _ content: [Markup]) -> Markup {
        element("g", [:], [element("title", [:], [.words(title)])] + content)
    }

    private func painted(fill: Paint, stroke: Stroke?) -> Markup {
        let inside = fill.attributes("fill"), outline = stroke?.paint.attributes("stroke")
        var more = [Attribute(name: "fill", value: inside.value)]
        if let stroke, let outline {
            more.append(Attribute(name: "stroke", value: outline.value))
            more.append(Attribute(name: "stroke-width", value: stroke.width.coordinate))
            if let dashes = stroke.dashes { more.append(Attribute(name: "stroke-dasharray", value: dashes)) }
        }
        let names = [inside.name, outline?.name].compactMap { $0 }
        if !names.isEmpty { more.append(Attribute(name: "class", value: names.joined(separator: " "))) }
        return with(more)
    }

    private static func coordinates(_ points: [Point]) -> String {
        points.map { "\($0.x.coordinate),\($0.y.coordinate)" }.joined(separator: " ")
    }
}

extension Double {
    /// To a hundredth, without zeros at the end.
    var coordinate: String {
        let text = fixed(2)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text.hasSuffix("0") ? String(text.dropLast()) : text
    }
}
