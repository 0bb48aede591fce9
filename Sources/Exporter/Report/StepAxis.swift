/// The steps of a run from left to right, with the phases that it went through.
struct StepAxis {
    private let scale: LinearScale
    private let phases: [ReportRun.Phase]
    private let start: Double
    private let end: Double
    private let last: Int

    /// - Parameter start: where in a picture step 0 stands; the last logged one stands at the right.
    init(_ run: ReportRun, start: Double) {
        last = run.steps.last ?? 0
        phases = run.phases
        self.start = start
        end = Picture.width - 8
        // Ticks at round steps; the axis itself ends with the last step.
        scale = LinearScale(covering: [0, Double(last)], steps: 4, in: (start, end))
    }

    func position(of step: Int) -> Double { start + Double(step) / Double(max(1, last)) * (end - start) }

    /// The phases above a plot from `top` to `bottom`, the ticks below it.
    func markup(top: Double, bottom: Double) -> [Markup] {
        let begun = phases.filter { $0.start < last }
        var content: [Markup] = []
        for (index, phase) in begun.enumerated() {
            let x = position(of: phase.start)
            let next = index + 1 < begun.count ? position(of: begun[index + 1].start) : end
            if index > 0 {
                content.append(
                    .line(
                        from: .init(x: x, y: top - 10), to: .init(x: x, y: bottom),
                        .init(paint: .ink(.muted), width: 0.75, dashes: "3 2")))
            }
            // About half the size of a letter is its width.
            if Double(phase.name.count) * 4.8 < next - x + 8 {
                content.append(.label(phase.name, x: x + 3, y: top - 4, size: 9, ink: .muted))
            }
        }
        content.append(.line(
            from: .init(x: start, y: bottom), to: .init(x: end, y: bottom), .init(paint: .ink(.muted), width: 0.75)))
        let ticks = scale.ticks.filter { $0 <= Double(last) && $0 == $0.rounded() }
        for (index, tick) in ticks.enumerated() {
            let x = position(of: Int(tick))
            content.append(
                .line(
                    from: .init(x: x, y: bottom), to: .init(x: x, y: bottom + 3),
                    .init(paint: .ink(.muted), width: 0.75)))
            let isLast = index == ticks.count - 1
            content.append(
                .label(
                    isLast ? "step \(scale.label(tick))" : scale.label(tick), x: min(x, Picture.width - 24),
                    y: bottom + 14, size: 9.5, ink: .muted, anchor: .middle))
        }
        return content
    }
}
