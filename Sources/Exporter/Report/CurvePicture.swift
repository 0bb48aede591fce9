/// A figure over the steps or the epochs of a run.
struct CurvePicture {
    private let curve: ReportCurve
    private let phases: [ReportRun.Phase]

    private static let plotHeight = 112.0
    private static let headHeight = 18.0

    init(_ curve: ReportCurve, phases: [ReportRun.Phase]) {
        self.curve = curve
        // They are counted in steps.
        self.phases = curve.kind.isByEpoch ? [] : phases
    }

    var picture: Picture {
        let top = Self.headHeight + (phases.isEmpty ? 6 : StepAxis.heightAbove), bottom = top + Self.plotHeight
        let vertical = LinearScale(
            covering: curve.values + (curve.target.map { [$0] } ?? []) + (curve.kind.beginsAtZero ? [0] : []), steps: 4,
            in: (start: bottom, end: top))
        let start = max(44, vertical.labelWidth + 8)
        let axis = StepAxis(last: curve.places.last ?? 0, unit: unit, phases: phases, start: start)
        var content: [Markup] = [.label(curve.kind.axis, x: 0, y: 12, ink: .muted)]
        content += vertical.ticks.flatMap { tick -> [Markup] in
            let y = vertical.position(of: tick)
            return [
                .line(
                    from: .init(x: start, y: y), to: .init(x: Picture.width - 8, y: y),
                    .init(paint: .ink(.rule), width: 0.5)),
                .label(vertical.label(tick), x: start - 5, y: y + 4, ink: .muted, anchor: .end),
            ]
        }
        content += axis.markup(top: top, bottom: bottom)
        if let target = curve.target { content += targetLine(target, y: vertical.position(of: target), start: start) }
        func point(_ place: Int, _ value: Double) -> Markup.Point {
            .init(x: axis.position(of: place), y: vertical.position(of: value))
        }
        content += lines(point)
        return Picture(
            name: curve.kind.name, title: curve.kind.title, description: description,
            height: bottom + StepAxis.heightBelow, content: content)
    }

    private var unit: String { curve.kind.isByEpoch ? "epoch" : "step" }

    private func targetLine(_ target: Double, y: Double, start: Double) -> [Markup] {
        let stroke = Markup.Stroke(paint: .ink(.text), width: 1, dashes: "6 3")
        let name = "target \(target.significant(4))", end = Picture.width - 8
        let width = TextWidth.of(name, size: Markup.textSize)
        return [
            .line(from: .init(x: start, y: y), to: .init(x: end, y: y), stroke),
            .line(from: .init(x: end - width - 26, y: 8), to: .init(x: end - width - 5, y: 8), stroke),
            .label(name, x: end, y: 12, anchor: .end),
        ]
    }

    /// The values as their kind is drawn; each has a mark of its own where they are few.
    private func lines(_ point: (Int, Double) -> Markup.Point) -> [Markup] {
        func line(_ values: [Double], _ ink: Ink, width: Double) -> Markup {
            .polyline(zip(curve.places, values).map(point), .init(paint: .ink(ink), width: width))
        }
        let ink = curve.kind.ink
        if curve.kind == .learningRate {
            return [.polyline(staircase(point), .init(paint: .ink(ink), width: 1.5))]
        }
        if reach > 0 { return [line(curve.values, .samples, width: 1), line(smoothed, ink, width: 1.75)] }
        let marks = curve.values.count > Self.fewest ? [] : zip(curve.places, curve.values).map { place, value in
            Markup.circle(at: point(place, value), radius: 2.5, fill: .ink(ink))
        }
        return (curve.values.count > 1 ? [line(curve.values, ink, width: 1.5)] : []) + marks
    }

    /// A value holds from the place before, or from the start, to its own.
    private func staircase(_ point: (Int, Double) -> Markup.Point) -> [Markup.Point] {
        zip([0] + curve.places, zip(curve.places, curve.values)).flatMap { before, logged in
            [point(before, logged.1), point(logged.0, logged.1)]
        }
    }

    /// So many values are not smoothed.
    private static let fewest = 20

    /// How many logged steps to either side a mean reaches; 0 where the values are drawn alone.
    private var reach: Int {
        curve.kind == .crossEntropy && curve.values.count > Self.fewest ? max(1, curve.values.count / 50) : 0
    }

    private var smoothed: [Double] {
        curve.values.indices.map { index in
            let around = curve.values[max(0, index - reach)...min(curve.values.count - 1, index + reach)]
            return around.reduce(0, +) / Double(around.count)
        }
    }

    /// The first and the last value in words.
    private var description: String {
        guard let first = curve.places.first, let last = curve.places.last else { return "Nothing was logged." }
        func text(_ index: Int) -> String {
            curve.values[index].significant(3) + (curve.kind.unit.map { " \($0)" } ?? "")
        }
        let isOne = curve.places.count == 1
        var sentences = [
            isOne
                ? "\(text(0)) at \(unit) \(first.grouped), the only one that was \(curve.kind.isByEpoch ? "tested" : "logged")."
                : "\(text(0)) at \(unit) \(first.grouped), "
                    + "\(text(curve.values.count - 1)) at \(unit) \(last.grouped)."
        ]
        if reach > 0 {
            sentences.append("Pale: each logged step; dark: the mean of the \(2 * reach + 1) logged steps around it.")
        }
        if curve.kind == .learningRate, !isOne {
            sentences.append("A logged rate is drawn from the logged step before to its own.")
        }
        return (sentences + [curve.note].compactMap(\.self)).joined(separator: " ")
    }
}

extension ReportCurve.Kind {
    /// Names the picture within a page.
    fileprivate var name: String {
        switch self {
        case .crossEntropy: "cross-entropy"
        case .latency: "runtime"
        case .learningRate: "learning-rate"
        case .testAccuracy: "test-accuracy"
        }
    }

    fileprivate var title: String {
        switch self {
        case .crossEntropy: "Cross-entropy of training batches"
        case .latency: "Latency of the selected network"
        case .learningRate: "Learning rate"
        case .testAccuracy: "Test accuracy by epoch"
        }
    }

    /// What the values are, with their unit.
    fileprivate var axis: String {
        switch self {
        case .crossEntropy: "cross-entropy, nats"
        case .latency: "latency, ms"
        case .learningRate: "learning rate, no unit"
        case .testAccuracy: "top-1, % of test images"
        }
    }

    fileprivate var unit: String? {
        switch self {
        case .crossEntropy: "nats"
        case .latency: "ms"
        case .learningRate: nil
        case .testAccuracy: "%"
        }
    }

    fileprivate var ink: Ink { self == .latency ? .latency : .curve }
    fileprivate var beginsAtZero: Bool { self == .latency }
    fileprivate var isByEpoch: Bool { self == .testAccuracy }
}
