/// Accuracy over latency: found networks joined by a line and labelled, random and uniform ones and the largest as marks,
/// all with the interval of their accuracy.
struct TradeoffPicture {
    private let points: [Tradeoff.Point]
    private let title: String
    private let horizontal: LinearScale
    private let vertical: LinearScale

    private static let top = 24.0
    private static let bottom = 264.0
    private static let right = Picture.width - 12

    init(_ tradeoff: Tradeoff) {
        points = tradeoff.points.sorted { $0.latency.milliseconds < $1.latency.milliseconds }
        title = tradeoff.title
        let intervals = points.map(\.inherited.interval)
        vertical = LinearScale(
            covering: intervals.flatMap { [100 * $0.lowerBound, 100 * $0.upperBound] }, steps: 5,
            in: (start: Self.bottom, end: Self.top))
        horizontal = LinearScale(
            covering: points.map(\.latency.milliseconds), steps: 5,
            in: (start: max(40, vertical.labelWidth + 12), end: Self.right))
    }

    var picture: Picture {
        var content = axes
        for point in points { content.append(bar(point)) }
        let found = points.filter { $0.kind == .found }
        if found.count > 1 {
            content.append(.polyline(found.map(place), .init(paint: .ink(.found), width: 1.25)))
        }
        // Found ones last: nothing lies on them.
        for point in points where point.kind != .found { content.append(mark(point)) }
        for point in found { content.append(mark(point)) }
        content += labels
        let (legend, bottom) = legend.markup(top: Self.bottom + 40)
        return Picture(
            name: "tradeoff", title: title, description: description, height: bottom, content: content + legend)
    }

    private func place(_ point: Tradeoff.Point) -> Markup.Point {
        .init(x: horizontal.position(of: point.latency.milliseconds), y: height(point.inherited.share))
    }

    private func height(_ accuracy: Double) -> Double { vertical.position(of: 100 * accuracy) }

    private var left: Double { horizontal.position(of: horizontal.ticks[0]) }

    private var axes: [Markup] {
        let levels = vertical.ticks.flatMap { tick -> [Markup] in
            let y = vertical.position(of: tick)
            return [
                .line(from: .init(x: left, y: y), to: .init(x: Self.right, y: y), .init(paint: .ink(.rule), width: 0.5)),
                .label(vertical.label(tick), x: left - 7, y: y + 4, ink: .muted, anchor: .end),
            ]
        }
        var free = 0.0
        let columns = horizontal.ticks.flatMap { tick -> [Markup] in
            let text = horizontal.label(tick), width = TextWidth.of(text, size: Markup.textSize)
            let x = horizontal.position(of: tick), middle = min(x, Picture.width - width / 2)
            let line = Markup.line(
                from: .init(x: x, y: Self.bottom), to: .init(x: x, y: Self.bottom + 3),
                .init(paint: .ink(.muted), width: 0.75))
            guard middle - width / 2 >= free else { return [line] }
            free = middle + width / 2 + 4
            return [line, .label(text, x: middle, y: Self.bottom + 16, ink: .muted, anchor: .middle)]
        }
        return levels + columns + [
            .label("inherited top-1, % of test images", x: 0, y: 12, ink: .muted),
            .label("latency, ms", x: Self.right, y: Self.bottom + 32, ink: .muted, anchor: .end),
        ]
    }

    /// The interval of a point's accuracy.
    private func bar(_ point: Tradeoff.Point) -> Markup {
        let x = place(point).x, (top, bottom) = barEnds(point), ends = [top, bottom]
        let stroke = Markup.Stroke(paint: .ink(Self.ink(point.kind)), width: 1)
        return .element(
            "g", ["class": "interval"],
            [.line(from: .init(x: x, y: ends[0]), to: .init(x: x, y: ends[1]), stroke)]
                + ends.map { .line(from: .init(x: x - 2.5, y: $0), to: .init(x: x + 2.5, y: $0), stroke) })
    }

    private func mark(_ point: Tradeoff.Point) -> Markup {
        let accuracy = point.inherited
        return .group(
            "\(point.name): \(point.latency.milliseconds.significant(3)) ms, \(point.latency.kind); \(accuracy.text), "
                + "95 % interval \(accuracy.intervalText)",
            [Self.shape(point.kind, at: place(point))])
    }

    private static func ink(_ kind: Tradeoff.Kind) -> Ink {
        switch kind {
        case .found: .found
        case .random: .random
        case .uniform: .uniform
        case .largest: .largest
        }
    }

    /// Shapes differ as well as colours, for those who do not see them apart.
    private static func shape(_ kind: Tradeoff.Kind, at: Markup.Point) -> Markup {
        let stroke = Markup.Stroke(paint: .ink(.surface), width: 0.75), fill = Markup.Paint.ink(ink(kind))
        func corners(_ offsets: [(x: Double, y: Double)]) -> [Markup.Point] {
            offsets.map { .init(x: at.x + $0.x, y: at.y + $0.y) }
        }
        switch kind {
        case .found: return .rectangle(x: at.x - 4, y: at.y - 4, width: 8, height: 8, fill: fill, stroke: stroke)
        case .random: return .circle(at: at, radius: 3, fill: fill)
        case .uniform:
            return .polygon(corners([(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)]), fill: fill, stroke: stroke)
        case .largest:
            return .polygon(corners([(0, -6.5), (6.5, 5), (-6.5, 5)]), fill: fill, stroke: stroke)
        }
    }

    private struct Box {
        let x: ClosedRange<Double>
        let y: ClosedRange<Double>

        func meets(_ other: Box) -> Bool { x.overlaps(other.x) && y.overlaps(other.y) }

        /// The place in the box that is nearest to one outside.
        func nearest(to point: Markup.Point) -> Markup.Point {
            .init(x: min(max(point.x, x.lowerBound), x.upperBound), y: min(max(point.y, y.lowerBound), y.upperBound))
        }
    }

    /// Each label beside its point, where nothing else is and no other point is nearer; one that has no such place is
    /// joined to its point by a line.
    private var labels: [Markup] {
        var taken = points.flatMap { point -> [Box] in
            let at = place(point), ends = barEnds(point)
            return [
                Box(x: at.x - 7...at.x + 7, y: at.y - 7...at.y + 7), Box(x: at.x - 3...at.x + 3, y: ends.top...ends.bottom),
            ]
        }
        let labelled = points.filter { $0.label != nil }
        return labelled.flatMap { point -> [Markup] in
            let text = (point.label ?? "").fitted(to: 120)
            let free = boxes(of: TextWidth.of(text, size: Markup.textSize), beside: point).filter { box in
                !taken.contains(where: box.meets)
            }
            let clear = free.filter { box in points.allSatisfy { gap(box, point) <= gap(box, $0) } }
            let usable = clear.isEmpty ? free.filter { box in labelled.allSatisfy { gap(box, point) <= gap(box, $0) } } : clear
            guard let box = usable.first(where: { !isOnLine($0) }) ?? usable.first else { return [] }
            taken.append(box)
            let middle = (box.x.lowerBound + box.x.upperBound) / 2
            let label = Markup.labelAcross(
                text, x: middle, y: box.y.upperBound - 2.5, ink: Self.ink(point.kind), anchor: .middle)
            return clear.isEmpty ? [leader(from: box, to: point), label] : [label]
        }
    }

    /// From a label to the nearest end of its point's interval, or to what lies beside it.
    private func leader(from box: Box, to point: Tradeoff.Point) -> Markup {
        let end = nearest(of: point, to: box)
        return .element(
            "g", ["class": "leader"],
            [.line(from: box.nearest(to: end), to: end, .init(paint: .ink(Self.ink(point.kind)), width: 0.75))])
    }

    /// How far a label's place is from a point with its interval.
    private func gap(_ box: Box, _ point: Tradeoff.Point) -> Double {
        let end = nearest(of: point, to: box), start = box.nearest(to: end)
        let across = end.x - start.x, up = end.y - start.y
        return (across * across + up * up).squareRoot()
    }

    /// The place of a point's interval that is nearest to a label's.
    private func nearest(of point: Tradeoff.Point, to box: Box) -> Markup.Point {
        let ends = barEnds(point), middle = (box.y.lowerBound + box.y.upperBound) / 2
        return .init(x: place(point).x, y: min(max(middle, ends.top), ends.bottom))
    }

    /// The places within the plot where a label of that width may stand, the nearest first.
    private func boxes(of width: Double, beside point: Tradeoff.Point) -> [Box] {
        let at = place(point), ends = barEnds(point)
        // A label that would leave the plot is moved as far as it must be.
        let inside = min(max(at.x, left + 2 + width / 2), Picture.width - width / 2)
        return stride(from: 9.0, through: 60, by: 6).flatMap { distance -> [Box] in
            let above = min(ends.top, at.y - 7) - distance - 1, below = max(ends.bottom, at.y + 7) + distance + 1
            let right = at.x + distance + width / 2, left = at.x - distance - width / 2
            let middles = [
                (inside, above), (right, at.y), (left, at.y), (inside, below), (left, above), (right, below),
                (right, above), (left, below),
            ]
            return middles.map { Box(x: $0 - width / 2...$0 + width / 2, y: $1 - 7...$1 + 7) }
        }.filter { box in
            box.x.lowerBound >= left + 2 && box.x.upperBound <= Picture.width && box.y.lowerBound >= Self.top - 4
                && box.y.upperBound <= Self.bottom - 1
        }
    }

    /// Whether the line that joins the found networks goes through.
    private func isOnLine(_ box: Box) -> Bool {
        let line = points.filter { $0.kind == .found }.map(place)
        return zip(line, line.dropFirst()).contains { from, to in
            (0...40).contains { step in
                let part = Double(step) / 40
                return box.x.contains(from.x + part * (to.x - from.x)) && box.y.contains(from.y + part * (to.y - from.y))
            }
        }
    }

    private func barEnds(_ point: Tradeoff.Point) -> (top: Double, bottom: Double) {
        let interval = point.inherited.interval
        return (height(interval.upperBound), height(interval.lowerBound))
    }

    private static let names: [Tradeoff.Kind: String] = [
        .found: "found", .random: "random", .uniform: "the same in every layer", .largest: "largest of the space",
    ]

    private var legend: Legend {
        Legend(entries: Tradeoff.Kind.allCases.filter { kind in points.contains { $0.kind == kind } }.map { kind in
            .init(name: Self.names[kind] ?? kind.rawValue) { Self.shape(kind, at: $0) }
        })
    }

    private var description: String {
        guard let first = points.first else { return "No networks." }
        let counts = Tradeoff.Kind.allCases.map { kind in (kind, points.count { $0.kind == kind }) }.filter { $0.1 > 0 }
        let networks = counts.map { "\($1) \(Self.names[$0] ?? $0.rawValue)" }.joined(separator: ", ")
        let labels = points.contains { $0.kind == .found && $0.label != nil }
            ? "What a found one was searched for stands beside it. " : ""
        return "\(networks): all with the weights that they inherit from one warm-up, so that all had the same training. "
            + "Top-1 accuracy on \(first.inherited.testImages.grouped) test images, with 95 % intervals. "
            + "\(labels)\(knownLatencies)."
    }

    /// How the latencies are known, together.
    private var knownLatencies: String {
        let counts = points.compactMap(\.latency.layers)
        guard counts.count == points.count else { return "Whether the latencies were measured is not on record" }
        let extrapolated = counts.count { $0.extrapolated > 0 }
        let far = extrapolated == 0 ? "" : "; extrapolated in part in \(extrapolated) of \(points.count) networks"
        if counts.allSatisfy({ $0.measured == 0 }) { return "Latency: not measured on this device: modelled" + far }
        let whole = counts.count { $0.measured == $0.all }
        return whole == points.count
            ? "Latency: measured, every layer of every network"
            : "Latency: measured in every layer of \(whole) of \(points.count) networks; in the others modelled where it "
                + "was not measured" + far
    }
}
