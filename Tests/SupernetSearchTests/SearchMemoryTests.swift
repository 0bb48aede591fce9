import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

/// As of a training, what is predicted is what is allocated.
@Suite("Memory of a search")
struct SearchMemoryTests {
    @Test("of a search is that of all storages, its smaller choices' too, of its checkpoint, and of what it finds", arguments: [
        false, true,
    ])
    func search(isCoupled: Bool) throws {
        var configuration = SmallRuns.searchConfiguration()
        configuration.threads = 1
        let search = try Search(
            space: isCoupled ? CoupledSpaces.small() : SmallRuns.space(),
            costModel: CostModel(device: DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))),
            trainingImages: SmallRuns.images(185, seed: 1), configuration: configuration)
        let supernet = search.supernet
        func memory(_ strategy: SearchStrategy = .surrogate) -> TrainingMemory {
            TrainingMemory(searching: supernet.space, batch: configuration.batch, strategy: strategy)
        }
        let stored = StoredValues(in: search).count - supernet.network.pooledPixels
        #expect(memory().featureMaps + memory().weights == 4 * stored)

        // In the search phase, when a checkpoint has most.
        try search.run(upTo: 30)
        #expect(try memory().checkpoint == search.tensorBytes())

        var random = RandomSource(seed: 1)
        let largest = ConvNet(supernet.space.largest, batch: 1, random: &random, context: ExecutionContext(threads: 1))
        let weights = try largest.weights
        let values = weights.architecture.weightTensors.reduce(0) { $0 + weights[$1.name].count }
        #expect(memory().result == 4 * (StoredValues(in: largest).count - largest.pooledPixels + values))

        let statistics = supernet.network.runningStatistics.reduce(0) { $0 + $1.count }
        #expect(memory(.gradient).comparison == 0 && memory().comparison == 4 * statistics)
        let trained = supernet.parameters.reduce(0) { $0 + $1.value.count }
        #expect(memory(.halving).comparison == 4 * (3 * trained + statistics))
    }
}
