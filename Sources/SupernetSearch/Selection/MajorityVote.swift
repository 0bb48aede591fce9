import Architectures
import Glibc
import Training

/// Counts how often each indicator was on in the second half of the search phase, for the majority vote and for the
/// scores of all choices.
///
/// A part that is worth its latency does not stay on. While it is on, the network has adapted to it, and the derivative
/// of the cross-entropy with respect to its indicator is near zero, so the runtime term pushes it out. Once it is off,
/// the derivative shows its value and pulls it back in. Its state at a single step is therefore random; the fraction of
/// steps in which it is on shows the balance of the two forces.
struct MajorityVote {
    private var sums: [LayerIndicators]
    private var count = 0

    /// - Parameter indicators: of the layers to count.
    init(like indicators: [LayerIndicators]) {
        sums = indicators
        for layer in sums.indices { sums[layer].fill(0) }
    }

    /// Counts one step.
    mutating func add(_ indicators: some Sequence<LayerIndicators>) {
        count += 1
        for (layer, indicators) in indicators.enumerated() { sums[layer].add(indicators) }
    }

    /// The majority vote: for each layer, the choice whose parts were on in half of the steps or more.
    func choices(of layers: [SearchSpace.Layer]) -> [LayerChoice] {
        zip(layers, sums).map { layer, sums in
            LayerIndicators(sums.values.map { 2 * $0 >= Double(count) ? 1 : 0 }).choice(layer.axisParts)
        }
    }

    /// The score of each of a layer's choices: the log-probability that the parts that it uses are on and the first
    /// part that it does not use is off, if parts were independent.
    func scores(of layers: [SearchSpace.Layer]) -> [ChoiceScores] {
        zip(layers, sums).map { layer, sums in
            let choices = layer.choices
            return ChoiceScores(choices: choices, scores: choices.map { choice in
                let isSkipped = layer.size(of: choice) == nil
                return layer.axisParts.enumerated().reversed().reduce(0.0) { total, element in
                    let (axis, parts) = element
                    // A skipped layer decides nothing else.
                    return isSkipped && !parts.switchesLayer
                        ? total : total + score(ofFirst: choice[axis], among: sums.values[parts.range])
                }
            })
        }
    }

    /// - Parameter used: the number of the axis's parts that are used.
    private func score(ofFirst used: Int, among sums: ArraySlice<Double>) -> Double {
        var total = 0.0
        for (index, sum) in sums.enumerated() {
            // A part that was on in all these steps might still be off in the next.
            let share = (sum + 0.5) / (Double(count) + 1)
            total += index < used ? log(share) : log(1 - share)
            if index >= used { break }
        }
        return total
    }

    /// The parts that were on in more than a third and less than two thirds of the steps, as "stage1.2 expansion 6".
    func undecided(of layers: [SearchSpace.Layer]) -> [String] {
        zip(layers, sums).flatMap { layer, sums in
            let parts = zip(layer.parts, sums.values).filter { _, sum in
                3 * sum > Double(count) && 3 * sum < 2 * Double(count)
            }
            return parts.map { "\(layer.name) \($0.0.text)" }
        }
    }

    /// Saves or restores all state that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("majority_count", &count)
        try exchange.indicators("majority_sums", &sums)
    }
}

/// A score for each of a layer's choices: the higher, the better; any scale.
package struct ChoiceScores: Sendable {
    package let choices: [LayerChoice]
    package let scores: [Double]

    package init(choices: [LayerChoice], scores: [Double]) {
        precondition(choices.count == scores.count, "ChoiceScores: \(scores.count) scores of \(choices.count) choices")
        self.choices = choices
        self.scores = scores
    }

    /// The same score for every choice of each layer.
    static func even(_ layers: [SearchSpace.Layer]) -> [ChoiceScores] {
        layers.map { layer in
            let choices = layer.choices
            return ChoiceScores(choices: choices, scores: choices.map { _ in 0 })
        }
    }
}
