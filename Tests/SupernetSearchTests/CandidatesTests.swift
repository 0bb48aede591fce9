import Engine
import Glibc
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("Candidates")
struct CandidatesTests {
    @Test("are drawn as often as their choices' probabilities say")
    func probabilities() {
        let shares = [[0.7, 0.3], [0.2, 0.5, 0.3]]
        let candidates = Candidates(worths: shares.map { $0.map(log) }, constraints: [])
        // The second of two different networks is one draw, unless it is the first again.
        var counts: [[Int]: Double] = [:]
        let runs = 20_000
        for run in 0..<runs {
            var random = RandomSource(seed: 3, stream: UInt64(run)), compared: [[Int]] = []
            _ = candidates.best(of: 4, from: [0, 0], random: &random) { network in
                compared.append(network)
                return 0
            }
            #expect(compared[0] == [0, 0] && Set(compared).count == 4)
            counts[compared[1], default: 0] += 1
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

    private func constraint(_ quantity: CostQuantity, limit: Double, random: inout RandomSource) -> Constraint {
        let costs = ChoiceCosts(
            quantity: quantity, fixed: .init(sum: 1, peak: 0),
            choices: (0..<8).map { _ in (0..<4).map { _ in .init(sum: Double(random.uniform()), peak: 0) } })
        return Constraint(target: CostTarget(quantity, atMost: limit), costs: costs)
    }

    @Test("are different, and keep all targets, one to a percent")
    func kept() throws {
        var random = RandomSource(seed: 5)
        let constraints = [
            constraint(.latency, limit: 5, random: &random), constraint(.macs, limit: 5.4, random: &random),
        ]
        let worths = (0..<8).map { _ in (0..<4).map { _ in 0.0 } }
        var compared: [[Int]] = []
        _ = Candidates(worths: worths, constraints: constraints).best(
            of: 60, from: [Int](repeating: 0, count: 8), random: &random
        ) { network in
            compared.append(network)
            return Double(network[0])
        }
        #expect(compared.count == 60 && Set(compared).count == 60)
        for network in compared.dropFirst() {
            let loads = constraints.map { $0.costs.value(of: network) / $0.target.limit }
            #expect(loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 0.99 }, "\(loads)")
        }
        // Where there are fewer, there are no more.
        compared = []
        let best = Candidates(worths: [[0, 0], [0, 0]], constraints: []).best(
            of: 40, from: [1, 1], random: &random
        ) { network in
            compared.append(network)
            return network == [1, 0] ? 0 : 1
        }
        #expect(Set(compared) == [[0, 0], [0, 1], [1, 0], [1, 1]] && compared.count == 4)
        #expect(best[0] == [1, 0])
    }

    @Test("come closer to the best network than as many that are drawn")
    func better() {
        var closer = 0
        for seed in 0..<20 {
            var random = RandomSource(seed: 6, stream: UInt64(seed))
            let losses = (0..<10).map { _ in (0..<5).map { _ in Double(random.uniform()) } }
            let candidates = Candidates(worths: losses.map { $0.map { _ in 0 } }, constraints: [])
            func loss(_ network: [Int]) -> Double { zip(losses, network).reduce(0) { $0 + $1.0[$1.1] } }
            let first = [Int](repeating: 0, count: 10)
            let best = candidates.best(of: 100, from: first, random: &random, loss: loss)
            let drawn = (0..<100).map { _ in loss((0..<10).map { _ in random.below(5) }) }.min()!
            #expect(best.map(loss) == best.map(loss).sorted())
            if loss(best[0]) < drawn { closer += 1 }
        }
        #expect(closer >= 18)
    }
}
