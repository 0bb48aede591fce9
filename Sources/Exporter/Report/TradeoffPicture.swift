/// Accuracy over latency: found networks joined by a line, random and uniform ones as marks.
struct TradeoffPicture {
    private let points: [Tradeoff.Point]
    private let title: String

    private static let left = 44.0
    private static let top = 34.0
    private static let bottom = 226.0

    init(_ tradeoff: Tradeoff) {
        points = tradeoff.points.sorted { $0.latencyMs < $1.latencyMs }
        title = tradeoff.title
    }

    var picture: Picture {
        let horizontal = LinearScale(
            covering: points.map(\.latencyMs), steps: 5, in: (start: Self.left, end: Picture.width - 12))
        let accuracies = points.flatMap { [$0.inheritedAccuracy, $0.searchedAccuracy ?? $0.inheritedAccuracy] }
        let vertical = LinearScale(
            covering: accuracies.map { 100 * $0 }, steps: 5, in: (start: Self.bottom, end: Self.top))
        func place(_ point: Tradeoff.Point, _ accuracy: Double) -> Markup.Point {
            .init(x: horizontal.position(of: point.latencyMs), y: vertical.position(of: 100 * accuracy))
        }
        var content = vertical.ticks.flatMap { tick -> [Markup] in
            let y = vertical.position(of: tick)
            return [
                .line(
                    from: .init(x: Self.left, y: y), to: .init(x: Picture.width - 12, y: y),
                    .init(paint: .ink(.rule), width: 0.5)),
                .label(vertical.label(tick), x: Self.left - 5, y: y + 3.5, size: 9.5, ink: .muted, anchor: .end),
            ]
        }
        content += horizontal.ticks.map { tick in
            .label(
                horizontal.label(tick), x: horizontal.position(of: tick), y: Self.bottom + 14, size: 9.5, ink: .muted,
                anchor: .middle)
        }
        content += [
            .label("% of test images", x: 4, y: 12, size: 9.5, ink: .muted),
            .label("ms", x: Picture.width - 12, y: Self.bottom + 28, size: 9.5, ink: .muted, anchor: .end),
        ]
        for point in points where point.kind != .found {
            let at = place(point, point.inheritedAccuracy)
            content.append(mark(point, at: at, accuracy: point.inheritedAccuracy))
        }
        let found = points.filter { $0.kind == .found }
        content.append(
            .polyline(found.map { place($0, $0.inheritedAccuracy) }, .init(paint: .ink(.curve), width: 1.5)))
        for point in found {
            content.append(mark(point, at: place(point, point.inheritedAccuracy), accuracy: point.inheritedAccuracy))
            if let searched = point.searchedAccuracy {
                content.append(searchedMark(point, at: place(point, searched), accuracy: searched))
            }
        }
        content += legend
        return Picture(
            name: "tradeoff", title: title, description: description, height: Self.bottom + 36, content: content)
    }

    private func mark(_ point: Tradeoff.Point, at: Markup.Point, accuracy: Double) -> Markup {
        .group(text(point, accuracy), [Self.shape(point.kind, at: at)])
    }

    private func searchedMark(_ point: Tradeoff.Point, at: Markup.Point, accuracy: Double) -> Markup {
        .group("\(text(point, accuracy)), as it was searched", [Self.searchedShape(at: at)])
    }

    private func text(_ point: Tradeoff.Point, _ accuracy: Double) -> String {
        "\(point.name): \(point.latencyMs.significant(3)) ms, \((100 * accuracy).fixed(2)) %"
    }

    /// Shapes differ as well as colours, for those who do not see them apart.
    private static func shape(_ kind: Tradeoff.Kind, at: Markup.Point) -> Markup {
        let stroke = Markup.Stroke(paint: .ink(.surface), width: 0.75)
        switch kind {
        case .found:
            return .rectangle(x: at.x - 3.5, y: at.y - 3.5, width: 7, height: 7, fill: .ink(.curve), stroke: stroke)
        case .random:
            return .rectangle(
                x: at.x - 2.5, y: at.y - 2.5, width: 5, height: 5, fill: .ink(.fixed), stroke: stroke)
        case .uniform:
            return diamond(at: at, fill: .ink(.memory), stroke: stroke)
        }
    }

    private static func searchedShape(at: Markup.Point) -> Markup {
        .rectangle(
            x: at.x - 3, y: at.y - 3, width: 6, height: 6, fill: .none, stroke: .init(paint: .ink(.curve), width: 1.5))
    }

    private static func diamond(at: Markup.Point, fill: Markup.Paint, stroke: Markup.Stroke) -> Markup {
        .polygon(
            [
                .init(x: at.x, y: at.y - 5), .init(x: at.x + 5, y: at.y), .init(x: at.x, y: at.y + 5),
                .init(x: at.x - 5, y: at.y),
            ], fill: fill, stroke: stroke)
    }

    private var legend: [Markup] {
        let y = 20.0
        let entries: [(Markup, String, Double)] = [
            (Self.shape(.found, at: .init(x: 110, y: y)), "found", 110),
            (Self.searchedShape(at: .init(x: 158, y: y)), "after its search", 158),
            (Self.shape(.random, at: .init(x: 248, y: y)), "random", 248),
            (Self.shape(.uniform, at: .init(x: 304, y: y)), "uniform", 304),
        ]
        return entries.flatMap { mark, words, x in
            [mark, .label(words, x: x + 7, y: y + 3.5, size: 9.5, ink: .muted)]
        }
    }

    private var description: String {
        let counts = Tradeoff.Kind.allCases.map { kind in (kind, points.count { $0.kind == kind }) }
        return counts.map { "\($1) \($0.rawValue)" }.joined(separator: ", ")
            + " networks by latency and by the part of the test images that they classify as labelled with inherited "
            + "weights."
    }
}
