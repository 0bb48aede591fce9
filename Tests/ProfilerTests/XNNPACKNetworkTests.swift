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
                shape: .init(batch: 1, height: input.height, width: input.width, channels: input.channels),
                context: context)
            let size = input.height * input.width * block.shape.hiddenChannels
            layer = InvertedBottleneck(
                name: "block",
                shape: InvertedBottleneck.Shape(
                    kernelSize: block.shape.kernel, stride: block.shape.stride,
                    hiddenChannels: block.shape.hiddenChannels, outputChannels: block.shape.outputChannels,
                    expands: block.expandConvolution, residual: block.residual),
                input: images, gradients: SharedGradients(expanded: size, hidden: size), context: context)
            layer.parameters.draw(&random)
            for normalization in layer.normalizations {
                normalization.runningMean.draw(&random)
                normalization.runningVar.write(
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
                    scale: normalization.weight.value.values, offset: normalization.bias.value.values,
                    mean: normalization.runningMean.values, variance: normalization.runningVar.values,
                    epsilon: BatchNormalization.eps)
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
                shape: .init(
                    kernel: kernel, stride: form.stride, expansion: form.expands ? 3 : 1, inputChannels: 8,
                    outputChannels: form.outputs),
                residual: form.stride == 1 && form.outputs == 8, expandConvolution: form.expands)
            var engine = EngineBlock(block, input: shape)
            let network = try XNNPACKRuntime(threads: threads).prepare(
                Network(of: block, input: shape), weights: engine.weights)
            let image = engine.random.normals(shape.count)
            let expected = engine.output(for: image)
            let actual = try network.output(for: image)
            let distance = largestDifference(actual, expected)
            #expect(distance < 1e-4, "\(distance) apart")
            // The image is still there for the next run, whatever shared its memory.
            #expect(try network.output(for: image) == actual)
        }
    }

    /// A squeeze-excite and what its activations are.
    struct Form: CustomTestStringConvertible {
        var activation = Architectures.Activation.relu, squeeze = Architectures.Activation.relu
        var gate = Architectures.Activation.sigmoid, projection = Architectures.Activation.none
        var testDescription: String { "\(activation), \(squeeze), \(gate), \(projection)" }
    }

    @Test(
        "multiplies by the gate of a squeeze-excite what was pooled for it, whatever the activations",
        arguments: [
            Form(), Form(gate: .hardSigmoid), Form(activation: .hardSwish, gate: .hardSigmoid),
            Form(activation: .swish, squeeze: .swish), Form(activation: .none, squeeze: .hardSwish, projection: .swish),
        ])
    func squeezeExcite(form: Form) throws {
        for threads in [1, 2] {
            let shape = FeatureShape(height: 5, width: 6, channels: 4)
            let block = Architectures.Block(
                shape: .init(kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4),
                squeezeExcite: SqueezeExcite(ratio: 0.5, activation: form.squeeze, gate: form.gate), residual: true,
                activation: form.activation, projectionActivation: form.projection)
            var random = RandomSource(seed: 3)
            let steps = block.operators(input: shape)
            let weights = steps.map { random.weights(of: $0) }
            let image = random.normals(shape.count)
            let network = try XNNPACKRuntime(threads: threads).prepare(
                Network(of: block, input: shape), weights: weights)
            let actual = try network.output(for: image)

            func product(_ images: PlainImages, _ index: Int) -> PlainImages {
                images.pointwise(weights[index].kernel.map(Double.init), outputs: steps[index].output.channels)
                    .plus(channels: weights[index].bias.map(Double.init)).activated(steps[index].activation)
            }
            let images = PlainImages(batch: 1, height: 5, width: 6, channels: 4, values: image.map(Double.init))
            let hidden = product(images, 0).depthwise(weights[1].kernel.map(Double.init), size: 3, stride: 1)
                .plus(channels: weights[1].bias.map(Double.init)).activated(form.activation)
            let gate = product(product(hidden.pooled, 3), 4)
            let expected = images.plus(product(hidden.times(gate.values), 6))
            #expect(steps.map(\.kind)[2...5] == [.globalAveragePool, .fullyConnected, .fullyConnected, .multiply])
            #expect(relativeDistance(actual.map(Double.init), expected.values) < 1e-5)
            // The image is still there for the next run, whatever shared its memory.
            #expect(try network.output(for: image) == actual)
        }
    }

    @Test("runs every operator of a whole architecture once, in order", arguments: [
        "mobilenet-v1", "mobilenet-v3-large", "mobilenet-v3-small", "mnasnet-a1", "efficientnet-b0", "single-path-nas",
    ])
    func whole(name: String) throws {
        let network = try Architecture(contentsOf: ShippedFiles.reference(name)).network
        let prepared = try XNNPACKRuntime(threads: 1).prepare(network)
        var marks = 0
        try prepared.run { marks += 1 }
        #expect(marks == network.layers.reduce(0) { $0 + $1.operators.count })
        // The values that are measured with neither vanish nor grow beyond all bounds on their way.
        let logits = try #require(prepared as? XNNPACKNetwork<XNNPACKOperator>).output(
            for: (0..<network.input.count).map { Float($0 % 255) / 127 - 1 })
        let size = largest(of: logits.map(abs))
        #expect(size > 1e-3 && size < 1e4, "\(size)")
    }
}

@Suite("The arena of a network's maps")
struct ActivationArenaTests {
    @Test("keeps maps apart that live at one moment, and lets others share")
    func places() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<200 {
            let maps = (0..<random.integer(in: 1...12)).map { _ in
                let first = random.integer(in: 0...8)
                return ActivationArena.Map(
                    size: random.integer(in: 1...100),
                    steps: first...(first + random.integer(in: 0...3)))
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
