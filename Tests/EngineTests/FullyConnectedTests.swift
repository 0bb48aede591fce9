import Engine
import TestSupport
import Testing

@Suite("Fully connected")
struct FullyConnectedTests {
    @Test("output and gradients", arguments: [1, 2, 7])
    func gradients(threads: Int) {
        let context = ExecutionContext(threads: threads)
        var random = RandomSource(seed: 18)
        // With seven threads, some have no row.
        let input = FeatureMap(shape: .init(batch: 5, height: 1, width: 1, channels: 9), context: context)
        let output = FeatureMap(shape: .init(batch: 5, height: 1, width: 1, channels: 4), context: context)
        let layer = FullyConnected(name: "layer", input: input, output: output, context: context)
        layer.parameters.draw(&random)
        input.values.draw(&random)
        input.gradient.fill(1000)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles

        func plain(_ v: [[Double]]) -> PlainImages {
            PlainImages(input, v[0]).pointwise(v[1], outputs: 4)
                .plus(PlainImages(output, (0..<20).map { v[2][$0 % 4] }))
        }
        layer.forward(training: true)
        layer.backward()
        let variables = [Variable("input", input.values, gradient: input.gradient)] + layer.parameters.map { Variable($0) }
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
    }
}
