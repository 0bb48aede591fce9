import Engine
import TestSupport
import Testing

@Suite("Depthwise convolution")
struct DepthwiseConvolutionTests {
    /// More than 128 channels are convolved in several groups.
    @Test("of plain input: output and gradients", arguments: [1, 3, 5, 7], [1, 2])
    func plainInput(size: Int, stride: Int) {
        for (threads, channels) in [(1, 5), (3, 5), (2, 130)] {
            let context = ExecutionContext(threads: threads)
            var random = RandomSource(seed: 7)
            let input = FeatureMap(shape: .init(batch: 2, height: 5, width: 4, channels: channels), context: context)
            let output = FeatureMap(
                shape: .init(
                    batch: 2, height: (5 + stride - 1) / stride, width: (4 + stride - 1) / stride, channels: channels),
                context: context)
            let layer = DepthwiseConvolution(
                name: "layer", input: input, output: output,
                window: ConvolutionWindow(kernelSize: size, stride: stride), context: context)
            layer.parameters.draw(&random)
            input.values.draw(&random)
            input.gradient.fill(1000)
            output.gradient.draw(&random)
            let projection = output.gradient.doubles

            func plain(_ v: [[Double]]) -> PlainImages { PlainImages(input, v[0]).depthwise(v[1], size: size, stride: stride) }
            layer.forward(training: true)
            layer.backward()
            #expect(isClose(output.values, plain([input.values.doubles, layer.kernel.value.doubles])))
            let deviations = deviationsFromCentralDifferences(
                of: { plain($0).projected(on: projection) },
                by: [Variable("input", input.values, gradient: input.gradient), Variable(layer.kernel)], entries: 100)
            #expect(deviations == [], "\(channels) channels")
        }
    }

    @Test("adds to the input's gradient where asked to")
    func accumulation() {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 8)
        let input = FeatureMap(shape: .init(batch: 3, height: 4, width: 5, channels: 6), context: context)
        let output = FeatureMap(shape: .init(batch: 3, height: 4, width: 5, channels: 6), context: context)
        let layer = DepthwiseConvolution(
            name: "layer", input: input, output: output, window: ConvolutionWindow(kernelSize: 3),
            accumulatesInputGradient: true, context: context)
        layer.parameters.draw(&random)
        input.values.draw(&random)
        input.gradient.draw(&random)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles, shortcut = input.gradient.doubles

        layer.forward(training: true)
        layer.backward()
        #expect(deviationsFromCentralDifferences(
            of: { v in
                let images = PlainImages(input, v[0])
                return images.depthwise(v[1], size: 3, stride: 1).projected(on: projection) + images.projected(on: shortcut)
            },
            by: [Variable("input", input.values, gradient: input.gradient), Variable(layer.kernel)]) == [])
    }

    @Test("between normalised maps: output and gradients", arguments: [3, 5], [1, 2])
    func normalizedMaps(size: Int, stride: Int) {
        for (threads, channels) in [(1, 6), (3, 20), (2, 136)] {
            let context = ExecutionContext(threads: threads)
            var random = RandomSource(seed: 9)
            func map(_ side: Int, _ channels: Int, normalization: String? = nil) -> FeatureMap {
                FeatureMap(
                    shape: .init(batch: 4, height: side, width: side, channels: channels),
                    normalization: normalization.map { BatchNormalization(name: $0, channels: channels, context: context) },
                    context: context)
            }
            let outputSide = (5 + stride - 1) / stride
            let input = map(5, 3), wide = map(5, channels, normalization: "wide")
            let narrow = map(outputSide, channels, normalization: "narrow"), output = map(outputSide, channels)
            let layers: [Layer] = [
                PointwiseConvolution(name: "first", input: input, output: wide, context: context),
                DepthwiseConvolution(
                    name: "second", input: wide, output: narrow,
                    window: ConvolutionWindow(kernelSize: size, stride: stride), context: context),
                Activation(input: narrow, output: output, context: context),
            ]
            let parameters = layers.flatMap(\.parameters)
            parameters.draw(&random)
            input.values.draw(&random)
            output.gradient.draw(&random)
            let projection = output.gradient.doubles

            func plain(_ v: [[Double]]) -> PlainImages {
                PlainImages(input, v[0]).pointwise(v[1], outputs: channels).normalized(scale: v[2], offset: v[3]).rectified
                    .depthwise(v[4], size: size, stride: stride).normalized(scale: v[5], offset: v[6]).rectified
            }
            for layer in layers { layer.forward(training: true) }
            for layer in layers.reversed() { layer.backward() }
            let variables = [Variable("input", input.values, gradient: input.gradient)] + parameters.map { Variable($0) }
            #expect(isClose(output.values, plain(variables.map(\.values))))
            #expect(deviationsFromCentralDifferences(
                of: { plain($0).projected(on: projection) }, by: variables, entries: 40) == [], "\(channels) channels")
        }
    }

    @Test("with the middle of its kernel, after the whole was used, is as with zeros around it", arguments: [1, 2])
    func middle(stride: Int) {
        // Neither is a whole number of vectors: what lies beside the weights must not come into the sums.
        for channels in [20, 72] {
            func pass(usesMiddle: Bool) -> [[Double]] {
                let context = ExecutionContext(threads: 2)
                var random = RandomSource(seed: 10)
                func map(_ side: Int, _ name: String) -> FeatureMap {
                    FeatureMap(
                        shape: .init(batch: 4, height: side, width: side, channels: channels),
                        normalization: BatchNormalization(name: name, channels: channels, context: context),
                        context: context)
                }
                let side = 7, outputSide = (side + stride - 1) / stride
                let images = FeatureMap(
                    shape: .init(batch: 4, height: side, width: side, channels: 3), context: context)
                let wide = map(side, "wide"), narrow = map(outputSide, "narrow")
                let output = FeatureMap(
                    shape: .init(batch: 4, height: outputSide, width: outputSide, channels: channels), context: context)
                let depthwise = DepthwiseConvolution(
                    name: "second", input: wide, output: narrow,
                    window: ConvolutionWindow(kernelSize: 5, stride: stride), context: context)
                let layers: [Layer] = [
                    PointwiseConvolution(name: "first", input: images, output: wide, context: context), depthwise,
                    Activation(input: narrow, output: output, context: context),
                ]
                let parameters = layers.flatMap(\.parameters)
                parameters.draw(&random)
                images.values.draw(&random)
                func run() {
                    output.gradient.draw(&random)
                    for layer in layers { layer.forward(training: true) }
                    for layer in layers.reversed() { layer.backward() }
                }
                run()
                for tap in 0..<25 where max(abs(tap / 5 - 2), abs(tap % 5 - 2)) > 1 {
                    for channel in 0..<channels { depthwise.kernel.value[tap * channels + channel] = 0 }
                }
                if usesMiddle { depthwise.usedKernelSize = 3 }
                run()
                return [output.values.doubles, images.gradient.doubles] + parameters.map(\.gradient.doubles)
            }
            for (index, (own, other)) in zip(pass(usesMiddle: true), pass(usesMiddle: false)).enumerated() {
                #expect(relativeDistance(own, other) < 1e-5, "tensor \(index) of \(channels) channels")
            }
        }
    }
}
