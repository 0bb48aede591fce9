import Architectures
import HardwareProfiles

/// The network with the highest score that meets every target.
///
/// The layers are coupled only by the targets, so this is a multiple-choice knapsack problem. It is solved layer by
/// layer: partial networks are labels (Martins, 1984). In each narrow range of cost only a few labels are kept: those
/// with the best score, or cheaper in another quantity than a better one. Costs are never rounded, only compared
/// coarsely, so the result meets its targets exactly. It is the best network or nearly the best. If no network is
/// returned, that proves nothing; `keepable` gives a proof.
///
///     let selection = ConstrainedSelection(constraints: [latency], layers: space.searchableLayers)
///     let choices = selection.best(scores, reaching: true)
package struct ConstrainedSelection {
    /// At least one constraint.
    private let constraints: [Constraint]
    /// For each layer, its choices, and for each constraint their cost divided by the limit.
    private let choices: [[LayerChoice]]
    private let costs: [[[CostTable.Part]]]
    private let fixed: [CostTable.Part]
    /// For each constraint, the smallest cost of the layers from each one on.
    private let leastLeft: [[CostTable.Part]]

    package init(constraints: [Constraint], layers: [SearchSpace.Layer]) {
        self.constraints = constraints
        let choices = layers.map(\.choices)
        func scale(_ part: CostTable.Part, _ constraint: Constraint) -> CostTable.Part {
            .init(sum: part.sum / constraint.target.limit, peak: part.peak / constraint.target.limit)
        }
        let costs = constraints.map { constraint in
            choices.enumerated().map { layer, choices in
                choices.map { scale(constraint.costs.part(ofLayer: layer, with: $0), constraint) }
            }
        }
        self.choices = choices
        self.costs = costs
        fixed = constraints.map { scale($0.costs.fixed, $0) }
        leastLeft = costs.map { layers in
            layers.reversed().reduce(into: [CostTable.Part.zero]) { least, layer in
                let sum = layer.map(\.sum).min() ?? 0, peak = layer.map(\.peak).min() ?? 0
                least.append(least[least.count - 1] + CostTable.Part(sum: sum, peak: peak))
            }.reversed()
        }
    }

    /// The number of ranges of cost.
    package static let ranges = 4000.0
    /// The number of labels that a range keeps.
    private static let labelsPerRange = 6

    /// Partial networks as arrays of numbers, because there are tens of thousands.
    private struct Labels {
        /// The choice that extended a label of the layer before, and that label.
        struct Step {
            let label: Int32
            let choice: Int32
        }

        private(set) var scores: [Double] = []
        private(set) var steps: [Step] = []
        /// For each label and constraint, the cost divided by the limit.
        private var allParts: [CostTable.Part] = []
        /// The number of constraints.
        let constraints: Int

        init(constraints: Int, capacity: Int = 1) {
            self.constraints = constraints
            scores.reserveCapacity(capacity)
            steps.reserveCapacity(capacity)
            allParts.reserveCapacity(capacity * constraints)
        }

        var indices: Range<Int> { scores.indices }

        func parts(_ label: Int) -> ArraySlice<CostTable.Part> {
            allParts[label * constraints..<(label + 1) * constraints]
        }

        mutating func append(score: Double, step: Step, parts: some Collection<CostTable.Part>) {
            scores.append(score)
            steps.append(step)
            allParts.append(contentsOf: parts)
        }
    }

    /// - Parameters:
    ///   - scores: of each layer's choices.
    ///   - reaching: whether the network must come within one percent of a target, and so make use of it.
    /// - Returns: a choice of each layer; nil where none was found.
    package func best(_ scores: [ChoiceScores], reaching: Bool) -> [LayerChoice]? {
        var labels = start, steps: [[Labels.Step]] = []
        for (layer, layerScores) in scores.enumerated() {
            let next = extended(labels, layer: layer, scores: layerScores.scores)
            labels = layer + 1 == scores.count ? next : Self.thinned(next)
            steps.append(labels.steps)
        }
        let close = labels.indices.filter { label in
            !reaching || labels.parts(label).contains { $0.value >= 1 - CostTarget.tolerance }
        }
        return bestKept(close, of: labels, steps)
    }

    /// Sums in another order than the table's may differ from them in the last bits: partial networks may be so much above
    /// a target, and what is complete keeps it by the table.
    private static let rounding = 1e-12

    /// The network of highest score among labels of the last layer that keeps every target to the bit.
    private func bestKept(_ last: [Int], of labels: Labels, _ steps: [[Labels.Step]]) -> [LayerChoice]? {
        var left = last
        while let label = left.max(by: { labels.scores[$0] < labels.scores[$1] }) {
            let network = network(label: label, steps)
            if constraints.allSatisfy({ $0.costs.value(of: network) <= $0.target.limit }) { return network }
            left.removeAll { $0 == label }
        }
        return nil
    }

    /// The choices that led to a label of the last layer.
    private func network(label: Int, _ steps: [[Labels.Step]]) -> [LayerChoice] {
        var label = label
        let indices = steps.reversed().map { steps in
            defer { label = Int(steps[label].label) }
            return Int(steps[label].choice)
        }
        return zip(choices, indices.reversed()).map { $0[$1] }
    }

    /// The network without any searchable layer.
    private var start: Labels {
        var labels = Labels(constraints: constraints.count)
        labels.append(score: 0, step: .init(label: 0, choice: 0), parts: fixed)
        return labels
    }

    /// Extends every label with every choice of the next layer, as far as the targets can still be met.
    private func extended(_ labels: Labels, layer: Int, scores: [Double]) -> Labels {
        var next = Labels(constraints: constraints.count, capacity: labels.indices.count * scores.count)
        var parts = fixed
        for label in labels.indices {
            for (choice, score) in scores.enumerated() {
                for (index, part) in labels.parts(label).enumerated() { parts[index] = part + costs[index][layer][choice] }
                guard parts.indices.allSatisfy({ (parts[$0] + leastLeft[$0][layer + 1]).value <= 1 + Self.rounding }) else { continue }
                next.append(
                    score: labels.scores[label] + score, step: .init(label: Int32(label), choice: Int32(choice)),
                    parts: parts)
            }
        }
        return next
    }

    /// In each range of the first cost, the labels that no better one dominates in the other costs.
    private static func thinned(_ labels: Labels) -> Labels {
        let rangeOf = labels.indices.map { label in
            let parts = labels.parts(label)
            return (parts[parts.startIndex].sum * ranges).rounded(.down)
        }
        var kept = Labels(constraints: labels.constraints)
        var last: (range: Double, start: Int) = (-1, 0)
        let sorted = labels.indices.sorted {
            (rangeOf[$0], -labels.scores[$0]) < (rangeOf[$1], -labels.scores[$1])
        }
        for label in sorted {
            if rangeOf[label] != last.range { last = (rangeOf[label], kept.indices.count) }
            let better = kept.indices[last.start...], parts = labels.parts(label)
            let isBeaten = better.contains { other in
                zip(kept.parts(other), parts).allSatisfy { $0.peak <= $1.peak }
                    && zip(kept.parts(other), parts).dropFirst().allSatisfy { $0.sum <= $1.sum }
            }
            if !isBeaten, better.count < labelsPerRange {
                kept.append(score: labels.scores[label], step: labels.steps[label], parts: parts)
            }
        }
        return kept
    }

    /// Whether some network meets every target.
    package enum Keepable: Sendable {
        /// Yes, with such a network.
        case yes([LayerChoice])
        case no
        /// There were too many partial networks to examine.
        case unknown
    }

    /// Partial networks whose costs all differ by less than this part of the limit count as one. So a network may be
    /// missed that is less than this, times the number of layers, below a target.
    package static let cell = 1e-5
    /// The largest number of partial networks that are examined.
    private static let cells = 100_000

    /// Whether some network meets every target.
    ///
    /// Partial networks are distinguished only by their costs, in cells of a grid (the approximate Pareto curve of
    /// Papadimitriou and Yannakakis, 2000). A partial network is dropped only if another costs the same within `cell`,
    /// so that "no" is a proof for all networks that are not within that, times the number of layers, of a target.
    package var keepable: Keepable {
        var labels = start, steps: [[Labels.Step]] = []
        for (layer, choices) in choices.enumerated() {
            let next = extended(labels, layer: layer, scores: choices.map { _ in 0 })
            labels = Labels(constraints: constraints.count)
            var seen: Set<[Int]> = []
            for label in next.indices {
                let cell = next.parts(label).flatMap { [Int($0.sum / Self.cell), Int($0.peak / Self.cell)] }
                guard seen.insert(cell).inserted else { continue }
                labels.append(score: 0, step: next.steps[label], parts: next.parts(label))
                if seen.count > Self.cells { return .unknown }
            }
            steps.append(labels.steps)
        }
        return bestKept(Array(labels.indices), of: labels, steps).map { .yes($0) } ?? .no
    }
}
