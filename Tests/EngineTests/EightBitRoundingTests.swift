import Engine
import TestSupport
import Testing

@Suite("Rounding to eight bits")
struct EightBitRoundingTests {
    /// A convolution, its normalised output, and what ReLU makes of it.
    private struct Layers {
        let convolution: PointwiseConvolution
        let middle: FeatureMap
        let output: FeatureMap
        let activation: Activation

        init(random: inout RandomSource) {
            let context = ExecutionContext(threads: 2)
            let images = FeatureMap(shape: .init(batch: 4, height: 5, width: 4, channels: 3), context: context)
            let normalization = BatchNormalization(name: "normalization", channels: 7, context: context)
            middle = FeatureMap(
                shape: .init(batch: 4, height: 5, width: 4, channels: 7), normalization: normalization, context: context)
            output = FeatureMap(shape: .init(batch: 4, height: 5, width: 4, channels: 7), context: context)
            convolution = PointwiseConvolution(name: "convolution", input: images, output: middle, context: context)
            activation = Activation(input: middle, output: output, context: context)
            convolution.parameters.draw(&random)
            images.values.draw(&random)
        }
    }

    @Test("of a normalised map lets its reader see at most 256 even values, each by half a step from what it was")
    func maps() {
        var random = RandomSource(seed: 3)
        let layers = Layers(random: &random)
        layers.convolution.forward(training: true)
        layers.activation.forward(training: true)
        let before = layers.output.values.doubles
        layers.middle.roundToEightBits(isActivated: true)
        layers.activation.forward(training: true)
        let after = layers.output.values.doubles
        let step = before.max()! / 255
        #expect(before.max()! > 0.5 && zip(before, after).contains { $0 != $1 })
        #expect(largestDifference(before, after) < 0.501 * step)
        // The reader multiplies and adds again, which rounds.
        #expect(largest(of: after.map { abs($0 / step - ($0 / step).rounded()) }) < 1e-3)
        #expect(zip(before, after).allSatisfy { $0 > 0 || $1 == 0 })
    }

    @Test("of a plain map has 0 among its values, and leaves a map of zeros alone")
    func plain() {
        var random = RandomSource(seed: 4)
        let map = FeatureMap(
            shape: .init(batch: 2, height: 3, width: 5, channels: 6), context: ExecutionContext(threads: 2))
        map.roundToEightBits(isActivated: false)
        #expect(map.values.values.allSatisfy { $0 == 0 })
        map.values.draw(&random, mean: 0.7)
        map.values.pointer[17] = 0
        let before = map.values.doubles
        map.roundToEightBits(isActivated: false)
        let after = map.values.doubles
        let step = (before.max()! - before.min()!) / 255
        #expect(after[17] == 0)
        #expect(largestDifference(before, after) < 1.01 * step)
        #expect(Set(after.map { ($0 / step).rounded() }).count > 30)
        #expect(largest(of: after.map { abs($0 / step - ($0 / step).rounded()) }) < 1e-3)
    }

    @Test("of weights keeps the largest of each output channel, and brings all of them back")
    func weights() {
        var random = RandomSource(seed: 5)
        let parameter = Parameter(name: "weights", shape: [5, 4])
        parameter.value.draw(&random)
        for row in 0..<5 { parameter.value.pointer[row * 4 + 2] = 0 }
        let before = parameter.value.values
        let weights = RoundedWeights([parameter])
        weights.round()
        let after = parameter.value.values
        for channel in [0, 1, 3] {
            let own = stride(from: channel, to: 20, by: 4).map { before[$0] }
            let step = own.map(abs).max()! / 127
            for (row, value) in own.enumerated() {
                #expect(after[row * 4 + channel] == (value / step).rounded(.toNearestOrEven) * step)
            }
        }
        #expect((0..<5).allSatisfy { after[$0 * 4 + 2] == 0 } && after != before)
        weights.round()
        #expect(parameter.value.values == after)
        weights.restore()
        #expect(parameter.value.values == before)
    }

    @Test("under ReLU6 the steps are those of 0 to 6, and what is cut off stays cut off")
    func ceiling() {
        let context = ExecutionContext(threads: 2)
        let normalization = BatchNormalization(name: "normalization", channels: 4, ceiling: 6, context: context)
        let images = FeatureMap(shape: .init(batch: 4, height: 5, width: 4, channels: 3), context: context)
        let middle = FeatureMap(
            shape: .init(batch: 4, height: 5, width: 4, channels: 4), normalization: normalization, context: context)
        let output = FeatureMap(shape: .init(batch: 4, height: 5, width: 4, channels: 4), context: context)
        let convolution = PointwiseConvolution(name: "convolution", input: images, output: middle, context: context)
        let activation = Activation(input: middle, output: output, context: context)
        var random = RandomSource(seed: 8)
        convolution.parameters.draw(&random)
        images.values.draw(&random)
        normalization.weight.value.fill(10)
        convolution.forward(training: true)
        activation.forward(training: true)
        let before = output.values.doubles
        #expect(before.contains(6) && before.contains(0) && before.contains { $0 > 0 && $0 < 6 })
        middle.roundToEightBits(isActivated: true)
        activation.forward(training: true)
        let after = output.values.doubles, step = 6.0 / 255
        #expect(largestDifference(before, after) < 0.501 * step)
        #expect(largest(of: after.map { abs($0 / step - ($0 / step).rounded()) }) < 1e-3)
        // Gradients pass where they passed before.
        #expect(zip(before, after).allSatisfy { ($0 > 0) == ($1 > 0) && ($0 < 6) == ($1 < 6) || abs($0 - 6) < step })
    }
}
