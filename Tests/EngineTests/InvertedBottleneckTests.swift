import Engine
import TestSupport
import Testing

@Suite("Inverted bottleneck")
struct InvertedBottleneckTests {
    struct Kind: CustomTestStringConvertible {
        var shape: InvertedBottleneck.Shape
        var testDescription: String {
            "kernel \(shape.kernelSize), stride \(shape.stride), \(shape.expands ? "expanding" : "plain")"
                + (shape.residual ? ", residual" : "")
        }
    }

    /// Blocks of four input channels.
    static let kinds: [Kind] = [3, 5].flatMap { kernel in
        [(1, true, true), (1, true, false), (1, false, true), (1, false, false), (2, true, false), (2, false, false)].map {
            stride, expands, residual in
            Kind(shape: InvertedBottleneck.Shape(
                kernelSize: kernel, stride: stride, hiddenChannels: expands ? 10 : 4, outputChannels: residual ? 4 : 6,
                expands: expands, residual: residual))
        }
    }

    enum Gates: CaseIterable {
        case none, open, someClosed, branchClosed
    }

    @Test("output and gradients, gates included", arguments: kinds, Gates.allCases)
    func gradients(kind: Kind, gates: Gates) { checkGradients(of: kind.shape, gates: gates) }

    @Test("output and gradients with a ceiling of ReLU", arguments: kinds)
    func gradientsBelowACeiling(kind: Kind) {
        var shape = kind.shape
        shape.ceiling = 0.75
        checkGradients(of: shape, gates: .none)
    }

    private func checkGradients(of shape: InvertedBottleneck.Shape, gates: Gates) {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 13)
        let input = FeatureMap(shape: .init(batch: 3, height: 5, width: 4, channels: 4), context: context)
        let block = InvertedBottleneck(
            name: "block", shape: shape, input: input, gated: gates != .none,
            gradients: SharedGradients(expanded: 600, hidden: 600), context: context)
        block.parameters.draw(&random)
        input.values.draw(&random)
        input.gradient.fill(1000)
        block.output.gradient.draw(&random)
        let projection = block.output.gradient.doubles
        let gate = (0..<shape.hiddenChannels).map { Float(gates == .someClosed && $0 % 3 == 1 ? 0 : 1) }
        if gates != .none { block.hidden.setGate(gate) }
        block.branch.gate = gates == .branchClosed ? 0 : 1

        func plain(_ v: [[Double]]) -> PlainImages {
            var parameters = v.dropFirst(3).makeIterator()
            return PlainImages(input, v[0]).invertedBottleneck(
                shape, gate: v[1], branchGate: v[2][0], next: { parameters.next()! })
        }
        block.forward(training: true)
        block.backward()
        let variables = [
            Variable("input", input.values, gradient: input.gradient),
            Variable("gate", gate.map(Double.init), gradient: block.hidden.gateGradient?.doubles),
            Variable("branch gate", [Double(block.branch.gate)], gradient: [Double(block.branch.gateGradient)]),
        ] + block.parameters.map { Variable($0) }
        #expect(isClose(block.output.values, plain(variables.map(\.values))))
        #expect(deviationsFromCentralDifferences(of: { plain($0).projected(on: projection) }, by: variables) == [])
    }

    /// A gated block with settled running statistics, in which some channels and perhaps the branch are closed.
    private func gatedBlock(_ random: inout RandomSource) -> (input: FeatureMap, block: InvertedBottleneck) {
        let context = ExecutionContext(threads: 2)
        let input = FeatureMap(shape: .init(batch: 2, height: 5, width: 5, channels: 6), context: context)
        let block = InvertedBottleneck(
            name: "block",
            shape: InvertedBottleneck.Shape(
                kernelSize: 3, stride: 1, hiddenChannels: 36, outputChannels: 6, expands: true, residual: true),
            input: input, gated: true, gradients: SharedGradients(expanded: 1800, hidden: 1800), context: context)
        block.parameters.draw(&random)
        for _ in 0..<3 {
            input.values.draw(&random)
            block.forward(training: true)
        }
        return (input, block)
    }

    @Test("with its branch closed is its input, bit for bit", arguments: [false, true])
    func closedBranch(training: Bool) {
        var random = RandomSource(seed: 14)
        let (input, block) = gatedBlock(&random)
        block.branch.gate = 0
        block.forward(training: training)
        #expect(block.output.values.bits == input.values.bits)
    }

    @Test("what is in closed channels changes no bit of the output")
    func closedChannels() {
        var random = RandomSource(seed: 15)
        let (_, block) = gatedBlock(&random)
        let closed = [1, 2, 17] + Array(20..<36)
        block.hidden.setGate((0..<36).map { closed.contains($0) ? 0 : 1 })
        block.forward(training: false)
        let before = block.output.values.bits

        let expansion = block.expansion!
        for channel in closed {
            for row in 0..<6 { expansion.weights.value[row * 36 + channel] = 50 * random.normal() }
            for tap in 0..<9 { block.depthwise.kernel.value[tap * 36 + channel] = 50 * random.normal() }
            for column in 0..<6 { block.projection.weights.value[channel * 6 + column] = 50 * random.normal() }
            for normalization in [expansion.output.normalization!, block.hidden.normalization!] {
                normalization.weight.value[channel] = 50 * random.normal()
                normalization.bias.value[channel] = 50 * random.normal()
                normalization.runningMean[channel] = 50 * random.normal()
                normalization.runningVar[channel] = 50 * random.uniform()
            }
        }
        block.forward(training: false)
        #expect(block.output.values.bits == before)

        block.hidden.setGate((0..<36).map { _ in 1 })
        block.forward(training: false)
        #expect(block.output.values.bits != before, "they do count when they are open")
    }

    @Test("with closed channels is the block that never had them")
    func narrowerBlock() {
        var random = RandomSource(seed: 16)
        let (input, block) = gatedBlock(&random)
        block.hidden.setGate((0..<36).map { $0 < 18 ? 1 : 0 })
        block.forward(training: false)

        let context = ExecutionContext(threads: 2)
        let copy = FeatureMap(shape: .init(batch: 2, height: 5, width: 5, channels: 6), context: context)
        copy.values.copy(from: input.values)
        var shape = block.shape
        shape.hiddenChannels = 18
        let narrow = InvertedBottleneck(
            name: "narrow", shape: shape, input: copy, gradients: SharedGradients(expanded: 900, hidden: 900), context: context)
        for (from, to) in zip(block.parameters, narrow.parameters) {
            // The hidden channels are the innermost side but for the projection's weights, where they are outermost.
            let hiddenIsInnermost = from.shape.last == 36
            to.value.write(from.value.values.enumerated().filter { index, _ in
                hiddenIsInnermost ? index % 36 < 18 : index < to.value.count
            }.map(\.element))
        }
        for (from, to) in zip(block.normalizations, narrow.normalizations) {
            to.runningMean.write(Array(from.runningMean.values.prefix(to.channels)))
            to.runningVar.write(Array(from.runningVar.values.prefix(to.channels)))
        }
        narrow.forward(training: false)
        #expect(relativeDistance(narrow.output.values.doubles, block.output.values.doubles) < 1e-6)
    }

    /// What a block of six input channels makes of the same images, weights and output gradient: values and gradients,
    /// then running statistics.
    private func pass(
        _ shape: InvertedBottleneck.Shape, prepare: (InvertedBottleneck) -> Void
    ) -> (values: [[Double]], statistics: [[Double]], gates: [Double]) {
        let context = ExecutionContext(threads: 2)
        var random = RandomSource(seed: 17)
        let input = FeatureMap(shape: .init(batch: 3, height: 6, width: 5, channels: 6), context: context)
        let block = InvertedBottleneck(
            name: "block", shape: shape, input: input, gated: true,
            gradients: SharedGradients(expanded: 90 * shape.hiddenChannels, hidden: 90 * shape.hiddenChannels),
            context: context)
        block.parameters.draw(&random)
        input.values.draw(&random)
        block.output.gradient.draw(&random)
        prepare(block)
        block.forward(training: true)
        block.backward()
        return (
            [block.output.values.doubles, input.gradient.doubles] + block.parameters.map(\.gradient.doubles),
            block.normalizations.flatMap { [$0.runningMean.doubles, $0.runningVar.doubles] },
            block.hidden.gateGradient!.doubles + [Double(block.branch.gateGradient)])
    }

    @Test("runs as a part of itself as it does with the rest closed", arguments: [1, 2], [3, 5])
    func part(stride: Int, kernelSize: Int) {
        let shape = InvertedBottleneck.Shape(
            kernelSize: 5, stride: stride, hiddenChannels: 36, outputChannels: stride == 1 ? 6 : 10, expands: true,
            residual: stride == 1)
        func closeRest(_ block: InvertedBottleneck) {
            for tap in 0..<25 where max(abs(tap / 5 - 2), abs(tap % 5 - 2)) > kernelSize / 2 {
                for channel in 0..<36 { block.depthwise.kernel.value[tap * 36 + channel] = 0 }
            }
            block.hidden.setGate((0..<36).map { $0 < 18 ? 1 : 0 })
        }
        let closed = pass(shape, prepare: closeRest)
        let part = pass(shape) { block in
            closeRest(block)
            block.prepare(.part(kernelSize: kernelSize, hiddenChannels: 18))
            block.extent = .part(kernelSize: kernelSize, hiddenChannels: 18)
        }
        for (index, (own, other)) in zip(part.values, closed.values).enumerated() {
            var other = other
            // The kernel's taps outside of the part have no gradient.
            if other.count == 25 * 36 {
                for tap in 0..<25 where max(abs(tap / 5 - 2), abs(tap % 5 - 2)) > kernelSize / 2 {
                    for channel in 0..<36 { other[tap * 36 + channel] = 0 }
                }
            }
            #expect(relativeDistance(own, other) < 1e-5, "tensor \(index)")
            #expect(own.contains { $0 != 0 })
        }
        for (index, (own, other)) in zip(part.statistics, closed.statistics).enumerated() {
            let channels = own.count == 36 ? 18 : own.count
            #expect(relativeDistance(Array(own.prefix(channels)), Array(other.prefix(channels))) < 1e-5)
            #expect(own.dropFirst(channels).allSatisfy { $0 == (index % 2 == 0 ? 0 : 1) }, "closed channels are not seen")
        }
    }

    @Test("knows the gradients of closed gates without running what is behind them", arguments: [1, 2], [3, 5])
    func probed(stride: Int, kernelSize: Int) {
        let shape = InvertedBottleneck.Shape(
            kernelSize: 5, stride: stride, hiddenChannels: 30, outputChannels: stride == 1 ? 6 : 10, expands: true,
            residual: stride == 1)
        for branchGate: Float in stride == 1 ? [1, 0] : [1] {
            func close(_ block: InvertedBottleneck) {
                for tap in 0..<25 where max(abs(tap / 5 - 2), abs(tap % 5 - 2)) > kernelSize / 2 {
                    for channel in 0..<30 { block.depthwise.kernel.value[tap * 30 + channel] = 0 }
                }
                block.hidden.setGate((0..<30).map { $0 < 12 ? 1 : 0 })
                block.branch.gate = branchGate
            }
            let whole = pass(shape, prepare: close)
            let probed = pass(shape) { block in
                close(block)
                block.prepare(.probed(hiddenChannels: 12))
                block.depthwise.usedKernelSize = kernelSize
                block.extent = .probed(hiddenChannels: 12)
            }
            for (index, (own, other)) in zip(probed.values, whole.values).enumerated() {
                #expect(relativeDistance(own, other) < 1e-5, "tensor \(index)")
            }
            #expect(relativeDistance(probed.gates, whole.gates) < 1e-5)
            #expect(probed.gates.dropLast().contains { $0 != 0 } == (branchGate == 1))
            if branchGate == 1 {
                for (own, other) in zip(probed.statistics, whole.statistics) {
                    #expect(relativeDistance(own, other) < 1e-5)
                }
            }
        }
    }

    @Test("runs as nothing as it does with its branch closed")
    func nothing() {
        let shape = InvertedBottleneck.Shape(
            kernelSize: 3, stride: 1, hiddenChannels: 36, outputChannels: 6, expands: true, residual: true)
        let closed = pass(shape) { $0.branch.gate = 0 }
        let nothing = pass(shape) { $0.extent = .none }
        #expect(nothing.values == closed.values)
        #expect(nothing.values.dropFirst(2).allSatisfy { $0.allSatisfy { $0 == 0 } })
        #expect(nothing.statistics != closed.statistics, "nothing was computed")
    }
}
