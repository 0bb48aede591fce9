import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("The warm-up")
struct WarmUpTests {
    /// The weights at its end.
    private func weights(keepProbability: Float, fullNetworkInterval: Int) throws -> [[Float]] {
        var configuration = SmallRuns.searchConfiguration()
        (configuration.keepProbability, configuration.layerKeepProbability) = (keepProbability, keepProbability)
        configuration.fullNetworkInterval = fullNetworkInterval
        let search = try SmallRuns.search(configuration)
        try search.run(upTo: search.warmUpSteps)
        return search.supernet.parameters.map(\.value.values)
    }

    @Test("keeps all indicators in the first of every few steps, and drops some in the others")
    func fullNetwork() throws {
        let nothingDropped = try weights(keepProbability: 1, fullNetworkInterval: 1000)
        #expect(try weights(keepProbability: 0.1, fullNetworkInterval: 1) == nothingDropped)
        let few = try weights(keepProbability: 0.1, fullNetworkInterval: 3)
        #expect(few != nothingDropped)
        #expect(try weights(keepProbability: 0.1, fullNetworkInterval: 4) != few)
        #expect(try weights(keepProbability: 0.5, fullNetworkInterval: 3) != few)
    }

    @Test("leaves a step to search in, however short the run is")
    func short() throws {
        for batch in [160, 80, 50, 40, 16] {
            var configuration = SmallRuns.searchConfiguration()
            configuration.epochs = 1
            configuration.batch = batch
            let search = try SmallRuns.search(configuration)
            #expect(search.phases.contains { $0.phase == .search && !$0.steps.isEmpty }, "\(search.phases)")
            #expect(search.phases.map(\.steps.count).reduce(0, +) == search.steps)
        }
    }
}
