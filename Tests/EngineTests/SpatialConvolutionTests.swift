import Engine
import TestSupport
import Testing

@Suite("Spatial convolution")
struct SpatialConvolutionTests {
    @Test("output and gradients of the weights and the normalisation", arguments: [1, 3, 5], [1, 2])
    func gradients(size: Int, stride: Int) {
        for threads in [1, 3] {
            let context = ExecutionContext(threads: threads)
            var random = RandomSource(seed: 10)
            let input = FeatureMap(shape: .init(batch: 3, height: 6, width: 7, channels: 3), context: context)
            let height = (6 + stride - 1) / stride, width = (7 + stride - 1) / stride
            let middle = FeatureMap(
                shape: .init(batch: 3, height: height, width: width, channels: 5),
                normalization: BatchNormalization(name: "normalization", channels: 5, context: context), context: context)
            let output = FeatureMap(shape: .init(batch: 3, height: height, width: width, channels: 5), context: context)
            let layer = SpatialConvolution(
                name: "layer", input: input, output: middle,
                window: ConvolutionWindow(kernelSize: size, stride: stride), context: context)
            let activation = Activation(input: middle, output: output, context: context)
            layer.parameters.draw(&random)
            input.values.draw(&random)
            output.gradient.draw(&random)
            let images = PlainImages(input, input.values.doubles), projection = output.gradient.doubles

            func plain(_ v: [[Double]]) -> PlainImages {
                images.spatial(v[0], size: size, stride: stride, outputs: 5).normalized(scale: v[1], offset: v[2]).rectified
            }
            layer.forward(training: true)
            activation.forward(training: true)
            activation.backward()
            layer.backward()
            let variables = layer.parameters.map { Variable($0) }
            #expect(isClose(output.values, plain(variables.map(\.values))))
            #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
        }
    }
}
