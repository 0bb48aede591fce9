/// The steps or the epochs of a run from left to right, with the phases that it went through.
struct StepAxis {
    private let scale: LinearScale
    private let phases: [ReportRun.Phase]
    private let unit: String
    private let start: Double
    private let end: Double
    private let last: Int

    /// The room that it takes below a plot, and, where there are phases, above it.
    static let heightBelow = 36.0
    static let heightAbove = 16.0

    /// - Parameters:
    ///   - last: the step, or epoch, that stands at the right.
    ///   - unit: what is counted: "step".
    ///   - start: where in a picture 0 stands.
    init(last: Int, unit: String, phases: [ReportRun.Phase], start: Double) {
        self.last = last
        self.unit = unit
        self.phases = phases.filter { $0.start < last }
        self.start = start
        end = Picture.width - 8
        // Ticks at round steps; the axis itself ends with the last step.
        scale = LinearScale(covering: [0, Double(last)], steps: 4, in: (start, end))
    }

    func position(of step: Int) -> Double { start + Double(step) / Double(max(1, last)) * (end - start) }

    /// The phases above a plot from `top` to `bottom`, ticks and unit below it.
    func markup(top: Double, bottom: Double) -> [Markup] {
        phaseLines(top: top, bottom: bottom) + phaseLabels(y: top - 5) + [
            .line(
                from: .init(x: start, y: bottom), to: .init(x: end, y: bottom),
                .init(paint: .ink(.muted), width: 0.75)),
            .label(unit, x: end, y: bottom + 31, ink: .muted, anchor: .end),
        ] + ticks(bottom: bottom)
    }

    private func phaseLines(top: Double, bottom: Double) -> [Markup] {
        phases.dropFirst().map { phase in
            let x = position(of: phase.start)
            return .line(
                from: .init(x: x, y: top), to: .init(x: x, y: bottom),
                .init(paint: .ink(.muted), width: 0.75, dashes: "3 2"))
        }
    }

    /// The names where the phases begin, the last one's ending at the right where it is short; one that has no room is left
    /// out.
    private func phaseLabels(y: Double) -> [Markup] {
        var free = start
        return phases.compactMap { phase in
            let width = TextWidth.of(phase.name, size: Markup.textSize)
            let x = min(position(of: phase.start) + 3, end - width)
            guard x >= free else { return nil }
            free = x + width + 6
            return .label(phase.name, x: x, y: y, ink: .muted)
        }
    }

    private func ticks(bottom: Double) -> [Markup] {
        var free = 0.0
        return scale.ticks.filter { $0 <= Double(last) && $0 == $0.rounded() }.flatMap { tick -> [Markup] in
            let x = position(of: Int(tick))
            let text = tick < 1e5 ? Int(tick).grouped : scale.label(tick)
            let width = TextWidth.of(text, size: Markup.textSize)
            let middle = min(x, Picture.width - width / 2)
            let mark = Markup.line(
                from: .init(x: x, y: bottom), to: .init(x: x, y: bottom + 3), .init(paint: .ink(.muted), width: 0.75))
            guard middle - width / 2 >= free else { return [mark] }
            free = middle + width / 2 + 4
            return [mark, .label(text, x: middle, y: bottom + 16, ink: .muted, anchor: .middle)]
        }
    }
}
