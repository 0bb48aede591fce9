import Exporter

/// Where the parts of a parsed picture stand.
struct PictureLayout {
    private struct Box {
        let what: String
        let left, right, top, bottom: Double

        func meets(_ other: Box) -> Bool {
            left < other.right - 0.25 && other.left < right - 0.25 && top < other.bottom - 0.25
                && other.top < bottom - 0.25
        }
    }

    private let width: Double
    private let height: Double
    private var texts: [Box] = []
    private var shapes: [Box] = []
    private var sizes: [Double] = []

    /// - Parameter picture: an element "svg" with a view box.
    init(_ picture: XMLTree) {
        let box = (picture.attributes["viewBox"] ?? "").split(separator: " ").map { Double($0) ?? .nan }
        (width, height) = box.count == 4 ? (box[2], box[3]) : (.nan, .nan)
        for child in picture.children { add(child) }
    }

    private mutating func add(_ element: XMLTree) {
        let paint = element.attributes["class"] ?? ""
        switch element.name {
        // What is drawn elsewhere, or is checked by itself.
        case "defs", "svg": return
        case "text":
            let size = element.number("font-size"), y = element.number("y")
            let width = TextWidth.of(element.text, size: size)
            let x = element.number("x") - width * (["middle": 0.5, "end": 1][element.attributes["text-anchor"] ?? ""] ?? 0)
            sizes.append(size)
            texts.append(
                Box(what: element.text, left: x, right: x + width, top: y - 0.73 * size, bottom: y + 0.15 * size))
        case "rect" where !paint.contains("fill-band") && !paint.contains("fill-surface"):
            let x = element.number("x"), y = element.number("y")
            shapes.append(
                Box(
                    what: "rectangle", left: x, right: x + element.number("width"), top: y,
                    bottom: y + element.number("height")))
        case "circle":
            let x = element.number("cx"), y = element.number("cy"), r = element.number("r")
            shapes.append(Box(what: "circle", left: x - r, right: x + r, top: y - r, bottom: y + r))
        case "polygon":
            let x = element.points.map { $0[0] }, y = element.points.map { $0[1] }
            shapes.append(
                Box(
                    what: "polygon", left: x.min() ?? .nan, right: x.max() ?? .nan, top: y.min() ?? .nan,
                    bottom: y.max() ?? .nan))
        case "polyline":
            for point in element.points {
                shapes.append(Box(what: "line", left: point[0], right: point[0], top: point[1], bottom: point[1]))
            }
        default: break
        }
        for child in element.children { add(child) }
    }

    /// What is wrong: text that is too small, lies on another text or on a shape, or leaves the picture.
    var problems: [String] {
        var problems: [String] = []
        if texts.isEmpty { problems.append("no text") }
        // A page leaves 332 of a phone's 360 points to a picture of 360.
        for size in sizes where !(size * 332 / 360 >= 11) { problems.append("text of size \(size)") }
        for (index, text) in texts.enumerated() {
            if !(text.left >= -0.5 && text.right <= width + 0.5 && text.top >= -0.5 && text.bottom <= height + 0.5) {
                problems.append("\"\(text.what)\" leaves the picture")
            }
            for other in texts[(index + 1)...] + shapes where text.meets(other) {
                problems.append("\"\(text.what)\" lies on \(other.what)")
            }
        }
        for shape in shapes
        where !(shape.left >= -0.5 && shape.right <= width + 0.5 && shape.top >= -0.5 && shape.bottom <= height + 0.5) {
            problems.append("\(shape.what) leaves the picture")
        }
        return problems
    }
}
