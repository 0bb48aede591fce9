/// A value over the steps of a run.
struct CurvePicture {
    let name: String
    let title: String
    /// Of the values; nil for a plain number.
    let unit: String?
    let run: ReportRun
    /// One a logged step, finite.
    let values: [Double]
    /// Whether the axis starts at 0.
    var fromZero = false
    /// Whether the mean over the steps around is drawn, and the values themselves behind it.
    var isSmoothed = false

    private static let top = 16.0
    private static let bottom = 126.0

    var picture: Picture {
        let vertical = LinearScale(
            covering: values + (fromZero ? [0] : []), steps: 4, in: (start: Self.bottom, end: Self.top))
        let axis = StepAxis(run, start: 44)
        var content = vertical.ticks.flatMap { tick -> [Markup] in
            let y = vertical.position(of: tick)
            return [
                .line(
                    from: .init(x: 44, y: y), to: .init(x: Picture.width - 8, y: y),
                    .init(paint: .ink(.rule), width: 0.5)),
                .label(vertical.label(tick), x: 39, y: y + 3.5, size: 9.5, ink: .muted, anchor: .end),
            ]
        }
        content += axis.markup(top: Self.top, bottom: Self.bottom)
        func curve(_ values: [Double], _ ink: Ink, width: Double) -> Markup {
            .polyline(
                zip(run.steps, values).map { .init(x: axis.position(of: $0), y: vertical.position(of: $1)) },
                .init(paint: .ink(ink), width: width))
        }
        if isSmoothed { content.append(curve(values, .samples, width: 0.75)) }
        content.append(curve(isSmoothed ? smoothed : values, .curve, width: 1.5))
        return Picture(name: name, title: title, description: description, height: Self.bottom + 20, content: content)
    }

    /// The first and the last value in words.
    private var description: String {
        guard let first = values.first, let last = values.last else { return "Nothing was logged." }
        func text(_ value: Double) -> String { value.significant(3) + (unit.map { " \($0)" } ?? "") }
        let end = "\(text(last)) at step \(run.steps[values.count - 1].grouped)"
        return "\(text(first)) at step \(run.steps[0].grouped), \(end)."
            + (isSmoothed ? " Pale: each logged step; dark: the mean of the \(2 * reach + 1) around it." : "")
    }

    /// How many logged steps to either side a mean reaches.
    private var reach: Int { values.count / 50 }

    private var smoothed: [Double] {
        values.indices.map { index in
            let around = values[max(0, index - reach)...min(values.count - 1, index + reach)]
            return around.reduce(0, +) / Double(around.count)
        }
    }
}
