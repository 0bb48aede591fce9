import Engine
import TestSupport
import Testing

@Suite("Activation")
struct ActivationTests {
    @Test("stores what a normalised map is read as, and passes its gradient through", arguments: [Float.infinity, 1])
    func gradients(ceiling: Float) {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 41)
        let images = FeatureMap(shape: .init(batch: 3, height: 5, width: 4, channels: 3), context: context)
        let normalization = BatchNormalization(name: "normalization", channels: 7, ceiling: ceiling, context: context)
        let middle = FeatureMap(
            shape: .init(batch: 3, height: 5, width: 4, channels: 7), normalization: normalization, context: context)
        let output = FeatureMap(shape: .init(batch: 3, height: 5, width: 4, channels: 7), context: context)
        let convolution = PointwiseConvolution(name: "convolution", input: images, output: middle, context: context)
        let layers: [Layer] = [convolution, Activation(input: middle, output: output, context: context)]
        convolution.parameters.draw(&random)
        images.values.draw(&random)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles
        func plain(_ v: [[Double]]) -> PlainImages {
            PlainImages(images, v[0]).pointwise(v[1], outputs: 7).normalized(scale: v[2], offset: v[3])
                .rectified(upTo: ceiling)
        }
        for layer in layers { layer.forward(training: true) }
        for layer in layers.reversed() { layer.backward() }
        let variables = [Variable("input", images.values, gradient: images.gradient)]
            + convolution.parameters.map { Variable($0) }
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(output.values.doubles.contains(Double(ceiling)) == ceiling.isFinite)
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
    }
}
