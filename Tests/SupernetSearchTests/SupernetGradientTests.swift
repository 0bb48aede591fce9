import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing

@Suite("Gradients of a whole supernet")
struct SupernetGradientTests {
    /// Which indicators are off, by their thresholds, and which by the warm-up's drop-out.
    enum State: CaseIterable { case allOn, someOff, dropped }

    @Test("thresholds included, are the central differences of its loss", arguments: State.allCases)
    func gradients(state: State) throws {
        let space = try Spaces.tiny()
        let layers = space.searchableLayers
        var random = RandomSource(seed: 31)
        let latencies = layers.map { layer in
            layer.kernels.map { kernel in layer.expansions.map { Double(kernel * $0) + Double(random.uniform()) } }
        }
        let lambda = 0.7
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(latencies: latencies, fixedMilliseconds: 11), batch: 5, dropout: 0, seed: 4,
            context: ExecutionContext(threads: 2))
        supernet.parameters.filter { !$0.name.contains("threshold") }.draw(&random)
        supernet.network.images.values.draw(&random)
        var kept = layers.map { LayerIndicators.allOn($0) }
        switch state {
        case .allOn: break
        case .someOff:
            // A slice, the middle shell of three, a whole layer; the others stay.
            supernet.superkernels[0].expansionThresholds.value[0] = 3
            supernet.superkernels[2].kernelThresholds.value[0] = 3
            supernet.superkernels[1].expansionThresholds.value[0] = 3
            supernet.superkernels[3].expansionThresholds.value[2] = 3
        case .dropped:
            kept = space.randomIndicators(&random)
        }

        let labels = (0..<5).map { _ in Int32(random.below(3)) }
        supernet.decide(kept: kept)
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: labels, lambda: lambda)
        supernet.backward(lambda: lambda)

        let plain = PlainSupernet(
            space: space, images: PlainImages(supernet.network.images, supernet.network.images.values.doubles),
            labels: labels, smoothing: 0.1, lambda: lambda, latencies: latencies, fixedMs: 11, kept: kept)
        let names = supernet.parameters.map(\.name)
        func named(_ values: [[Double]]) -> [String: [Double]] { Dictionary(uniqueKeysWithValues: zip(names, values)) }
        let variables = supernet.parameters.map { Variable($0) }
        let base = plain.loss(named(variables.map(\.values)))
        #expect(base.decisions.map(\.indicators) == supernet.indicators)
        #expect(supernet.indicators.contains { $0.kernel.contains(0) || $0.expansion.contains(0) } == (state != .allOn))
        #expect(abs(base.loss - loss.total) < 1e-5)
        #expect(deviationsFromCentralDifferences(
            of: { plain.loss(named($0), base: base.decisions).loss }, by: variables, entries: 12) == [])
    }

    @Test("with given indicators leave the thresholds alone")
    func givenIndicators() throws {
        let space = try Spaces.tiny()
        var random = RandomSource(seed: 32)
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(
                latencies: space.searchableLayers.map { $0.kernels.map { _ in [Double](repeating: 1, count: 6) } },
                fixedMilliseconds: 1),
            batch: 4, dropout: 0, seed: 4, context: ExecutionContext(threads: 1))
        supernet.network.images.values.draw(&random)
        supernet.decide()
        supernet.network.forward(training: true)
        _ = supernet.loss(labels: [0, 1, 2, 0], lambda: 0)
        supernet.backward()
        for superkernel in supernet.superkernels {
            #expect(superkernel.kernelThresholds.gradient.values.allSatisfy { $0 == 0 })
            #expect(superkernel.expansionThresholds.gradient.values.allSatisfy { $0 == 0 })
            #expect(superkernel.kernel.gradient.values.contains { $0 != 0 })
        }
    }

    @Test("are the same where what is off is not computed", arguments: 0..<4)
    func nothingOff(seed: UInt64) throws {
        let space = try Spaces.tiny()
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(
                latencies: space.searchableLayers.map { $0.kernels.map { _ in [Double](repeating: 1, count: 6) } },
                fixedMilliseconds: 1),
            batch: 6, dropout: 0, seed: 4, context: ExecutionContext(threads: 2))
        var random = RandomSource(seed: 33, stream: seed)
        supernet.parameters.filter { !$0.name.contains("threshold") }.draw(&random)
        supernet.network.images.values.draw(&random)
        let kept = space.randomIndicators(&random)
        func pass(differentiable: Bool) -> [[Double]] {
            supernet.decide(kept: kept, differentiable: differentiable)
            for parameter in supernet.parameters { parameter.gradient.fill(100) }
            supernet.network.forward(training: true)
            _ = supernet.loss(labels: [0, 1, 2, 0, 1, 2], lambda: 0)
            supernet.backward()
            return [supernet.network.logits.values.doubles] + supernet.parameters.map(\.gradient.doubles)
        }
        let all = pass(differentiable: true), used = pass(differentiable: false)
        for (name, (one, other)) in zip(["logits"] + supernet.parameters.map(\.name), zip(used, all)) {
            // Some gradients are zero but for rounding: an offset before another normalisation.
            #expect(
                isClose(one, other, relative: 1e-4, absolute: 1e-6),
                "\(name): \(largestDifference(one, other)) of \(largest(of: other.map(abs)))")
        }
        #expect(supernet.superkernels.contains { $0.choice == .skip || $0.choice != $0.layer.choices.last })
    }
}
