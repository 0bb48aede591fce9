import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import Testing

/// The candidates of a ranking, as places of choices, each with its loss.
func ranked(
    by ranking: inout some CandidateRanking, of layers: RandomLayers, random: inout RandomSource, loss: ([Int]) -> Double
) -> [[Int]] {
    var given: [[Int]] = []
    while let candidate = ranking.next(&random) {
        given.append(layers.indices(candidate.network))
        ranking.add(candidate, loss: loss(layers.indices(candidate.network)))
    }
    return given
}

@Suite("Candidates")
struct CandidatesTests {
    /// What each strategy that asks for no training makes of the same proposals.
    private func rankings(_ proposals: Proposals, count: Int) -> [any CandidateRanking] {
        [SurrogateRanking(proposals, count: count), Evolution(proposals, count: count)]
    }

    private func constraint(
        _ quantity: CostQuantity, limit: Double, of layers: RandomLayers, random: inout RandomSource
    ) -> Constraint {
        let parts = layers.layers.map { layer in
            layer.choices.map { _ in CostTable.Part(sum: Double(random.uniform()), peak: 0) }
        }
        return Constraint(
            target: CostTarget(quantity, atMost: limit), costs: layers.costs(quantity, fixed: .init(sum: 1, peak: 0), parts))
    }

    @Test("are different, and keep all targets, one to a percent")
    func kept() throws {
        var random = RandomSource(seed: 5)
        let layers = try RandomLayers(Array(repeating: 4, count: 8))
        let constraints = [
            constraint(.latency, limit: 5, of: layers, random: &random),
            constraint(.macs, limit: 5.4, of: layers, random: &random),
        ]
        for ranking in rankings(layers.proposals(keeping: constraints), count: 60) {
            var ranking = ranking
            let given = ranked(by: &ranking, of: layers, random: &random) { Double($0[0]) }
            #expect(given.count == 60 && Set(given).count == 60)
            for network in given {
                let loads = constraints.map { $0.costs.value(of: layers.network(network)) / $0.target.limit }
                #expect(loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 0.99 }, "\(loads)")
            }
        }
    }

    @Test("are no more than there are networks, and the best of them is found")
    func few() throws {
        var random = RandomSource(seed: 5)
        let layers = try RandomLayers([2, 2])
        for ranking in rankings(layers.proposals(first: [1, 1]), count: 40) {
            var ranking = ranking
            let given = ranked(by: &ranking, of: layers, random: &random) { $0 == [1, 0] ? 0 : 1 }
            #expect(given[0] == [1, 1] && Set(given) == [[0, 0], [0, 1], [1, 0], [1, 1]] && given.count == 4)
            #expect(layers.indices(ranking.best) == [1, 0])
        }
    }

    @Test("whose loss is no number are not the best, unless all are")
    func infinite() throws {
        let layers = try RandomLayers([3, 3])
        for ranking in rankings(layers.proposals(first: [0, 2]), count: 9) {
            var random = RandomSource(seed: 8), some = ranking, none = ranking
            let given = ranked(by: &some, of: layers, random: &random) { $0[0] == 0 ? .infinity : Double($0[0] + $0[1]) }
            #expect(given.count == 9 && layers.indices(some.best) == [1, 0])
            _ = ranked(by: &none, of: layers, random: &random) { _ in .infinity }
            #expect(layers.indices(none.best) == [0, 2])
        }
    }
}
