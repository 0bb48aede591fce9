/// The latency of every layer as a bar: full where it was measured, hatched where a model says it, dotted where the model
/// is far from anything measured.
struct LatencyPicture {
    private let costs: ReportCosts

    private static let row = 20.0
    private static let start = 84.0
    private static let reach = 150.0
    private static let outline = Markup.Stroke(paint: .ink(.latency), width: 0.75)

    init(_ costs: ReportCosts) { self.costs = costs }

    var picture: Picture {
        let top = 22.0
        var content: [Markup] = [.element("defs", [:], sources.compactMap(Self.pattern))]
        content += [
            .label("layer", x: 0, y: 12, ink: .muted), .label("latency, ms", x: Self.start, y: 12, ink: .muted),
            .label("bound by", x: Picture.width, y: 12, ink: .muted, anchor: .end),
        ]
        for (index, layer) in costs.layers.enumerated() {
            content.append(row(layer, y: top + Double(index) * Self.row))
        }
        let legend = Legend(entries: sources.map { source in
            Legend.swatch(source.rawValue, fill: Self.paint(source), stroke: Self.outline)
        })
        let (signs, bottom) = legend.markup(top: top + Double(costs.layers.count) * Self.row + 8)
        let latency = costs.latency, interval = costs.intervalText.map { "\($0). " } ?? ""
        return Picture(
            name: "latency", title: "Latency by layer on \(costs.device)",
            description: "\(latency.milliseconds.significant(3)) ms for one image. \(interval)\(latency.words)."
                + (costs.note.map { " " + $0 } ?? ""),
            height: bottom, content: content + signs)
    }

    /// The ways in which the layers that take any time are known.
    private var sources: [ReportLayerCost.Source] {
        ReportLayerCost.Source.allCases.filter { source in
            costs.layers.contains { $0.latencyMs > 0 && $0.source == source }
        }
    }

    private static func paint(_ source: ReportLayerCost.Source) -> Markup.Paint {
        source == .measured ? .ink(.latency) : .pattern(name(source))
    }

    private static func name(_ source: ReportLayerCost.Source) -> String { "latency-\(source.rawValue)" }

    /// nil where the colour is full.
    private static func pattern(_ source: ReportLayerCost.Source) -> Markup? {
        func tile(_ marks: Markup, turned: String) -> Markup {
            .element(
                "pattern",
                [
                    "id": name(source), "width": "5", "height": "5", "patternUnits": "userSpaceOnUse",
                    "patternTransform": "rotate(\(turned))",
                ], [.rectangle(x: 0, y: 0, width: 5, height: 5, fill: .ink(.surface)), marks])
        }
        return switch source {
        case .measured: nil
        case .modelled: tile(.rectangle(x: 0, y: 0, width: 2.5, height: 5, fill: .ink(.latency)), turned: "45")
        case .extrapolated: tile(.circle(at: .init(x: 2.5, y: 2.5), radius: 1.1, fill: .ink(.latency)), turned: "0")
        }
    }

    private func row(_ layer: ReportLayerCost, y: Double) -> Markup {
        let most = costs.layers.map(\.latencyMs).max() ?? 0
        let length = most > 0 ? Self.reach * layer.latencyMs / most : 0
        let baseline = y + Self.row / 2 + 4.5
        let isNothing = layer.latencyMs == 0
        let value = layer.latencyMs.significant(3)
        var content: [Markup] = [.label(layer.name.fitted(to: Self.start - 6), x: 0, y: baseline)]
        if isNothing {
            let text = "0 (\(layer.choice))".fitted(to: Picture.width - Self.start)
            content.append(.label(text, x: Self.start, y: baseline, ink: .muted))
        } else {
            content += [
                .rectangle(
                    x: Self.start, y: y + 4, width: max(0.5, length), height: Self.row - 8,
                    fill: Self.paint(layer.source), stroke: Self.outline),
                .label(value, x: Self.start + length + 5, y: baseline),
                .label(layer.bound.rawValue, x: Picture.width, y: baseline, ink: .muted, anchor: .end),
            ]
        }
        return .group(
            "\(layer.name), \(layer.choice): \(value) ms"
                + (isNothing ? "" : ", \(layer.source.rawValue), bound by \(layer.bound.rawValue)"),
            content)
    }
}
