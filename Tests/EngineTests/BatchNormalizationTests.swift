import Engine
import TestSupport
import Testing

@Suite("Batch normalisation")
struct BatchNormalizationTests {
    /// A convolution, whose weights are those of a unit matrix, into a normalised map, and its reading.
    private final class Reader {
        let images, output: FeatureMap
        let normalization: BatchNormalization
        private let layers: [Layer]

        init(threads: Int = 2, batch: Int = 4, channels: Int = 5) {
            let context = ExecutionContext(threads: threads)
            func map(_ normalization: BatchNormalization? = nil) -> FeatureMap {
                FeatureMap(
                    shape: .init(batch: batch, height: 3, width: 5, channels: channels), normalization: normalization,
                    context: context)
            }
            normalization = BatchNormalization(name: "normalization", channels: channels, context: context)
            images = map()
            output = map()
            let middle = map(normalization)
            let convolution = PointwiseConvolution(name: "convolution", input: images, output: middle, context: context)
            for channel in 0..<channels { convolution.weights.value[channel * channels + channel] = 1 }
            layers = [convolution, Activation(input: middle, output: output, context: context)]
        }

        func forward(training: Bool) {
            for layer in layers { layer.forward(training: training) }
        }

        var plain: PlainImages { PlainImages(images, images.values.doubles) }
    }

    @Test("starts as the identity: mean 0, variance 1, scale 1, offset 0")
    func start() {
        let reader = Reader()
        #expect(reader.normalization.weight.value.values == [1, 1, 1, 1, 1])
        #expect(reader.normalization.bias.value.values == [0, 0, 0, 0, 0])
        #expect(reader.normalization.runningMean.values == [0, 0, 0, 0, 0])
        #expect(reader.normalization.runningVar.values == [1, 1, 1, 1, 1])
        #expect(!reader.normalization.weight.decays && !reader.normalization.bias.decays)
        #expect(BatchNormalization.eps == 1e-3 && BatchNormalization.momentum == 0.99)
    }

    @Test("in training uses the batch's mean and biased variance", arguments: [1, 2, 3])
    func training(threads: Int) {
        var random = RandomSource(seed: 28)
        let reader = Reader(threads: threads)
        let parameters = [reader.normalization.weight, reader.normalization.bias]
        parameters.draw(&random)
        reader.images.values.draw(&random, mean: 2, deviation: 3)
        reader.forward(training: true)
        #expect(isClose(
            reader.output.values,
            reader.plain.normalized(scale: parameters[0].value.doubles, offset: parameters[1].value.doubles).rectified))
    }

    @Test("running statistics move by a hundredth of the distance, towards the unbiased variance")
    func runningStatistics() {
        var random = RandomSource(seed: 29)
        let reader = Reader()
        var means = [Double](repeating: 0, count: 5), variances = [Double](repeating: 1, count: 5)
        for step in 0..<5 {
            reader.images.values.draw(&random, mean: Float(step), deviation: 4)
            reader.forward(training: true)
            let moments = reader.plain.moments
            for channel in 0..<5 {
                means[channel] += 0.01 * (moments.means[channel] - means[channel])
                variances[channel] += 0.01 * (moments.variances[channel] * 60 / 59 - variances[channel])
            }
        }
        #expect(relativeDistance(reader.normalization.runningMean.doubles, means) < 1e-5)
        #expect(relativeDistance(reader.normalization.runningVar.doubles, variances) < 1e-5)
    }

    @Test("in evaluation uses the running statistics and leaves them alone")
    func evaluation() {
        var random = RandomSource(seed: 30)
        let reader = Reader()
        let normalization = reader.normalization
        [normalization.weight, normalization.bias].draw(&random)
        normalization.runningMean.draw(&random)
        normalization.runningVar.write([0, 0.5, 1, 4, 100])
        reader.images.values.draw(&random, mean: 1)
        let means = normalization.runningMean.values
        reader.forward(training: false)
        #expect(isClose(
            reader.output.values,
            reader.plain.normalized(
                means: normalization.runningMean.doubles, variances: normalization.runningVar.doubles,
                scale: normalization.weight.value.doubles, offset: normalization.bias.value.doubles).rectified))
        #expect(normalization.runningMean.values == means)
        #expect(normalization.runningVar.values == [0, 0.5, 1, 4, 100])
    }

    @Test("an image's output in evaluation does not depend on the others of its batch")
    func independence() {
        var random = RandomSource(seed: 31)
        let reader = Reader()
        reader.normalization.runningMean.draw(&random)
        reader.images.values.draw(&random)
        reader.forward(training: false)
        let before = reader.output.values.bits.prefix(75)
        for index in 75..<300 { reader.images.values[index] = random.normal() }
        reader.forward(training: false)
        #expect(reader.output.values.bits.prefix(75) == before)
    }

    @Test("a constant channel normalises to its offset")
    func constantChannel() {
        let reader = Reader()
        reader.images.values.fill(3)
        reader.normalization.bias.value.fill(0.25)
        reader.forward(training: true)
        #expect(reader.output.values.values.allSatisfy { abs($0 - 0.25) < 1e-3 })
    }

    @Test("a mean thirty times the deviation costs little precision")
    func largeMean() {
        var random = RandomSource(seed: 32)
        let reader = Reader(batch: 100)
        reader.images.values.draw(&random, mean: 30)
        reader.forward(training: true)
        let expected = reader.plain.normalized(
            scale: [Double](repeating: 1, count: 5), offset: [Double](repeating: 0, count: 5)).rectified
        // The variance is a difference of sums 900 times as large: 900 · 2⁻²⁴ of it may be rounding, a few times over.
        #expect(relativeDistance(reader.output.values.doubles, expected.values) < 1e-3)
    }
}
