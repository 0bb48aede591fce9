import Architectures
import Testing

@Suite struct OperatorTests {
    private func shape(_ height: Int, _ width: Int, _ channels: Int) -> FeatureShape {
        FeatureShape(height: height, width: width, channels: channels)
    }

    @Test func convolution() {
        let step = Operator.convolution(
            kernel: 3, stride: 2, input: shape(224, 224, 3), outputChannels: 32, activation: .relu)
        #expect(step.output == shape(112, 112, 32))
        #expect(step.macs == 10_838_016)  // 112 * 112 * 32 * 27
        #expect(step.parameters == 864 + 64)
        #expect(step.weightBytes == 4 * (864 + 32))
        #expect(step.inputBytes == 602_112)
        #expect(step.outputBytes == 1_605_632)
        #expect(step.key == "convolution k3 s2 224x224x3->112x112x32 relu")
        #expect(step.summary == "convolution 3x3/2")
        #expect(step.epilogue.hasNormalization && !step.epilogue.hasBias)
    }

    @Test func depthwiseConvolution() {
        let step = Operator.depthwiseConvolution(kernel: 5, stride: 2, input: shape(7, 9, 6), activation: .none)
        #expect(step.output == shape(4, 5, 6))  // odd sides round up
        #expect(step.macs == 3_000)  // 4 * 5 * 6 * 25
        #expect(step.parameters == 150 + 12)
        #expect(step.weightBytes == 4 * (150 + 6))
        #expect(step.key == "depthwise_convolution k5 s2 7x9x6->4x5x6")
    }

    @Test func fullyConnected() {
        let step = Operator.fullyConnected(inputChannels: 1280, outputChannels: 1000, activation: .none)
        #expect(step.macs == 1_280_000)
        #expect(step.parameters == 1_281_000)
        #expect(step.weightBytes == 4 * 1_281_000)
        #expect(step.inputBytes == 5120 && step.outputBytes == 4000)
        #expect(step.epilogue.hasBias && !step.epilogue.hasNormalization)
    }

    @Test func operatorsWithoutWeights() {
        let map = shape(7, 7, 10)
        let pool = Operator.globalAveragePool(input: map)
        #expect(pool.output == shape(1, 1, 10))
        #expect(pool.inputBytes == 1960 && pool.outputBytes == 40)
        #expect(Operator.add(map).inputBytes == 2 * 1960 && Operator.add(map).outputBytes == 1960)
        #expect(Operator.multiply(map).inputBytes == 1960 + 40)
        for step in [pool, .add(map), .multiply(map)] {
            #expect(step.macs == 0 && step.parameters == 0 && step.weightBytes == 0)
        }
    }

    @Test func operatorsOfDifferentShapeHaveDifferentKeys() {
        var steps: [Operator] = []
        for (kernel, stride, side, width, channels) in [
            (3, 1, 8, 8, 4), (5, 1, 8, 8, 4), (3, 2, 8, 8, 4), (3, 1, 9, 8, 4), (3, 1, 8, 9, 4), (3, 1, 8, 8, 5),
        ] {
            let map = shape(side, width, channels)
            for activation in [Activation.none, .relu, .swish, .hardSwish, .sigmoid, .hardSigmoid] {
                steps.append(
                    .convolution(
                        kernel: kernel, stride: stride, input: map, outputChannels: 4, activation: activation))
                steps.append(
                    .depthwiseConvolution(kernel: kernel, stride: stride, input: map, activation: activation))
            }
            steps += [.add(map), .multiply(map), .globalAveragePool(input: map)]
        }
        #expect(Set(steps.map(\.key)).count == Set(steps).count)
    }
}
