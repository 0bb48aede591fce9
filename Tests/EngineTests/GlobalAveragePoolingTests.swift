import Engine
import TestSupport
import Testing

@Suite("Global average pooling")
struct GlobalAveragePoolingTests {
    @Test("of plain and normalised input: output and gradients", arguments: [false, true], [1, 3])
    func gradients(normalized: Bool, threads: Int) {
        let context = ExecutionContext(threads: threads)
        var random = RandomSource(seed: 17)
        let images = FeatureMap(shape: .init(batch: 4, height: 3, width: 5, channels: 3), context: context)
        let input = FeatureMap(
            shape: .init(batch: 4, height: 3, width: 5, channels: 7),
            normalization: normalized ? BatchNormalization(name: "normalization", channels: 7, context: context) : nil,
            context: context)
        let output = FeatureMap(shape: .init(batch: 4, height: 1, width: 1, channels: 7), context: context)
        let convolution = PointwiseConvolution(name: "convolution", input: images, output: input, context: context)
        let layers: [Layer] = [convolution, GlobalAveragePooling(input: input, output: output, context: context)]
        convolution.parameters.draw(&random)
        images.values.draw(&random)
        input.gradient.fill(1000)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles

        func plain(_ v: [[Double]]) -> PlainImages {
            let convolved = PlainImages(images, v[0]).pointwise(v[1], outputs: 7)
            return (normalized ? convolved.normalized(scale: v[2], offset: v[3]).rectified : convolved).pooled
        }
        for layer in layers { layer.forward(training: true) }
        for layer in layers.reversed() { layer.backward() }
        let variables = [Variable("images", images.values, gradient: images.gradient)]
            + convolution.parameters.map { Variable($0) }
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
    }
}
