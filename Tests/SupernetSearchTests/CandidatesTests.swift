import Architectures
import Engine
import Glibc
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("Candidates")
struct CandidatesTests {
    /// All that are given, as places of choices, and the best of them, each being ranked by its loss.
    private func ranked(
        _ candidates: Candidates, of layers: RandomLayers, random: inout RandomSource, loss: ([Int]) -> Double
    ) -> (given: [[Int]], best: [[Int]]) {
        var candidates = candidates, given: [[Int]] = []
        while let network = candidates.next(&random) {
            given.append(layers.indices(network))
            candidates.add(network, loss: loss(layers.indices(network)))
        }
        return (given, candidates.best.map(layers.indices))
    }

    @Test("are drawn as often as their choices' probabilities say")
    func probabilities() throws {
        let shares = [[0.7, 0.3], [0.2, 0.5, 0.3]], layers = try RandomLayers([2, 3])
        let candidates = Candidates(
            scores: layers.scores(shares.map { $0.map(log) }), constraints: [], count: 4, first: layers.network([0, 0]))
        // The second of two different networks is one draw, unless it is the first again.
        var counts: [[Int]: Double] = [:]
        let runs = 20_000
        for run in 0..<runs {
            var random = RandomSource(seed: 3, stream: UInt64(run))
            let given = ranked(candidates, of: layers, random: &random) { _ in 0 }.given
            #expect(given[0] == [0, 0] && given.count == 4 && Set(given).count == 4)
            counts[given[1], default: 0] += 1
        }
        for first in 0..<2 {
            for second in 0..<3 where [first, second] != [0, 0] {
                let expected = shares[0][first] * shares[1][second] / (1 - 0.7 * 0.2)
                let share = counts[[first, second], default: 0] / Double(runs)
                #expect(abs(share - expected) < 5 * (expected / Double(runs)).squareRoot())
            }
        }
        #expect(counts[[0, 0]] == nil)
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
        let even = layers.scores((0..<8).map { _ in (0..<4).map { _ in 0.0 } })
        let (given, _) = ranked(
            Candidates(
                scores: even, constraints: constraints, count: 60, first: layers.network([Int](repeating: 0, count: 8))),
            of: layers, random: &random
        ) { Double($0[0]) }
        #expect(given.count == 60 && Set(given).count == 60)
        for network in given.dropFirst() {
            let loads = constraints.map { $0.costs.value(of: layers.network(network)) / $0.target.limit }
            #expect(loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 0.99 }, "\(loads)")
        }
    }

    @Test("are no more than there are networks")
    func few() throws {
        var random = RandomSource(seed: 5)
        let layers = try RandomLayers([2, 2])
        let (given, best) = ranked(
            Candidates(scores: layers.scores([[0, 0], [0, 0]]), constraints: [], count: 40, first: layers.network([1, 1])),
            of: layers, random: &random
        ) { $0 == [1, 0] ? 0 : 1 }
        #expect(Set(given) == [[0, 0], [0, 1], [1, 0], [1, 1]] && given.count == 4)
        #expect(best[0] == [1, 0] && best.count == 4)
    }

    @Test("come closer to the best network than as many that are drawn")
    func better() throws {
        let layers = try RandomLayers(Array(repeating: 5, count: 10))
        var closer = 0
        for seed in 0..<20 {
            var random = RandomSource(seed: 6, stream: UInt64(seed))
            let losses = (0..<10).map { _ in (0..<5).map { _ in Double(random.uniform()) } }
            let candidates = Candidates(
                scores: layers.scores(losses.map { $0.map { _ in 0 } }), constraints: [], count: 100,
                first: layers.network([Int](repeating: 0, count: 10)))
            func loss(_ network: [Int]) -> Double { zip(losses, network).reduce(0) { $0 + $1.0[$1.1] } }
            let (given, best) = ranked(candidates, of: layers, random: &random, loss: loss)
            let drawn = (0..<100).map { _ in loss((0..<10).map { _ in random.below(5) }) }.min()!
            #expect(given.count == 100 && best.count == Candidates.parents)
            #expect(best.map(loss) == Array(given.map(loss).sorted().prefix(Candidates.parents)))
            if loss(best[0]) < drawn { closer += 1 }
        }
        #expect(closer >= 18)
    }

    @Test("are ranked in the order in which they come where their losses are the same, infinite ones last")
    func ties() throws {
        let layers = try RandomLayers([3, 3])
        var random = RandomSource(seed: 8)
        let (given, best) = ranked(
            Candidates(
                scores: layers.scores([[0, 0, 0], [0, 0, 0]]), constraints: [], count: 9, first: layers.network([2, 2])),
            of: layers, random: &random
        ) { $0[0] == 0 ? .infinity : Double($0[0]) }
        #expect(given.count == 9)
        #expect(best == given.filter { $0[0] == 1 } + given.filter { $0[0] == 2 } + given.filter { $0[0] == 0 })
    }
}
