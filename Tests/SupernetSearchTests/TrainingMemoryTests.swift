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

    @Test("of a search has the superkernels beside the kernels that they decide on, and the smaller choices' weights")
    func search() throws {
        let search = try SmallRuns.search()
        let supernet = search.supernet
        let parameters = supernet.parameters.reduce(0) { $0 + $1.value.count }
        let effective = supernet.superkernels.reduce(0) { $0 + $1.kernel.value.count }
        let statistics = supernet.network.runningStatistics.reduce(0) { $0 + $1.count }
        let thresholds = supernet.parameters.filter { $0.name.contains(".thresholds.") }
            .reduce(0) { $0 + $1.value.count }
        let memory = TrainingMemory(searching: supernet.space, batch: 16)
        // Every smaller choice has a block of its own sizes, and so has every width that can be closed.
        func values(_ layer: SearchSpace.Layer, kernel: Int, hidden: Int) -> Int {
            let context = ExecutionContext(threads: 1)
            let map = FeatureMap(batch: 1, height: 4, width: 4, channels: layer.input.channels, context: context)
            let block = InvertedBottleneck(
                name: "block",
                shape: InvertedBottleneck.Shape(
                    kernelSize: kernel, stride: layer.stride, hiddenChannels: hidden,
                    outputChannels: layer.output.channels, expands: true, residual: layer.residual),
                input: map, gradients: SharedGradients(expanded: 16 * hidden, hidden: 16 * hidden), context: context)
            return block.parameters.reduce(0) { $0 + $1.value.count + $1.gradient.count }
                + block.normalizations.reduce(0) { $0 + $1.runningMean.count + $1.runningVariance.count }
        }
        var parts = 0
        for layer in supernet.space.searchableLayers {
            for case .block(let kernel, let expansion) in layer.choices.dropLast() {
                parts += values(layer, kernel: kernel, hidden: expansion * layer.input.channels)
            }
            for expansion in layer.expansions.dropLast() {
                let closed = (layer.expansions.last! - expansion) * layer.input.channels
                parts += values(layer, kernel: layer.kernels.last!, hidden: closed)
                // The gradient that the closed part of the projection would have.
                parts += closed * layer.output.channels
            }
        }
        // A threshold is one value of a layer, which is not counted.
        #expect(memory.weights == 4 * (6 * (parameters - thresholds) + 3 * statistics + 2 * effective + parts))
    }
}
