import Engine
import TestSupport
import Testing

@Suite("Pointwise convolution")
struct PointwiseConvolutionTests {
    @Test("of plain input: output and gradients", arguments: [1, 3])
    func plainInput(threads: Int) {
        let context = ExecutionContext(threads: threads)
        var random = RandomSource(seed: 3)
        let input = FeatureMap(shape: .init(batch: 2, height: 3, width: 5, channels: 7), context: context)
        let output = FeatureMap(shape: .init(batch: 2, height: 3, width: 5, channels: 5), context: context)
        let layer = PointwiseConvolution(name: "layer", input: input, output: output, context: context)
        layer.parameters.draw(&random)
        input.values.draw(&random)
        input.gradient.fill(1000)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles

        func plain(_ v: [[Double]]) -> PlainImages { PlainImages(input, v[0]).pointwise(v[1], outputs: 5) }
        layer.forward(training: true)
        layer.backward()
        #expect(isClose(output.values, plain([input.values.doubles, layer.weights.value.doubles])))
        #expect(deviationsFromCentralDifferences(
            of: { plain($0).projected(on: projection) },
            by: [Variable("input", input.values, gradient: input.gradient), Variable(layer.weights)]) == [])
    }

    @Test("adds to the input's gradient where asked to")
    func accumulation() {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 4)
        let input = FeatureMap(shape: .init(batch: 2, height: 3, width: 5, channels: 7), context: context)
        let output = FeatureMap(shape: .init(batch: 2, height: 3, width: 5, channels: 5), context: context)
        let layer = PointwiseConvolution(
            name: "layer", input: input, output: output, accumulatesInputGradient: true, context: context)
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
                return images.pointwise(v[1], outputs: 5).projected(on: projection) + images.projected(on: shortcut)
            },
            by: [Variable("input", input.values, gradient: input.gradient), Variable(layer.weights)]) == [])
    }

    /// Two convolutions, the second reading the first's output through normalisation, ReLU and, if asked for, a gate
    /// with closed, half open and open channels.
    @Test("of normalised and gated input: output and gradients", arguments: [false, true], [1, 3])
    func normalizedInput(gated: Bool, threads: Int) {
        let context = ExecutionContext(threads: threads)
        var random = RandomSource(seed: 5)
        let input = FeatureMap(shape: .init(batch: 3, height: 4, width: 5, channels: 6), context: context)
        let middle = FeatureMap(
            shape: .init(batch: 3, height: 4, width: 5, channels: 9),
            normalization: BatchNormalization(name: "normalization", channels: 9, context: context), gated: gated,
            context: context)
        let output = FeatureMap(shape: .init(batch: 3, height: 4, width: 5, channels: 5), context: context)
        let first = PointwiseConvolution(name: "first", input: input, output: middle, context: context)
        let second = PointwiseConvolution(name: "second", input: middle, output: output, context: context)
        let parameters = first.parameters + second.parameters
        parameters.draw(&random)
        input.values.draw(&random)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles
        let gate: [Float] = [1, 0, 1, 0, 0.5, 1, 1, 0, 1]
        if gated { middle.setGate(gate) }

        func plain(_ v: [[Double]]) -> PlainImages {
            let read = PlainImages(input, v[0]).pointwise(v[1], outputs: 9).normalized(scale: v[2], offset: v[3]).rectified
            return (gated ? read.times(v[5]) : read).pointwise(v[4], outputs: 5)
        }
        first.forward(training: true)
        second.forward(training: true)
        second.backward()
        first.backward()
        var variables = [Variable("input", input.values, gradient: input.gradient)] + parameters.map { Variable($0) }
        // The gate's gradient where it is closed, too, is the derivative at 0: as if the channel were read.
        if gated { variables.append(Variable("gate", gate.map(Double.init), gradient: middle.gateGradient!.doubles)) }
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
        if gated {
            let closed = middle.gateGradient!.values.enumerated().filter { gate[$0.offset] == 0 }
            #expect(closed.allSatisfy { abs($0.element) > 1e-3 }, "a closed channel must be able to open again")
        }
    }

    @Test("of more rows than a tile holds: output and gradients", arguments: [1, 2, 3])
    func manyTiles(threads: Int) {
        let context = ExecutionContext(threads: threads)
        var random = RandomSource(seed: 6)
        // 6,375 rows: at most 1,024 are in a tile, and the last of each thread is incomplete.
        let input = FeatureMap(shape: .init(batch: 17, height: 25, width: 15, channels: 3), context: context)
        let middle = FeatureMap(
            shape: .init(batch: 17, height: 25, width: 15, channels: 4),
            normalization: BatchNormalization(name: "normalization", channels: 4, context: context), context: context)
        let output = FeatureMap(shape: .init(batch: 17, height: 25, width: 15, channels: 2), context: context)
        let first = PointwiseConvolution(name: "first", input: input, output: middle, context: context)
        let second = PointwiseConvolution(name: "second", input: middle, output: output, context: context)
        let parameters = first.parameters + second.parameters
        parameters.draw(&random)
        input.values.draw(&random)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles

        func plain(_ v: [[Double]]) -> PlainImages {
            PlainImages(input, v[0]).pointwise(v[1], outputs: 4).normalized(scale: v[2], offset: v[3]).rectified
                .pointwise(v[4], outputs: 2)
        }
        first.forward(training: true)
        second.forward(training: true)
        second.backward()
        first.backward()
        let variables = [Variable("input", input.values, gradient: input.gradient)] + parameters.map { Variable($0) }
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables, entries: 40) == [])
    }
}
