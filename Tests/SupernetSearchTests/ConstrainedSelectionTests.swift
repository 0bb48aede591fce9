import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("Selections that keep targets")
struct ConstrainedSelectionTests {
    /// Costs and scores of a few layers, small enough to try every network.
    private struct Trial {
        let layers: RandomLayers
        let constraints: [Constraint]
        let scores: [ChoiceScores]

        /// - Parameter shares: from where to where, between what networks cost, a limit may be.
        init(quantities: [CostQuantity], shares: ClosedRange<Double> = 0.2...0.8, random: inout RandomSource) throws {
            func number() -> Double { Double(random.uniform()) }
            let layers = try RandomLayers((0..<5).map { _ in 2 + random.below(4) })
            self.layers = layers
            constraints = quantities.map { quantity in
                func part(_ scale: Double) -> CostTable.Part {
                    .init(sum: scale * number(), peak: quantity == .memory ? 2 * number() : 0)
                }
                let costs = layers.costs(
                    quantity, fixed: part(0.5), layers.layers.map { $0.choices.map { _ in part(1) } })
                let range = costs.range
                let share = shares.lowerBound + (shares.upperBound - shares.lowerBound) * number()
                let limit = range.lowerBound + share * (range.upperBound - range.lowerBound)
                return Constraint(target: CostTarget(quantity, atMost: limit), costs: costs)
            }
            scores = layers.scores(layers.layers.map { $0.choices.map { _ in number() } })
        }

        var selection: ConstrainedSelection { ConstrainedSelection(constraints: constraints, layers: layers.layers) }

        func score(_ network: [LayerChoice]) -> Double {
            zip(scores, layers.indices(network)).reduce(0) { $0 + $1.0.scores[$1.1] }
        }

        /// Costs over limits.
        func loads(_ network: [LayerChoice]) -> [Double] {
            constraints.map { $0.costs.value(of: network) / $0.target.limit }
        }

        /// Whether a network keeps every target, to the bit.
        func keeps(_ network: [LayerChoice]) -> Bool {
            constraints.allSatisfy { $0.costs.value(of: network) <= $0.target.limit }
        }

        /// The highest score of a network whose costs are all at most `limit` of their targets, one at least `least`.
        func best(limit: Double, least: Double) -> Double? {
            layers.networks.filter { network in
                let loads = loads(network)
                return loads.allSatisfy { $0 <= limit } && loads.contains { $0 >= least }
            }.map(score).max()
        }
    }

    @Test("every target is kept, one to a percent, and no network of a higher score is passed over", arguments: [
        [.latency], [.memory], [.latency, .macs], [.latency, .memory], [.memory, .latency, .energy],
    ] as [[CostQuantity]])
    func bestOfAll(quantities: [CostQuantity]) throws {
        var random = RandomSource(seed: 4, stream: UInt64(quantities.count))
        var found = 0
        for _ in 0..<200 {
            let trial = try Trial(quantities: quantities, random: &random)
            let choices = trial.selection.best(trial.scores, reaching: true)
            if let choices {
                found += 1
                let loads = trial.loads(choices)
                #expect(trial.keeps(choices) && loads.contains { $0 >= 0.99 - 1e-12 }, "\(loads)")
            }
            // Networks whose costs differ by less than a range may stand in for each other at every layer.
            let margin = Double(trial.scores.count) / ConstrainedSelection.ranges
            if let best = trial.best(limit: 1 - margin, least: 0.99 + margin) {
                let own = try #require(choices.map(trial.score), "passed over all")
                #expect(own >= best - 1e-12)
            } else if let choices {
                #expect(trial.best(limit: 1 + 1e-12, least: 0.99 - 1e-12) != nil, "\(choices)")
            }
            // Without having to come to a percent of a target, all the more.
            if let best = trial.best(limit: 1 - margin, least: 0) {
                let kept = try #require(trial.selection.best(trial.scores, reaching: false), "passed over all")
                #expect(trial.score(kept) >= best - 1e-12 && trial.keeps(kept))
            }
        }
        #expect(found > 20, "\(found) of 200 prove little")
    }

    @Test("whether some network keeps every target is as trying all of them tells, but for less than its tolerance", arguments: [
        [.latency, .macs], [.latency, .memory], [.memory, .latency, .energy],
    ] as [[CostQuantity]])
    func keepable(quantities: [CostQuantity]) throws {
        var random = RandomSource(seed: 9, stream: UInt64(quantities.count))
        var yes = 0, no = 0
        for _ in 0..<300 {
            // So low that about as many can be kept together as cannot.
            let trial = try Trial(quantities: quantities, shares: 0.05...0.5, random: &random)
            // How far the network that is nearest to keeping all of them is above the target that it misses most.
            let nearest = trial.layers.networks.map { trial.loads($0).max()! }.min()!
            let tolerance = ConstrainedSelection.cell * Double(trial.layers.layers.count)
            switch trial.selection.keepable {
            case .yes(let network):
                yes += 1
                #expect(trial.keeps(network) && nearest <= 1 + 1e-12)
            case .no:
                no += 1
                #expect(nearest > 1 - tolerance, "\(nearest)")
            case .unknown: Issue.record("so few networks are too many to look at")
            }
        }
        #expect(yes > 50 && no > 50, "\(yes) and \(no) prove little")
    }

    @Test("where there is too much to look at, nothing is said of targets that no network is seen to keep")
    func unknown() throws {
        // Whatever a network costs, its three costs are 32 together, in as many ways as there are networks.
        var random = RandomSource(seed: 10)
        let layers = try RandomLayers(Array(repeating: 5, count: 16))
        let shares = layers.layers.map { $0.choices.map { _ in (Double(random.uniform()), Double(random.uniform())) } }
        func constraints(limits: [Double]) -> [Constraint] {
            let costs: [(CostQuantity, (Double, Double) -> Double)] = [
                (.latency, { one, _ in one }), (.macs, { _, other in other }), (.energy, { 2 - $0 - $1 }),
            ]
            return zip(costs, limits).map { cost, limit in
                let parts = shares.map { $0.map { CostTable.Part(sum: cost.1($0.0, $0.1), peak: 0) } }
                return Constraint(
                    target: CostTarget(cost.0, atMost: limit), costs: layers.costs(cost.0, fixed: .zero, parts))
            }
        }
        let impossible = ConstrainedSelection(constraints: constraints(limits: [8, 8, 15.99]), layers: layers.layers)
        guard case .unknown = impossible.keepable else {
            Issue.record("a hundred billion networks were looked at")
            return
        }
        let even = layers.scores(shares.map { $0.map { _ in 0 } })
        #expect(impossible.best(even, reaching: false) == nil)
        let given = constraints(limits: [8, 8, 15.99])
        let error = #expect(throws: TargetError.self) {
            try Constraint.constraints(given.map(\.target), space: layers.space) { quantity in
                given.first { $0.target.quantity == quantity }?.costs
            }
        }
        guard case .unreachable(_, "counted", _, isProven: false)? = error else {
            Issue.record("expected no proof, found \(String(describing: error))")
            return
        }
        #expect(error.map { "\($0)" }?.contains(": found no network of counted that keeps all of them; ") == true)
        let possible = constraints(limits: [8.2, 8.2, 16.2])
        let found = try #require(
            ConstrainedSelection(constraints: possible, layers: layers.layers).best(even, reaching: false))
        for constraint in possible { #expect(constraint.costs.value(of: found) <= constraint.target.limit) }
    }
}
