import Engine
import TestSupport
import Testing

@Suite("Branch output")
struct BranchOutputTests {
    @Test("output and gradients, the gate's among them", arguments: [0, 0.5, 1] as [Float], [false, true])
    func gradients(gate: Float, hasShortcut: Bool) {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 11)
        func map(_ channels: Int, normalization: BatchNormalization? = nil, gradient: Storage? = nil) -> FeatureMap {
            FeatureMap(
                shape: .init(batch: 3, height: 3, width: 5, channels: channels), normalization: normalization,
                gradient: gradient, context: context)
        }
        let input = map(4), shortcut = map(7)
        let output = map(7, gradient: shortcut.gradient)
        let projected = map(
            7, normalization: BatchNormalization(name: "normalization", channels: 7, context: context),
            gradient: shortcut.gradient)
        let convolution = PointwiseConvolution(name: "convolution", input: input, output: projected, context: context)
        let branch = BranchOutput(
            name: "branch", projected: projected, shortcut: hasShortcut ? shortcut : nil, output: output, context: context)
        branch.gate = gate
        convolution.parameters.draw(&random)
        input.values.draw(&random)
        shortcut.values.draw(&random)
        output.gradient.draw(&random)
        let projection = output.gradient.doubles

        func plain(_ v: [[Double]]) -> PlainImages {
            let branch = PlainImages(input, v[0]).pointwise(v[1], outputs: 7).normalized(scale: v[2], offset: v[3])
                .times([Double](repeating: v[4][0], count: 7))
            return hasShortcut ? branch.plus(PlainImages(shortcut, shortcut.values.doubles)) : branch
        }
        convolution.forward(training: true)
        branch.forward(training: true)
        branch.backward()
        #expect(output.gradient.doubles == projection, "the gradient of the shortcut is that of the output")
        convolution.backward()
        let variables = [Variable("input", input.values, gradient: input.gradient)]
            + convolution.parameters.map { Variable($0) }
            + [Variable("gate", [Double(gate)], gradient: [Double(branch.gateGradient)])]
        #expect(isClose(output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
        #expect(abs(branch.gateGradient) > 1e-3, "a closed branch must be able to open again")
    }

    @Test("with its gate closed is the shortcut, bit for bit", arguments: [false, true])
    func closed(training: Bool) {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 12)
        let shortcut = FeatureMap(shape: .init(batch: 2, height: 3, width: 3, channels: 5), context: context)
        let output = FeatureMap(
            shape: .init(batch: 2, height: 3, width: 3, channels: 5), gradient: shortcut.gradient, context: context)
        let projected = FeatureMap(
            shape: .init(batch: 2, height: 3, width: 3, channels: 5),
            normalization: BatchNormalization(name: "normalization", channels: 5, context: context),
            gradient: shortcut.gradient, context: context)
        let convolution = PointwiseConvolution(name: "convolution", input: shortcut, output: projected, context: context)
        let branch = BranchOutput(name: "branch", projected: projected, shortcut: shortcut, output: output, context: context)
        convolution.parameters.draw(&random)
        shortcut.values.draw(&random)
        shortcut.values[0] = -0.0
        shortcut.values[1] = .leastNonzeroMagnitude
        shortcut.values[7] = -.leastNormalMagnitude
        shortcut.values[11] = 1e30
        branch.gate = 0
        convolution.forward(training: training)
        branch.forward(training: training)
        #expect(output.values.bits == shortcut.values.bits)
    }
}
