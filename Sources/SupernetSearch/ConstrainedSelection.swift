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

    private struct Label {
        var worth: Double
        /// Each over its limit, for each constraint.
        var parts: [ChoiceCosts.Part]
        var choices: [Int]
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
        var labels = [Label(worth: 0, parts: scaled.map(\.fixed), choices: [])]
        for (layer, choices) in worths.enumerated() {
            var next: [Label] = []
            for label in labels {
                for (choice, worth) in choices.enumerated() {
                    let parts = label.parts.indices.map { label.parts[$0] + scaled[$0].choices[layer][choice] }
                    guard parts.indices.allSatisfy({ (parts[$0] + leastLeft[$0][layer + 1]).value <= 1 }) else { continue }
                    next.append(Label(worth: label.worth + worth, parts: parts, choices: label.choices + [choice]))
                }
            }
            labels = layer + 1 == worths.count ? next : Self.thinned(next)
        }
        return labels.filter { label in label.parts.contains { $0.value >= 1 - CostTarget.tolerance } }
            .max { $0.worth < $1.worth }?.choices
    }

    /// In each range of the first cost, the labels that no better one beats in everything else.
    private static func thinned(_ labels: [Label]) -> [Label] {
        var kept: [Label] = []
        var range: (index: Double, start: Int) = (-1, 0)
        let sorted = labels.map { (index: ($0.parts[0].sum * ranges).rounded(.down), label: $0) }
            .sorted { ($0.index, -$0.label.worth) < ($1.index, -$1.label.worth) }
        for (index, label) in sorted {
            if index != range.index { range = (index, kept.count) }
            let better = kept[range.start...]
            let beaten = better.contains { other in
                zip(other.parts, label.parts).allSatisfy { $0.peak <= $1.peak }
                    && zip(other.parts, label.parts).dropFirst().allSatisfy { $0.sum <= $1.sum }
            }
            if !beaten, better.count < labelsPerRange { kept.append(label) }
        }
        return kept
    }
}
