import Engine
import SupernetSearch
import Testing

@Suite("Successive halving")
struct SuccessiveHalvingTests {
    @Test("trains the best fourth of each level four times as long, as soon as it is known")
    func levels() throws {
        let layers = try RandomLayers(Array(repeating: 4, count: 4))
        var halving = SuccessiveHalving(layers.proposals(), count: 32), random = RandomSource(seed: 3)
        var losses: [[(network: [Int], loss: Double)]] = [[], [], []], order: [Int] = []
        // A level's losses say more than those of the one before.
        func loss(_ network: [Int], level: Int) -> Double {
            let noise = level == 0 ? Double(random.normal()) : level == 1 ? 0.1 * Double(random.normal()) : 0
            return Double(network.reduce(0, +)) + noise - 10 * Double(level)
        }
        while let candidate = halving.next(&random) {
            let network = layers.indices(candidate.network)
            order.append(candidate.level)
            if candidate.level > 0 {
                // It is among the best fourth of the level below, and was not here before.
                let below = losses[candidate.level - 1].sorted { $0.loss < $1.loss }
                #expect(below.prefix(below.count / 4).contains { $0.network == network })
                #expect(!losses[candidate.level].contains { $0.network == network })
            }
            let loss = loss(network, level: candidate.level)
            losses[candidate.level].append((network, loss))
            halving.add(candidate, loss: loss)
        }
        #expect(losses.map(\.count) == [32, 8, 2])
        #expect(Array(order.prefix(6)) == [0, 0, 0, 0, 1, 0])
        #expect(layers.indices(halving.best) == losses[2].min { $0.loss < $1.loss }!.network)
    }

    @Test("takes nothing on whose loss is no number")
    func infinite() throws {
        let layers = try RandomLayers([4, 4])
        var halving = SuccessiveHalving(layers.proposals(), count: 16), random = RandomSource(seed: 3)
        while let candidate = halving.next(&random) {
            #expect(candidate.level < 2)
            halving.add(candidate, loss: candidate.level == 1 ? .infinity : Double(layers.indices(candidate.network)[0]))
        }
        #expect(layers.indices(halving.best)[0] == 0)
    }
}
