import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing
import Training

@Suite("Gradients of a whole supernet")
struct SupernetGradientTests {
    /// Which indicators are off, by their thresholds, and which by the warm-up's drop-out.
    enum State: CaseIterable { case allOn, someOff, dropped }

    @Test("thresholds included, are the central differences of its loss", arguments: State.allCases)
    func gradients(state: State) throws {
        // A slice, the middle shell of three, a whole layer; the others stay.
        try check(Spaces.tiny(), state: state, off: [(0, "expansion_6"), (2, "kernel_5"), (1, "expansion_3"), (3, "expansion_4")])
    }

    @Test("where kernel and expansion are chosen together, too", arguments: State.allCases)
    func coupled(state: State) throws {
        // A slice of no larger kernel before another part, a whole layer, a slice and a shell, a shell alone, and the last
        // part of a layer that may not be skipped.
        try check(
            CoupledSpaces.tiny(), state: state, off: [
                (0, "block_3x3_e3"), (1, "block_3x3_e1"), (2, "block_5x5_e3"), (3, "block_7x7_e4"),
                (4, "block_5x5_e6"),
            ])
    }

    /// - Parameter off: what is off where some parts are.
    private func check(_ space: SearchSpace, state: State, off: [(layer: Int, part: String)]) throws {
        let layers = space.searchableLayers
        var random = RandomSource(seed: 31)
        let costs = CostTable(
            quantity: .latency, fixed: .init(sum: 11, peak: 0),
            layers: layers.map { layer in layer.costs { Double($0.kernel * $0.expansion) + Double(random.uniform()) } })
        let lambda = 0.7
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(costs, layers: layers), batch: 5,
            regularization: Regularization(dropout: 0), seed: 4,
            context: ExecutionContext(threads: 2))
        supernet.parameters.filter { !$0.name.contains("threshold") }.draw(&random)
        supernet.network.images.values.draw(&random)
        var kept = layers.map { LayerIndicators.allOn($0) }
        switch state {
        case .allOn: break
        case .someOff:
            for (layer, part) in off {
                supernet.superkernels[layer].thresholds.value[space.index(ofPart: part, inLayer: layer)] = 3
            }
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
            labels: labels, smoothing: 0.1, lambda: lambda, latencies: costs.layers.map { $0.entries.map(\.sum) }, fixedMs: 11, kept: kept)
        let names = supernet.parameters.map(\.name)
        func named(_ values: [[Double]]) -> [String: [Double]] { Dictionary(uniqueKeysWithValues: zip(names, values)) }
        let variables = supernet.parameters.map { Variable($0) }
        let base = plain.loss(named(variables.map(\.values)))
        #expect(base.decisions.map(\.indicators) == supernet.indicators.map(\.values))
        #expect(supernet.indicators.contains { $0.values.contains(0) } == (state != .allOn))
        #expect(abs(base.loss - loss.total) < 1e-5)
        #expect(deviationsFromCentralDifferences(
            of: { plain.loss(named($0), base: base.decisions).loss }, by: variables, entries: 12) == [])
    }

    @Test("with given indicators leave the thresholds alone")
    func givenIndicators() throws {
        let space = try Spaces.tiny()
        var random = RandomSource(seed: 32)
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(space, fixedMilliseconds: 1) { _, _ in 1 },
            batch: 4, regularization: Regularization(dropout: 0), seed: 4, context: ExecutionContext(threads: 1))
        supernet.network.images.values.draw(&random)
        supernet.decide()
        supernet.network.forward(training: true)
        _ = supernet.loss(labels: [0, 1, 2, 0], lambda: 0)
        supernet.backward()
        for superkernel in supernet.superkernels {
            #expect(superkernel.thresholds.gradient.values.allSatisfy { $0 == 0 })
            #expect(superkernel.kernel.gradient.values.contains { $0 != 0 })
        }
    }

    @Test("are the same where what is off is not computed", arguments: 0..<4, [false, true])
    func nothingOff(seed: UInt64, isCoupled: Bool) throws {
        let space = try isCoupled ? CoupledSpaces.tiny() : Spaces.tiny()
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(space, fixedMilliseconds: 1) { _, _ in 1 },
            batch: 6, regularization: Regularization(dropout: 0), seed: 4, context: ExecutionContext(threads: 2))
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
        #expect(supernet.superkernels.contains { $0.choice != $0.layer.largest })
    }
}
