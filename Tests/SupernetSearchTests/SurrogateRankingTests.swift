import Engine
import SupernetSearch
import Testing

@Suite("The surrogate's candidates")
struct SurrogateRankingTests {
    /// How much worse the network is that a ranking finds than the best of all, where losses have noise.
    private func regret(
        _ layers: RandomLayers, _ losses: [[Double]], of ranking: some CandidateRanking, random: inout RandomSource
    ) -> Double {
        var ranking = ranking, noise = RandomSource(seed: 9, stream: random.next())
        _ = ranked(by: &ranking, of: layers, random: &random) { layers.sum(losses, of: $0) + 0.1 * Double(noise.normal()) }
        return layers.sum(losses, of: layers.indices(ranking.best)) - losses.reduce(0) { $0 + ($1.min() ?? 0) }
    }

    @Test("come closer to the best network than as many of the evolution, and closer yet where parts are known roughly")
    func better() throws {
        let layers = try RandomLayers(Array(repeating: 4, count: 8))
        var unknown = 0.0, known = 0.0, evolved = 0.0
        let seeds = 12
        for seed in 0..<seeds {
            var random = RandomSource(seed: 16, stream: UInt64(seed))
            let losses = layers.randomLosses(&random)
            // What a part adds is the loss of a choice less that of the one before.
            let means = losses.flatMap { zip($0, $0.dropFirst()).map { $1 - $0 + 0.3 * Double(random.normal()) } }
            let proposals = layers.proposals()
            unknown += regret(layers, losses, of: SurrogateRanking(proposals, count: 50), random: &random)
            evolved += regret(layers, losses, of: Evolution(proposals, count: 50), random: &random)
            known += regret(
                layers, losses, of: SurrogateRanking(Proposals(layers: layers.layers, partMeans: means, constraints: []), count: 50),
                random: &random)
        }
        #expect(unknown < 0.5 * evolved, "\(unknown) against \(evolved) in \(seeds) runs")
        #expect(known < unknown, "\(known) against \(unknown)")
    }
}
