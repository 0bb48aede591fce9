import Architectures
import Glibc

/// Which way each indicator stood more often.
///
/// A part that is worth its latency does not stay on. While it is on the network has adapted to it and the
/// cross-entropy's derivative by its indicator is near zero, so the runtime pushes it out; once it is off the derivative
/// shows its worth, and pulls it back in. Where it stands at one given step is chance; how long it stands where is
/// the balance of the two forces.
struct IndicatorMajority {
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

    /// 1 where an indicator was on in half of the steps or more, else 0.
    var indicators: [LayerIndicators] {
        func vote(_ sums: [Double]) -> [Double] { sums.map { 2 * $0 >= Double(count) ? 1 : 0 } }
        return sums.map { LayerIndicators(kernel: vote($0.kernel), expansion: vote($0.expansion)) }
    }

    /// What each of a layer's choices is worth: the logarithm of how often the parts that it uses were on and the first that
    /// it does not use was off, were they independent.
    func worths(of layers: [SearchSpace.Layer]) -> [[Double]] {
        zip(layers, sums).map { layer, sums in
            layer.choices.map { choice in
                let used = LayerIndicators(choice, in: layer)
                return worth(used.kernel, sums.kernel, layer.kernels.count > 1 && choice != .skip)
                    + worth(used.expansion, sums.expansion, true)
            }
        }
    }

    /// - Parameter counts: false where nothing of these parts is decided.
    private func worth(_ used: [Double], _ sums: [Double], _ counts: Bool) -> Double {
        guard counts else { return 0 }
        var total = 0.0
        for (used, sum) in zip(used, sums) {
            // A part that always stood one way in so many steps might have stood the other in the next.
            let share = (sum + 0.5) / (Double(count) + 1)
            total += used == 1 ? log(share) : log(1 - share)
            if used == 0 { break }
        }
        return total
    }

    /// The parts that stood neither way in two thirds of the steps, as "stage1.2 expansion 6".
    func undecided(of layers: [SearchSpace.Layer]) -> [String] {
        zip(layers, sums).flatMap { layer, sums in
            sums.parts(of: layer).filter { 3 * $0.value > Double(count) && 3 * $0.value < 2 * Double(count) }
                .map { "\(layer.name) " + $0.name.replacing("_", with: " ") }
        }
    }

    /// Everything here that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("majority_count", &count)
        try exchange.indicators("majority_sums", &sums)
    }
}
