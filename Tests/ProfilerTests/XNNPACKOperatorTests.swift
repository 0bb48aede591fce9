import Architectures
import Profiler
import TestSupport
import Testing

@Suite("An XNNPACK operator computes")
struct XNNPACKOperatorTests {
    /// The operator with small random constants and images, and the same written out with plain loops.
    private func check(
        _ step: Operator, sourceLocation: SourceLocation = #_sourceLocation,
        _ plain: (PlainImages, [Double]) -> PlainImages
    ) throws {
        var random = SeededRandom(seed: UInt64(step.kernel * 100 + step.stride))
        func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.value()) } }
        let kernelCount =
            switch step.kind {
            case .convolution: step.kernel * step.kernel * step.input.channels * step.output.channels
            case .depthwiseConvolution: step.kernel * step.kernel * step.input.channels
            case .fullyConnected: step.input.channels * step.output.channels
            default: 0
            }
        let hasWeights = kernelCount > 0
        let weights = OperatorWeights(
            kernel: values(kernelCount), bias: hasWeights ? values(step.output.channels) : [])
        let input = PaddedValues<Float>(count: step.input.count), second = PaddedValues<Float>(count: step.input.count)
        let output = PaddedValues<Float>(count: step.output.count)
        let scratch = PaddedValues<Float>(count: XNNPACKOperator.scratchCount(of: step))
        for index in 0..<input.count {
            input.pointer[index] = Float(random.value())
            second.pointer[index] = Float(random.value())
        }

        let made = try XNNPACKOperator(step, weights: weights)
        let reads = [Operator.Kind.add, .multiply].contains(step.kind) ? UnsafePointer(second.pointer) : nil
        try made.setUp(
            input: input.pointer, second: reads, scratch: scratch.pointer, output: output.pointer, threads: nil)
        try made.run(threads: nil)

        func doubles(_ floats: PaddedValues<Float>) -> [Double] { (0..<floats.count).map { Double(floats.pointer[$0]) } }
        let images = PlainImages(
            batch: 1, height: step.input.height, width: step.input.width, channels: step.input.channels,
            values: doubles(input))
        var expected = plain(images, reads == nil ? weights.kernel.map(Double.init) : doubles(second))
        if hasWeights {
            for index in expected.values.indices {
                expected.values[index] += Double(weights.bias[index % expected.channels])
            }
        }
        expected = expected.activated(step.activation)
        #expect(expected.values.count == step.output.count)
        let distance = largestDifference(doubles(output), expected.values)
        #expect(distance < 1e-4, "\(step.key): \(distance) apart", sourceLocation: sourceLocation)
    }

    @Test("a convolution of any stride on odd and even sides", arguments: [1, 3, 5], [1, 2])
    func convolution(kernel: Int, stride: Int) throws {
        for (height, width) in [(8, 8), (7, 9), (1, 5)] {
            for activation in Activation.allCases {
                let step = Operator.convolution(
                    kernel: kernel, stride: stride, input: FeatureShape(height: height, width: width, channels: 3),
                    outputChannels: 10, activation: activation)
                try check(step) { $0.spatial($1, size: kernel, stride: stride, outputs: 10) }
            }
        }
    }

    @Test("a depthwise convolution of any stride on odd and even sides", arguments: [3, 5, 7], [1, 2])
    func depthwise(kernel: Int, stride: Int) throws {
        for (height, width) in [(8, 8), (7, 9), (2, 5)] {
            for channels in [1, 5, 24] {
                for activation in Activation.allCases {
                    let step = Operator.depthwiseConvolution(
                        kernel: kernel, stride: stride,
                        input: FeatureShape(height: height, width: width, channels: channels), activation: activation)
                    try check(step) { $0.depthwise($1, size: kernel, stride: stride) }
                }
            }
        }
    }

    @Test("a matrix product with any activation", arguments: Activation.allCases)
    func fullyConnected(activation: Activation) throws {
        try check(.fullyConnected(inputChannels: 19, outputChannels: 6, activation: activation)) {
            $0.pointwise($1, outputs: 6)
        }
    }

    @Test("the mean of every channel", arguments: [1, 3, 7])
    func globalAveragePool(side: Int) throws {
        try check(.globalAveragePool(input: FeatureShape(height: side, width: 7, channels: 18))) { images, _ in
            images.pooled
        }
    }

    @Test("a sum, and a product with one factor a channel")
    func elementwise() throws {
        let shape = FeatureShape(height: 5, width: 3, channels: 6)
        try check(.add(shape)) { images, second in
            var other = images
            other.values = second
            return images.plus(other)
        }
        try check(.multiply(shape)) { images, second in images.times(Array(second.prefix(6))) }
    }

    @Test("or is named where XNNPACK does not take it")
    func rejected() throws {
        let step = Operator.fullyConnected(inputChannels: 4, outputChannels: 2, activation: .none)
        let made = try XNNPACKOperator(step, weights: OperatorWeights(kernel: [1, 2, 3, 4, 5, 6, 7, 8], bias: [0, 0]))
        // There is no operator of that kind, and no weights before it that could do its affine part.
        let gate = Operator.add(FeatureShape(height: 1, width: 1, channels: 2), activation: .hardSigmoid)
        #expect(
            throws: ProfilingError.rejected(
                operator: gate.key, runtime: "xnnpack",
                reason: "it has no hard sigmoid, and there are no weights before this one")
        ) { try XNNPACKOperator(gate, weights: OperatorWeights(kernel: [], bias: [])) }
        // It has been given no memory yet.
        #expect(
            throws: ProfilingError.rejected(operator: step.key, runtime: "xnnpack", reason: "run: invalid state")
        ) { try made.run(threads: nil) }
    }
}
