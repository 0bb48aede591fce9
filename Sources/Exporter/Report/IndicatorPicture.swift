/// Every indicator of a run as a strip from the first step to the last, drawn where it is on.
struct IndicatorPicture {
    private let run: ReportRun

    private static let row = 12.0
    private static let start = 138.0
    private static let top = 16.0

    init(_ run: ReportRun) { self.run = run }

    var picture: Picture {
        let axis = StepAxis(run, start: Self.start)
        var content: [Markup] = []
        var y = Self.top
        var layer: String?
        for indicator in run.indicators {
            let isFirst = indicator.layer != layer
            if isFirst, layer != nil { y += 4 }
            layer = indicator.layer
            content.append(strip(indicator, isFirst: isFirst, axis: axis, y: y))
            y += Self.row
        }
        let on = run.indicators.count { $0.values.last == true }
        return Picture(
            name: "indicators", title: "Indicators",
            description: "One row an indicator, drawn where it is on; \(on) of \(run.indicators.count) are on at the "
                + "end. A part counts only where those are on that it is nested in.",
            height: y + 24, content: content + axis.markup(top: Self.top, bottom: y + 4))
    }

    private func strip(_ indicator: ReportRun.Indicator, isFirst: Bool, axis: StepAxis, y: Double) -> Markup {
        let baseline = y + Self.row - 3
        var content: [Markup] = []
        if isFirst { content.append(.label(indicator.layer.shortened(to: 12), x: 0, y: baseline, size: 10)) }
        content.append(.label(indicator.part.shortened(to: 12), x: 68, y: baseline, size: 9.5, ink: .muted))
        content.append(
            .rectangle(
                x: Self.start, y: y + 1.5, width: axis.position(of: run.steps.last ?? 0) - Self.start,
                height: Self.row - 3, fill: .ink(.band)))
        for (from, to) in spans(indicator.values) {
            let x = axis.position(of: from)
            content.append(
                .rectangle(
                    x: x, y: y + 1.5, width: axis.position(of: to) - x, height: Self.row - 3,
                    fill: .ink(indicator.kind == .kernel ? .kernel : .expansion)))
        }
        let on = indicator.values.count { $0 }
        return .group(
            "\(indicator.layer), \(indicator.part): on after \(on) of \(indicator.values.count) logged steps, "
                + "\(indicator.values.last == true ? "on" : "off") at the end",
            content)
    }

    /// The steps between which an indicator is on: a logged value stands for the steps since the one before.
    private func spans(_ values: [Bool]) -> [(from: Int, to: Int)] {
        var spans: [(from: Int, to: Int)] = []
        var before = 0
        for (step, isOn) in zip(run.steps, values) {
            if isOn {
                if let last = spans.last, last.to == before {
                    spans[spans.count - 1].to = step
                } else {
                    spans.append((before, step))
                }
            }
            before = step
        }
        return spans
    }
}
