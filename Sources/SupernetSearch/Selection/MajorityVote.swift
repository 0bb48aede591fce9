import Architectures
import Glibc
import Training

/// How often each indicator was on in the second half of the search phase: the majority vote, and the score of every choice.
///
/// A part that is worth its latency does not stay on. While it is on the network has adapted to it and the
/// cross-entropy's derivative by its indicator is near zero, so the runtime pushes it out; once it is off the derivative
/// shows its worth, and pulls it back in. Where it is at one given step is chance; how long it is where is
/// the balance of the two forces.
struct MajorityVote {
    private var sums: [LayerIndicators]
    private var count = 0

    /// - Parameter indicators: of the layers to count for.
    init(like indicators: [LayerIndicators]) {
        sums = indicators
        for layer in sums.indices { sums[layer].fill(0) }
    }

    /// Counts one step.
    mutating func add(_ indicators: some Sequence<LayerIndicators>) {
        count += 1
        for (layer, indicators) in indicators.enumerated() { sums[layer].add(indicators) }
    }

    /// The choice of each layer whose parts were on in half of the steps or more.
    func choices(of layers: [SearchSpace.Layer]) -> [LayerChoice] {
        zip(layers, sums).map { layer, sums in
            LayerIndicators(sums.values.map { 2 * $0 >= Double(count) ? 1 : 0 }).choice(layer.axisParts)
        }
    }

    /// The score of each of a layer's choices: the logarithm of how often the parts that it uses were on and the first that
    /// it does not use was off, were they independent.
    func scores(of layers: [SearchSpace.Layer]) -> [ChoiceScores] {
        zip(layers, sums).map { layer, sums in
            let choices = layer.choices
            return ChoiceScores(choices: choices, scores: choices.map { choice in
                let isSkipped = layer.size(of: choice) == nil
                return layer.axisParts.enumerated().reversed().reduce(0.0) { total, element in
                    let (axis, parts) = element
                    // Of a layer that is skipped nothing else is decided.
                    return isSkipped && !parts.switchesLayer
                        ? total : total + score(ofFirst: choice[axis], among: sums.values[parts.range])
                }
            })
        }
    }

    /// - Parameter used: how many of an axis's parts are used.
    private func score(ofFirst used: Int, among sums: ArraySlice<Double>) -> Double {
        var total = 0.0
        for (index, sum) in sums.enumerated() {
            // A part that was always on in so many steps might have been off in the next.
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

    /// Everything here that changes from step to step.
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
