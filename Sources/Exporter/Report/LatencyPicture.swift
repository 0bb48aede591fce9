/// The latency of every layer as a bar: full where it was measured, hatched where a model says it, its colour what
/// bounds it.
struct LatencyPicture {
    private let costs: ReportCosts

    private static let row = 18.0
    private static let start = 80.0
    private static let reach = 156.0

    init(_ costs: ReportCosts) { self.costs = costs }

    var picture: Picture {
        let top = 20.0
        var content: [Markup] = [.element("defs", [:], bounds.map(pattern))]
        content += [
            .label("layer", x: 0, y: 12, size: 10, ink: .muted),
            .label("ms", x: Self.start, y: 12, size: 10, ink: .muted),
            .label("bound", x: Picture.width, y: 12, size: 10, ink: .muted, anchor: .end),
        ]
        for (index, layer) in costs.layers.enumerated() {
            content.append(row(layer, y: top + Double(index) * Self.row))
        }
        let (legend, height) = legend(top: top + Double(costs.layers.count) * Self.row + 8)
        return Picture(
            name: "latency", title: "Latency by layer on \(costs.device)",
            description: "\(costs.latencyMs.significant(3)) ms for one image: \(origins).",
            height: height, content: content + legend)
    }

    /// The layers that launch anything.
    private var running: [ReportLayerCost] { costs.layers.filter { $0.latencyMs > 0 } }

    private var bounds: [ReportLayerCost.Bound] {
        ReportLayerCost.Bound.allCases.filter { bound in running.contains { $0.bound == bound } }
    }

    /// How many latencies are known in which way.
    private var origins: String {
        let measured = running.count { $0.source == .measured }
        let sum = running.filter { $0.source == .measured }.reduce(0) { $0 + $1.latencyMs }
        switch measured {
        case running.count: return "every bar was measured"
        case 0: return "every bar is modelled"
        default:
            return "\(measured) of \(running.count) bars, \(sum.significant(3)) ms, were measured, "
                + "the others are modelled"
        }
    }

    private func ink(_ bound: ReportLayerCost.Bound) -> Ink {
        switch bound {
        case .compute: .compute
        case .memory: .memory
        case .overhead: .overhead
        }
    }

    private func paint(_ source: ReportLayerCost.Source, _ bound: ReportLayerCost.Bound) -> Markup.Paint {
        source == .measured ? .ink(ink(bound)) : .pattern("hatch-\(bound.rawValue)")
    }

    private func pattern(_ bound: ReportLayerCost.Bound) -> Markup {
        .element(
            "pattern",
            [
                "id": "hatch-\(bound.rawValue)", "width": "5", "height": "5", "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            ],
            [
                .rectangle(x: 0, y: 0, width: 5, height: 5, fill: .ink(.surface)),
                .rectangle(x: 0, y: 0, width: 2.5, height: 5, fill: .ink(ink(bound))),
            ])
    }

    private func row(_ layer: ReportLayerCost, y: Double) -> Markup {
        let most = costs.layers.map(\.latencyMs).max() ?? 0
        let length = most > 0 ? Self.reach * layer.latencyMs / most : 0
        let baseline = y + Self.row / 2 + 4
        let isNothing = layer.latencyMs == 0
        let value = layer.latencyMs.significant(3)
        var content: [Markup] = [.label(layer.name.shortened(to: 12), x: 0, y: baseline, size: 11)]
        if !isNothing {
            content.append(
                .rectangle(
                    x: Self.start, y: y + 3, width: max(0.5, length), height: Self.row - 6,
                    fill: paint(layer.source, layer.bound), stroke: .init(paint: .ink(ink(layer.bound)), width: 0.75)))
        }
        content.append(
            .label(isNothing ? "0 (\(layer.choice))" : value, x: Self.start + length + 5, y: baseline, size: 10,
                ink: isNothing ? .muted : .text))
        if !isNothing {
            content.append(
                .label(layer.bound.rawValue, x: Picture.width, y: baseline, size: 10, ink: .muted, anchor: .end))
        }
        return .group(
            "\(layer.name), \(layer.choice): \(value) ms"
                + (isNothing ? "" : ", \(layer.source.rawValue), bound by \(layer.bound.rawValue)"),
            content)
    }

    /// The forms that appear, and the picture's height with them.
    private func legend(top: Double) -> (content: [Markup], height: Double) {
        let sources = [ReportLayerCost.Source.measured, .modelled].filter { source in
            running.contains { $0.source == source }
        }
        let content = sources.enumerated().flatMap { line, source -> [Markup] in
            let y = top + Double(line) * Self.row
            return [.label(source.rawValue, x: 0, y: y + 11.5, size: 10)]
                + bounds.enumerated().flatMap { column, bound -> [Markup] in
                    let x = Self.start + Double(column) * 94
                    return [
                        .rectangle(
                            x: x, y: y + 2, width: 14, height: 11, fill: paint(source, bound),
                            stroke: .init(paint: .ink(ink(bound)), width: 0.75)),
                        .label(bound.rawValue, x: x + 20, y: y + 11.5, size: 10),
                    ]
                }
        }
        return (content, top + Double(sources.count) * Self.row)
    }
}
