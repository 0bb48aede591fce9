import Architectures
import Engine
import Profiler
import TestSupport
import Testing

@Suite("A network that XNNPACK runs")
struct XNNPACKNetworkTests {
    /// An inverted bottleneck in the Engine, in evaluation mode with drawn running averages, and the constants that
    /// a runtime gets for it.
    private struct EngineBlock {
        let block: Architectures.Block
        let input: FeatureShape
        var random = RandomSource(seed: 5)
        private let images: FeatureMap
        private let layer: InvertedBottleneck

        init(_ block: Architectures.Block, input: FeatureShape) {
            self.block = block
            self.input = input
            let context = ExecutionContext(threads: 1)
            images = FeatureMap(
                batch: 1, height: input.height, width: input.width, channels: input.channels, context: context)
            let size = input.height * input.width * block.hiddenChannels
            layer = InvertedBottleneck(
                name: "block",
                shape: InvertedBottleneck.Shape(
                    kernelSize: block.kernel, stride: block.stride, hiddenChannels: block.hiddenChannels,
                    outputChannels: block.outputChannels, expands: block.expandConvolution, residual: block.residual),
                input: images, gradients: SharedGradients(expanded: size, hidden: size), context: context)
            layer.parameters.draw(&random)
            for normalization in layer.normalizations {
                normalization.runningMean.draw(&random)
                normalization.runningVariance.write(
                    random.normals(normalization.channels).map { 0.5 + abs($0) })
            }
        }

        func output(for values: [Float]) -> [Float] {
            images.values.write(values)
            layer.forward(training: false)
            return layer.output.values.values
        }

        /// One for each operator of the block.
        var weights: [OperatorWeights] {
            let kernels = layer.parameters.filter { !$0.name.hasSuffix(".scale") && !$0.name.hasSuffix(".offset") }
            var folded = zip(kernels, layer.normalizations).map { kernel, normalization in
                OperatorWeights(
                    kernel: kernel.value.values, bias: [Float](repeating: 0, count: normalization.channels)
                ).folded(
                    scale: normalization.scale.value.values, offset: normalization.offset.value.values,
                    mean: normalization.runningMean.values, variance: normalization.runningVariance.values,
                    epsilon: BatchNormalization.epsilon)
            }
            if block.residual { folded.append(OperatorWeights(kernel: [], bias: [])) }
            return folded
        }
    }

    @Test(
        "gives the same as the Engine's block, normalisation folded", arguments: [3, 5],
        [(1, 8, true), (1, 12, true), (2, 12, true), (1, 8, false)])
    func block(kernel: Int, form: (stride: Int, outputs: Int, expands: Bool)) throws {
        for threads in [1, 2] {
            let shape = FeatureShape(height: 9, width: 7, channels: 8)
            let block = Architectures.Block(
                kernel: kernel, stride: form.stride, expansion: form.expands ? 3 : 1, inputChannels: 8,
                outputChannels: form.outputs, residual: form.stride == 1 && form.outputs == 8,
                expandConvolution: form.expands)
            var engine = EngineBlock(block, input: shape)
            let network = try XNNPACKRuntime(threads: threads).prepare(
                Network(of: block, input: shape), weights: engine.weights)
            let image = engine.random.normals(shape.count)
            let expected = engine.output(for: image)
            let actual = try network.output(for: image)
            #expect(actual.count == expected.count)
            let distance = zip(actual, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(distance < 1e-4, "\(distance) apart")
            // The image is still there for the next run, whatever shared its memory.
            #expect(try network.output(for: image) == actual)
        }
    }

    @Test("multiplies by the gate of a squeeze-excite what was pooled for it")
    func squeezeExcite() throws {
        let shape = FeatureShape(height: 5, width: 6, channels: 4)
        let block = Architectures.Block(
            kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4, seRatio: 0.5, residual: true)
        var random = RandomSource(seed: 3)
        let steps = block.operators(input: shape)
        let weights = steps.map { step in
            let count =
                switch step.kind {
                case .convolution, .fullyConnected: step.input.channels * step.output.channels
                case .depthwiseConvolution: step.kernel * step.kernel * step.input.channels
                default: 0
                }
            return OperatorWeights(
                kernel: random.normals(count), bias: [Float](repeating: 0, count: count > 0 ? step.output.channels : 0))
        }
        let image = random.normals(shape.count)
        let network = try XNNPACKRuntime(threads: 1).prepare(Network(of: block, input: shape), weights: weights)
        let actual = try network.output(for: image)

        let kernels = weights.map { $0.kernel.map(Double.init) }
        let images = PlainImages(batch: 1, height: 5, width: 6, channels: 4, values: image.map(Double.init))
        let hidden = images.pointwise(kernels[0], outputs: 8).rectified
            .depthwise(kernels[1], size: 3, stride: 1).rectified
        let gate = hidden.pooled.pointwise(kernels[3], outputs: 2).rectified.pointwise(kernels[4], outputs: 8).squashed
        let expected = images.plus(hidden.times(gate.values).pointwise(kernels[6], outputs: 4))
        #expect(steps.map(\.kind)[2...5] == [.globalAveragePool, .fullyConnected, .fullyConnected, .multiply])
        #expect(relativeDistance(actual.map(Double.init), expected.values) < 1e-5)
    }

    @Test("runs every operator of a whole architecture once, in order")
    func whole() throws {
        let network = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")).largest.network
        let prepared = try XNNPACKRuntime(threads: 1).prepare(network)
        var marks = 0
        try prepared.run { marks += 1 }
        #expect(marks == network.layers.reduce(0) { $0 + $1.operators.count })
    }
}

@Suite("The arena of a network's maps")
struct ActivationArenaTests {
    @Test("keeps maps apart that live at one moment, and lets others share")
    func places() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<200 {
            let maps = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                let first = Int.random(in: 0...8, using: &random)
                return ActivationArena.Map(
                    size: Int.random(in: 1...100, using: &random),
                    steps: first...(first + Int.random(in: 0...3, using: &random)))
            }
            let arena = ActivationArena(maps, alignment: 16)
            for (index, map) in maps.enumerated() {
                #expect(arena.offsets[index] % 16 == 0 && arena.offsets[index] + map.size <= arena.size)
                for (other, second) in maps.enumerated() where other < index && second.steps.overlaps(map.steps) {
                    let apart = arena.offsets[index] >= arena.offsets[other] + second.size
                        || arena.offsets[other] >= arena.offsets[index] + map.size
                    #expect(apart, "maps \(index) and \(other) of \(maps) at \(arena.offsets)")
                }
            }
        }
        let chain = ActivationArena(
            (0..<10).map { ActivationArena.Map(size: 64, steps: $0...($0 + 1)) }, alignment: 16)
        #expect(chain.size == 128)
    }
}
