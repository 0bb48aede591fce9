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
        sums = indicators.map { $0.scaled(by: 0) }
    }

    /// Counts one step.
    mutating func add(_ indicators: [LayerIndicators]) {
        count += 1
        for layer in sums.indices { sums[layer].add(indicators[layer]) }
    }

    /// 1 where an indicator was on in half of the steps or more, else 0.
    var indicators: [LayerIndicators] {
        func vote(_ sums: [Double]) -> [Double] { sums.map { 2 * $0 >= Double(count) ? 1 : 0 } }
        return sums.map { LayerIndicators(kernel: vote($0.kernel), expansion: vote($0.expansion)) }
    }

    /// Everything here that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("majority_count", &count)
        try exchange.indicators("majority_sums", &sums)
    }
}
