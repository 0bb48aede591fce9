import Architectures
import Engine
import Testing
import TestSupport
import Training

/// What is predicted is what is allocated: the resident memory, which other tests disturb, would not tell; the storages
/// themselves do.
@Suite("Memory of a training")
struct TrainingMemoryTests {
    @Test("is that of the feature maps that are allocated", arguments: [1, 5])
    func featureMaps(batch: Int) throws {
        for space in try [Spaces.tiny(), SmallRuns.space(), Spaces.quick()] {
            let network = network(of: space, batch: batch)
            var storages: [ObjectIdentifier: Int] = [:]
            func add(_ storage: Storage) { storages[ObjectIdentifier(storage)] = storage.count }
            func add(_ map: FeatureMap) {
                add(map.values)
                add(map.gradient)
            }
            for map in [network.images, network.stem.output, network.dropout.map, network.head.output, network.logits] {
                add(map)
            }
            for block in network.blocks {
                for map in [block.input, block.hidden, block.projection.output, block.output] { add(map) }
                if let expansion = block.expansion { add(expansion.output) }
            }
            // The factors of the dropout belong to no map.
            let maps = storages.values.reduce(0, +) + network.dropout.map.values.count
            #expect(TrainingMemory(training: space.largest, batch: batch).featureMaps == 4 * maps)
        }
    }

    @Test(
        "of a training is that of all storages, and of its checkpoint", arguments: OptimizerConfiguration.Kind.allCases)
    func training(optimizer: OptimizerConfiguration.Kind) throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.optimizer = OptimizerConfiguration(optimizer)
        configuration.threads = 1
        let training = try SmallRuns.training(configuration)
        let memory = TrainingMemory(
            training: training.network.architecture, batch: configuration.batch, optimizer: optimizer)
        let pooled = training.network.pooledPixels
        #expect(memory.featureMaps + memory.weights == 4 * (StoredValues(in: training).count - pooled))
        #expect(try memory.checkpoint == training.tensorBytes())
        let weights = try training.averagedWeights
        let values = weights.architecture.weightTensors.reduce(0) { $0 + weights[$1.name].count }
        #expect(memory.result == 4 * 2 * values)
    }

    @Test("of a training that rounds weights has a copy of those, and no other has")
    func rounded() throws {
        let architecture = try SmallRuns.training().network.architecture
        let plain = TrainingMemory(training: architecture, batch: 16)
        let rounded = TrainingMemory(training: architecture, batch: 16, roundsToEightBits: true)
        let weights = architecture.weightTensors.filter { $0.role == .weight }.reduce(0) { $0 + $1.count }
        #expect(rounded.weights == plain.weights + 4 * weights && rounded.featureMaps == plain.featureMaps)
        var configuration = SmallRuns.trainingConfiguration()
        configuration.epochs = 2
        configuration.quantizationAwareEpochs = 1
        let training = try SmallRuns.training(configuration)
        let before = StoredValues(in: training).count
        // The first step of the second epoch makes the copy.
        try training.run { _ in }
        #expect(StoredValues(in: training).count == before + weights)
        let other = try SmallRuns.training()
        let kept = StoredValues(in: other).count
        try other.run()
        #expect(StoredValues(in: other).count == kept)
    }

    private func network(of space: SearchSpace, batch: Int) -> ConvNet {
        var random = RandomSource(seed: 1)
        return ConvNet(space.largest, batch: batch, random: &random, context: ExecutionContext(threads: 1))
    }
}
