import Engine
import TestSupport
import Testing

/// Everything that makes the statistics of a batch, against the same in double precision on what was stored.
@Suite("Statistics of a batch")
struct BatchStatisticsTests {
    /// What writes a normalised map.
    enum Producer: CaseIterable {
        case pointwise, spatial, depthwise, stridedDepthwise, smallDepthwise
    }

    private static let ratios = [1.0, 30, 1000]

    @Test("hold their variance, however large the mean is beside it", arguments: Producer.allCases, KernelSet.all)
    func accuracy(producer: Producer, set: KernelSet) {
        var random = RandomSource(seed: 61)
        for ratio in Self.ratios {
            for threads in [1, 3] {
                let made = output(of: producer, ratio: Float(ratio), random: &random, threads: threads, set: set)
                expectStatistics(of: made, ratio: ratio, "\(producer), \(set.name), \(ratio), \(threads) threads")
            }
        }
    }

    /// As many as a thread adds up in a step on large images.
    @Test("hold their variance over many values", arguments: KernelSet.all)
    func many(set: KernelSet) {
        var random = RandomSource(seed: 62)
        for ratio in Self.ratios {
            let context = ExecutionContext(threads: 1, kernelSet: set.name)
            let input = map(batch: 32, side: 56, channels: 2, context)
            let made = map(batch: 32, side: 56, channels: 3, normalized: true, context)
            let convolution = PointwiseConvolution(name: "convolution", input: input, output: made, context: context)
            convolution.weights.value.write([0.5, 1, -0.3, 0.7, -0.2, 1])
            input.values.draw(&random, mean: Float(ratio), deviation: 1)
            convolution.forward(training: true)
            expectStatistics(of: made, ratio: ratio, "\(set.name), \(ratio)")
        }
    }

    /// The first pixel, the middle one and the last.
    @Test("of a value that is not finite are not finite", arguments: [Producer.pointwise, .spatial, .depthwise], [0, 78, 863])
    func notFinite(producer: Producer, place: Int) {
        let context = ExecutionContext(threads: 2)
        let (layer, made) = layer(producer, context)
        layer.input.values.fill(1)
        layer.weights.value.fill(1)
        let channels = layer.input.channels
        layer.input.values.pointer[place * channels] = .nan
        layer.forward(training: true)
        let normalization = made.normalization!
        #expect(!normalization.runningMean.isFinite && !normalization.runningVar.isFinite)
    }

    /// Compares what a forward pass left with the moments of the map, and checks that these are as they are meant.
    private func expectStatistics(of made: FeatureMap, ratio: Double, _ what: String) {
        let normalization = made.normalization!
        let (means, variances) = PlainImages(made, made.values.doubles).moments
        let unbiased = Double(made.rows) / Double(made.rows - 1)
        let errors = zip(normalization.runningVar.doubles, variances).map { abs($0 / ($1 * unbiased) - 1) }
        #expect(largest(of: errors) < 1e-4, "\(what): variance off by \(largest(of: errors))")
        #expect(relativeDistance(normalization.runningMean.doubles, means) < 1e-5, "\(what)")
        let ratios = zip(means, variances).map { abs($0) / $1.squareRoot() }
        #expect(ratios.contains { $0 > ratio / 4 } && largest(of: ratios) < 10 * ratio, "\(what): \(ratios)")
    }

    private func map(
        batch: Int, side: Int, channels: Int, normalized: Bool = false, _ context: ExecutionContext
    ) -> FeatureMap {
        let normalization = normalized ? BatchNormalization(name: "normalization", channels: channels, context: context) : nil
        // The running statistics become those of the batch.
        normalization?.runningWeight = 1
        normalization?.runningVar.fill(0)
        return FeatureMap(
            shape: .init(batch: batch, height: side, width: side, channels: channels), normalization: normalization,
            context: context)
    }

    /// A layer of 20 channels, which are no whole vectors, and its output.
    private func layer(_ producer: Producer, _ context: ExecutionContext) -> (layer: Written, output: FeatureMap) {
        let batch = 6, side = producer == .smallDepthwise ? 1 : 12
        let input = map(batch: batch, side: side, channels: producer == .spatial ? 3 : 20, context)
        switch producer {
        case .pointwise:
            let output = map(batch: batch, side: side, channels: 20, normalized: true, context)
            return (PointwiseConvolution(name: "layer", input: input, output: output, context: context), output)
        case .spatial:
            let output = map(batch: batch, side: 6, channels: 20, normalized: true, context)
            return (
                SpatialConvolution(
                    name: "layer", input: input, output: output, window: ConvolutionWindow(kernelSize: 3, stride: 2),
                    context: context),
                output
            )
        case .depthwise, .stridedDepthwise, .smallDepthwise:
            let stride = producer == .stridedDepthwise ? 2 : 1
            let output = map(batch: batch, side: (side + stride - 1) / stride, channels: 20, normalized: true, context)
            return (
                DepthwiseConvolution(
                    name: "layer", input: input, output: output,
                    window: ConvolutionWindow(kernelSize: 5, stride: stride), context: context),
                output
            )
        }
    }

    /// A map whose channels' means are about `ratio` times their deviations.
    private func output(
        of producer: Producer, ratio: Float, random: inout RandomSource, threads: Int, set: KernelSet
    ) -> FeatureMap {
        let context = ExecutionContext(threads: threads, kernelSet: set.name)
        let (layer, made) = layer(producer, context)
        layer.input.values.draw(&random, mean: ratio, deviation: 1)
        // One tap in the middle: what a kernel sees less of at borders would be all the deviation that there is. Each
        // output channel reads one of the input's, with a factor.
        let weights = layer.weights
        weights.value.fill(0)
        let outputs = weights.shape.last!
        switch producer {
        case .pointwise:
            for channel in 0..<outputs { weights.value[channel * outputs + channel] = 0.5 + random.uniform() }
        case .spatial:
            for channel in 0..<outputs { weights.value[(4 * 3 + channel % 3) * outputs + channel] = 0.5 + random.uniform() }
        case .depthwise, .stridedDepthwise, .smallDepthwise:
            for channel in 0..<outputs { weights.value[12 * outputs + channel] = 0.5 + random.uniform() }
        }
        layer.forward(training: true)
        return made
    }
}

/// A layer with weights that writes a normalised map.
private protocol Written: Layer {
    var input: FeatureMap { get }
    var weights: Parameter { get }
}

extension PointwiseConvolution: Written {}
extension SpatialConvolution: Written {}
extension DepthwiseConvolution: Written {
    fileprivate var weights: Parameter { kernel }
}
