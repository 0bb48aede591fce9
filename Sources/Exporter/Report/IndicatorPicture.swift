/// Every indicator of a run as a strip from the first step to the last, drawn where its part counts.
struct IndicatorPicture {
    private let selection: ReportRun.Selection
    private let phases: [ReportRun.Phase]

    private static let row = 15.0
    private static let partX = 72.0
    private static let start = 156.0
    private static let top = 18.0

    init(_ selection: ReportRun.Selection, phases: [ReportRun.Phase]) {
        self.selection = selection
        self.phases = phases
    }

    var picture: Picture {
        let axis = StepAxis(last: selection.steps.last ?? 0, unit: "step", phases: phases, start: Self.start)
        var content: [Markup] = []
        var y = Self.top
        var layer: String?
        for indicator in selection.indicators {
            let isFirst = indicator.layer != layer
            if isFirst, layer != nil { y += 4 }
            layer = indicator.layer
            content.append(strip(indicator, isFirst: isFirst, axis: axis, y: y))
            y += Self.row
        }
        content += axis.markup(top: Self.top, bottom: y + 4)
        let (legend, bottom) = legend.markup(top: y + 4 + StepAxis.heightBelow)
        return Picture(
            name: "indicators", title: "Indicators", description: description, height: bottom, content: content + legend)
    }

    private var description: String {
        let all = selection.indicators.count, counting = selection.indicators.count { $0.values.last == true }
        let end = selection.steps.count == 1
            ? "at step \((selection.steps[0]).grouped), the only one that was logged" : "at the end"
        let begun = phases.dropFirst().filter { $0.start < selection.steps.last ?? 0 }.map(\.name)
        let lines = begun.isEmpty ? "" : "Dashed lines: the beginning of \(begun.joined(separator: " and of ")). "
        let undecided = selection.undecided == 0 ? "" : selection.undecided == 1
            ? " Of 1 part the search was not certain whether it is worth what it costs."
            : " Of \(selection.undecided.grouped) parts the search was not certain whether they are worth what they cost."
        return "A row for each part of a layer, with a bar while the part is in use: it is on, and so is every part that it "
            + "is nested in. A skipped layer has no bars. \(lines)\(counting) of \(all) parts are in use \(end).\(undecided)"
    }

    private func paint(_ kind: ReportRun.Indicator.Kind) -> Markup.Paint {
        switch kind {
        case .kernel(let size): .fixed(ChoicePalette.fill(kernel: size))
        // No layer has both.
        case .expansion, .block: .ink(.expansion)
        }
    }

    private func strip(_ indicator: ReportRun.Indicator, isFirst: Bool, axis: StepAxis, y: Double) -> Markup {
        let baseline = y + Self.row - 3.5
        var content: [Markup] = []
        if isFirst { content.append(.label(indicator.layer.fitted(to: Self.partX - 6), x: 0, y: baseline)) }
        let part = indicator.part.fitted(to: Self.start - Self.partX - 4)
        content.append(.label(part, x: Self.partX, y: baseline, ink: .muted))
        content.append(
            .rectangle(
                x: Self.start, y: y + 2, width: axis.position(of: selection.steps.last ?? 0) - Self.start,
                height: Self.row - 4, fill: .ink(.band)))
        for (from, to) in spans(indicator.values) {
            let x = axis.position(of: from)
            content.append(
                .rectangle(
                    x: x, y: y + 2, width: axis.position(of: to) - x, height: Self.row - 4,
                    fill: paint(indicator.kind)))
        }
        let on = indicator.values.count { $0 }
        return .group(
            "\(indicator.layer), \(indicator.part): in use after \(on) of \(indicator.values.count) logged steps, "
                + "\(indicator.values.last == true ? "" : "not ")at the end",
            content)
    }

    /// The steps between which a part is in use: a logged value stands for the steps since the one before.
    private func spans(_ values: [Bool]) -> [(from: Int, to: Int)] {
        var spans: [(from: Int, to: Int)] = []
        var before = 0
        for (step, isOn) in zip(selection.steps, values) {
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

    private var legend: Legend {
        let kernels = Set(selection.indicators.compactMap { indicator in
            if case .kernel(let size) = indicator.kind { size } else { nil }
        }).sorted()
        let none = Markup.Stroke(paint: .none)
        var entries = kernels.map {
            Legend.swatch("\($0)x\($0) kernel", fill: paint(.kernel($0)), stroke: none)
        }
        if selection.indicators.contains(where: { $0.kind == .expansion }) {
            entries.append(Legend.swatch("expansion", fill: paint(.expansion), stroke: none))
        }
        if selection.indicators.contains(where: { $0.kind == .block }) {
            entries.append(Legend.swatch("kernel and expansion together", fill: paint(.block), stroke: none))
        }
        return Legend(entries: entries)
    }
}
