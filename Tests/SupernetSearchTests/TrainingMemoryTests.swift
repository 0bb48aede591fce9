import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing

@Suite("Memory of a training")
struct TrainingMemoryTests {
    /// What is allocated grows by what is predicted: the resident memory before and after, which other tests disturb,
    /// would not tell; the storages themselves do.
    @Test("is that of the feature maps and of the weights that are allocated", arguments: [1, 5])
    func allocated(batch: Int) throws {
        for space in try [Spaces.tiny(), SmallRuns.space(), Spaces.quick()] {
            var random = RandomSource(seed: 1)
            let network = ConvNet(
                space.largest, batch: batch, random: &random, context: ExecutionContext(threads: 1))
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
            let parameters = network.parameters.reduce(0) { $0 + $1.value.count }
            let statistics = network.runningStatistics.reduce(0) { $0 + $1.count }
            let memory = TrainingMemory(training: space.largest, batch: batch)
            #expect(memory.featureMaps == 4 * maps)
            #expect(memory.weights == 4 * (5 * parameters + 2 * statistics))
            #expect(memory.checkpoint == 4 * (4 * parameters + 2 * statistics))
        }
    }

    @Test("of a search has the superkernels beside the kernels that they decide on")
    func search() throws {
        let search = try SmallRuns.search()
        let supernet = search.supernet
        let parameters = supernet.parameters.reduce(0) { $0 + $1.value.count }
        let effective = supernet.superkernels.reduce(0) { $0 + $1.kernel.value.count }
        let statistics = supernet.network.runningStatistics.reduce(0) { $0 + $1.count }
        let thresholds = supernet.parameters.filter { $0.name.contains(".thresholds.") }
            .reduce(0) { $0 + $1.value.count }
        let memory = TrainingMemory(searching: supernet.space, batch: 16)
        // A threshold is one value of a layer, which is not counted.
        #expect(memory.weights == 4 * (5 * (parameters - thresholds) + 2 * statistics + 2 * effective))
    }
}
