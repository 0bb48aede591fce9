import Architectures
import Engine
import Glibc
import SupernetSearch
import Testing

@Suite("Evolution of candidates")
struct EvolutionTests {
    @Test("draws parts as often as their worth says")
    func probabilities() throws {
        let layers = try RandomLayers([2, 3]), means = [-0.01, 0.02, -0.03]
        // A part of usual worth, the root of the mean square, has odds of e to one.
        let usual = (means.reduce(0) { $0 + $1 * $1 } / 3).squareRoot()
        let weights = [[0, means[0]], [0, means[1], means[1] + means[2]]].map { $0.map { exp(-$0 / usual) } }
        let shares = weights.map { weights in weights.map { $0 / weights.reduce(0, +) } }
        let proposals = Proposals(layers: layers.layers, partMeans: means, constraints: [], first: layers.network([0, 0]))
        // The second of two different networks is one draw, unless it is the first again.
        var counts: [[Int]: Double] = [:]
        let runs = 20_000
        for run in 0..<runs {
            var random = RandomSource(seed: 3, stream: UInt64(run)), evolution = Evolution(proposals, count: 4)
            let given = ranked(by: &evolution, of: layers, random: &random) { _ in 0 }
            #expect(given[0] == [0, 0] && given.count == 4 && Set(given).count == 4)
            counts[given[1], default: 0] += 1
        }
        for first in 0..<2 {
            for second in 0..<3 where [first, second] != [0, 0] {
                let expected = shares[0][first] * shares[1][second] / (1 - shares[0][0] * shares[1][0])
                let share = counts[[first, second], default: 0] / Double(runs)
                #expect(abs(share - expected) < 5 * (expected / Double(runs)).squareRoot())
            }
        }
        #expect(counts[[0, 0]] == nil)
    }

    @Test("comes closer to the best network than as many that are drawn")
    func better() throws {
        let layers = try RandomLayers(Array(repeating: 5, count: 10))
        var closer = 0
        for seed in 0..<20 {
            var random = RandomSource(seed: 6, stream: UInt64(seed))
            let losses = layers.randomLosses(&random)
            var evolution = Evolution(layers.proposals(), count: 100)
            let given = ranked(by: &evolution, of: layers, random: &random) { layers.sum(losses, of: $0) }
            let drawn = (0..<100).map { _ in layers.sum(losses, of: layers.counts.map { random.below($0) }) }.min()!
            let best = layers.sum(losses, of: layers.indices(evolution.best))
            #expect(given.count == 100 && best == given.map { layers.sum(losses, of: $0) }.min())
            if best < drawn { closer += 1 }
        }
        #expect(closer >= 18)
    }
}
