import Architectures
import Engine
import Files
import SupernetSearch
import Testing
import TestSupport

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

    @Test("of a training is that of all storages, and of its checkpoint")
    func training() throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.threads = 1
        let training = try SmallRuns.training(configuration)
        let memory = TrainingMemory(training: training.network.architecture, batch: configuration.batch)
        let pooled = pooledPixels(training.network)
        #expect(memory.featureMaps + memory.weights == 4 * (StoredValues(in: training).count - pooled))
        #expect(try memory.checkpoint == tensorBytes(of: training.checkpoint()))
        let weights = try training.averagedWeights
        let values = weights.architecture.weightTensors.reduce(0) { $0 + weights[$1.name].count }
        #expect(memory.result == 4 * 2 * values)
    }

    @Test("of a search is that of all storages, its smaller choices' too, of its checkpoint, and of what it finds")
    func search() throws {
        var configuration = SmallRuns.searchConfiguration()
        configuration.threads = 1
        let search = try SmallRuns.search(configuration)
        let supernet = search.supernet
        func memory(candidates: Int = 6, trainingImages: Int = 167) -> TrainingMemory {
            TrainingMemory(
                searching: supernet.space, batch: configuration.batch, candidates: candidates,
                trainingImages: trainingImages)
        }
        // A threshold is one value of a layer, which is not counted.
        let counts = supernet.parameters.filter { $0.name.contains(".thresholds.") }.map(\.value.count)
        let thresholds = counts.reduce(0, +), gradients = counts.reduce(0) { $0 + FlatGradients.paddedCount($1) }
        let stored = StoredValues(in: search).count - 5 * thresholds - gradients - pooledPixels(supernet.network)
        #expect(memory().featureMaps + memory().weights == 4 * stored)

        // While it decides, when a checkpoint has most.
        try SmallRuns.run(search, upTo: 30)
        #expect(try memory().checkpoint == tensorBytes(of: search.checkpoint()) - 4 * 5 * thresholds)

        let largest = network(of: supernet.space, batch: 1)
        let weights = try largest.weights
        let values = weights.architecture.weightTensors.reduce(0) { $0 + weights[$1.name].count }
        #expect(memory().result == 4 * (StoredValues(in: largest).count - pooledPixels(largest) + values))

        #expect(memory(candidates: 1).comparison == 0)
        #expect(memory(trainingImages: 60_000).comparison == memory().comparison + 3000 * 64)
    }

    private func network(of space: SearchSpace, batch: Int) -> ConvNet {
        var random = RandomSource(seed: 1)
        return ConvNet(space.largest, batch: batch, random: &random, context: ExecutionContext(threads: 1))
    }

    /// What the pooling has a one for, which is not counted.
    private func pooledPixels(_ network: ConvNet) -> Int { network.head.output.height * network.head.output.width }

    /// The bytes after the two lines that a checkpoint begins with.
    private func tensorBytes(of checkpoint: Checkpoint) throws -> Int {
        let directory = try TemporaryDirectory()
        let path = directory.file("checkpoint")
        try checkpoint.write(to: path)
        return try BinaryFile.read(path, what: "checkpoint").split(
            separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)[2].count
    }
}
