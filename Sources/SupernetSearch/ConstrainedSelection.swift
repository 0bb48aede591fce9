import Architectures
import HardwareProfiles

/// The choices of highest worth whose network keeps every target and comes within a percent of one.
///
/// Layers are independent but for the targets, so this is a knapsack with one choice a layer. It is solved layer by layer:
/// partial networks are kept as labels (Martins, 1984), of which in each narrow range of cost only those stay that are
/// best in worth or cheaper in another quantity than a better one. Costs are never rounded, only compared coarsely, so
/// what comes out keeps its targets exactly.
///
///     let selection = ConstrainedSelection(constraints: [latency])
///     let choices = selection.best(worths: worths)
package struct ConstrainedSelection {
    /// At least one.
    let constraints: [Constraint]

    package init(constraints: [Constraint]) { self.constraints = constraints }

    /// Ranges of cost that are told apart.
    package static let ranges = 4000.0
    /// Labels that a range keeps.
    private static let labelsPerRange = 6

    /// Partial networks, as numbers side by side: there are tens of thousands.
    private struct Labels {
        /// The choice that made a label of one of the layer before.
        struct Step {
            let label: Int32
            let choice: Int32
        }

        private(set) var worths: [Double] = []
        private(set) var steps: [Step] = []
        /// Of each label, for each constraint, what it costs over the limit.
        private var allParts: [ChoiceCosts.Part] = []
        /// How many there are.
        let constraints: Int

        init(constraints: Int, capacity: Int = 1) {
            self.constraints = constraints
            worths.reserveCapacity(capacity)
            steps.reserveCapacity(capacity)
            allParts.reserveCapacity(capacity * constraints)
        }

        var indices: Range<Int> { worths.indices }

        func parts(_ label: Int) -> ArraySlice<ChoiceCosts.Part> {
            allParts[label * constraints..<(label + 1) * constraints]
        }

        mutating func append(worth: Double, step: Step, parts: some Collection<ChoiceCosts.Part>) {
            worths.append(worth)
            steps.append(step)
            allParts.append(contentsOf: parts)
        }
    }

    /// - Parameter worths: for each layer and each of its `choices`, how much it is worth; any scale.
    /// - Returns: an index into each layer's `choices`; nil where no network of the space is as wanted.
    package func best(worths: [[Double]]) -> [Int]? {
        let scaled = constraints.map { constraint in
            let limit = constraint.target.limit
            func scale(_ part: ChoiceCosts.Part) -> ChoiceCosts.Part { .init(sum: part.sum / limit, peak: part.peak / limit) }
            return (fixed: scale(constraint.costs.fixed), choices: constraint.costs.choices.map { $0.map(scale) })
        }
        // The least that the layers from each one on add.
        let leastLeft = scaled.map { costs in
            costs.choices.reversed().reduce(into: [ChoiceCosts.Part.zero]) { least, layer in
                let sum = layer.map(\.sum).min() ?? 0, peak = layer.map(\.peak).min() ?? 0
                least.append(least.last! + ChoiceCosts.Part(sum: sum, peak: peak))
            }.reversed() as [ChoiceCosts.Part]
        }
        var labels = Labels(constraints: scaled.count)
        labels.append(worth: 0, step: .init(label: 0, choice: 0), parts: scaled.map(\.fixed))
        var steps: [[Labels.Step]] = []
        var parts = scaled.map(\.fixed)
        for (layer, choices) in worths.enumerated() {
            var next = Labels(constraints: scaled.count, capacity: labels.indices.count * choices.count)
            for label in labels.indices {
                for (choice, worth) in choices.enumerated() {
                    for (index, part) in labels.parts(label).enumerated() {
                        parts[index] = part + scaled[index].choices[layer][choice]
                    }
                    let isReachable = parts.indices.allSatisfy { (parts[$0] + leastLeft[$0][layer + 1]).value <= 1 }
                    guard isReachable else { continue }
                    next.append(
                        worth: labels.worths[label] + worth, step: .init(label: Int32(label), choice: Int32(choice)),
                        parts: parts)
                }
            }
            labels = layer + 1 == worths.count ? next : Self.thinned(next)
            steps.append(labels.steps)
        }
        let close = labels.indices.filter { label in
            labels.parts(label).contains { $0.value >= 1 - CostTarget.tolerance }
        }
        guard var label = close.max(by: { labels.worths[$0] < labels.worths[$1] }) else { return nil }
        let choices = steps.reversed().map { steps in
            defer { label = Int(steps[label].label) }
            return Int(steps[label].choice)
        }
        return choices.reversed()
    }

    /// In each range of the first cost, the labels that no better one beats in everything else.
    private static func thinned(_ labels: Labels) -> Labels {
        let rangeOf = labels.indices.map { label in
            let parts = labels.parts(label)
            return (parts[parts.startIndex].sum * ranges).rounded(.down)
        }
        var kept = Labels(constraints: labels.constraints)
        var last: (range: Double, start: Int) = (-1, 0)
        let sorted = labels.indices.sorted {
            (rangeOf[$0], -labels.worths[$0]) < (rangeOf[$1], -labels.worths[$1])
        }
        for label in sorted {
            if rangeOf[label] != last.range { last = (rangeOf[label], kept.indices.count) }
            let better = kept.indices[last.start...], parts = labels.parts(label)
            let isBeaten = better.contains { other in
                zip(kept.parts(other), parts).allSatisfy { $0.peak <= $1.peak }
                    && zip(kept.parts(other), parts).dropFirst().allSatisfy { $0.sum <= $1.sum }
            }
            if !isBeaten, better.count < labelsPerRange {
                kept.append(worth: labels.worths[label], step: labels.steps[label], parts: parts)
            }
        }
        return kept
    }
}
