import Engine
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("Selections that keep targets")
struct ConstrainedSelectionTests {
    /// Costs and worths of a few layers, small enough to try every network.
    private struct Trial {
        let constraints: [Constraint]
        let worths: [[Double]]

        init(quantities: [CostQuantity], random: inout RandomSource) {
            func number() -> Double { Double(random.uniform()) }
            let counts = (0..<5).map { _ in 2 + random.below(4) }
            constraints = quantities.map { quantity in
                func part(_ scale: Double) -> ChoiceCosts.Part {
                    .init(sum: scale * number(), peak: quantity == .memory ? 2 * number() : 0)
                }
                let costs = ChoiceCosts(
                    quantity: quantity, fixed: part(0.5), choices: counts.map { (0..<$0).map { _ in part(1) } })
                let range = costs.range, share = 0.2 + 0.6 * number()
                let limit = range.lowerBound + share * (range.upperBound - range.lowerBound)
                return Constraint(target: CostTarget(quantity, atMost: limit), costs: costs)
            }
            worths = counts.map { (0..<$0).map { _ in number() } }
        }

        func worth(_ choices: [Int]) -> Double { zip(worths, choices).reduce(0) { $0 + $1.0[$1.1] } }

        /// Costs over limits.
        func loads(_ choices: [Int]) -> [Double] { constraints.map { $0.costs.value(of: choices) / $0.target.limit } }

        /// The highest worth of a network whose costs are all at most `limit` of their targets, one at least `least`.
        func best(limit: Double, least: Double) -> Double? {
            var networks: [[Int]] = [[]]
            for layer in worths { networks = networks.flatMap { start in layer.indices.map { start + [$0] } } }
            return networks.filter { network in
                let loads = loads(network)
                return loads.allSatisfy { $0 <= limit } && loads.contains { $0 >= least }
            }.map(worth).max()
        }
    }

    @Test("every target is kept, one to a percent, and no network of more worth is passed over", arguments: [
        [.latency], [.memory], [.latency, .macs], [.latency, .memory], [.memory, .latency, .energy],
    ] as [[CostQuantity]])
    func bestOfAll(quantities: [CostQuantity]) throws {
        var random = RandomSource(seed: 4, stream: UInt64(quantities.count))
        var found = 0
        for _ in 0..<200 {
            let trial = Trial(quantities: quantities, random: &random)
            let choices = ConstrainedSelection(constraints: trial.constraints).best(worths: trial.worths)
            if let choices {
                found += 1
                let loads = trial.loads(choices)
                #expect(loads.allSatisfy { $0 <= 1 + 1e-12 } && loads.contains { $0 >= 0.99 - 1e-12 }, "\(loads)")
            }
            // Networks whose costs differ by less than a range may stand in for each other at every layer.
            let margin = Double(trial.worths.count) / ConstrainedSelection.ranges
            if let best = trial.best(limit: 1 - margin, least: 0.99 + margin) {
                let own = try #require(choices.map(trial.worth), "passed over all")
                #expect(own >= best - 1e-12)
            } else if let choices {
                #expect(trial.best(limit: 1 + 1e-12, least: 0.99 - 1e-12) != nil, "\(choices)")
            }
        }
        #expect(found > 20, "\(found) of 200 prove little")
    }
}
