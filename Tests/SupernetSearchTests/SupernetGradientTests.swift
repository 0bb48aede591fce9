import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing
import Training

@Suite("Gradients of a whole supernet")
struct SupernetGradientTests {
    @Test("are the central differences of its loss, as are the derivatives by its parts", arguments: [false, true], 0..<3)
    func gradients(isCoupled: Bool, seed: UInt64) throws {
        let space = try isCoupled ? CoupledSpaces.tiny() : Spaces.tiny(), layers = space.searchableLayers
        var random = RandomSource(seed: 31, stream: seed)
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(space, fixedMilliseconds: 1) { _, _ in 1 }, batch: 5,
            regularization: Regularization(dropout: 0), seed: 4, context: ExecutionContext(threads: 2))
        supernet.parameters.draw(&random)
        supernet.network.images.values.draw(&random)
        let indicators = seed == 0 ? layers.map { LayerIndicators.allOn($0) } : space.randomIndicators(&random)
        let labels = (0..<5).map { _ in Int32(random.below(3)) }
        supernet.select(indicators, probing: true)
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: labels, lambda: 0)
        supernet.backward(probing: true)

        let plain = PlainSupernet(
            space: space, images: PlainImages(supernet.network.images, supernet.network.images.values.doubles),
            labels: labels, smoothing: 0.1)
        let names = supernet.parameters.map(\.name)
        func named(_ values: [[Double]]) -> [String: [Double]] { Dictionary(uniqueKeysWithValues: zip(names, values)) }
        let variables = supernet.parameters.map { Variable($0) }
        let products = zip(layers, indicators).map { layer, indicators in
            layer.axisParts.flatMap { axis in axis.range.map { indicators.values[axis.range.lowerBound...$0].reduce(1, *) } }
        }
        let values = named(variables.map(\.values))
        #expect(abs(plain.crossEntropy(values, products: products) - loss.crossEntropy) < 1e-5)
        #expect(indicators.contains { $0.values.contains(0) } == (seed > 0))
        #expect(deviationsFromCentralDifferences(
            of: { plain.crossEntropy(named($0), products: products) }, by: variables, entries: 12) == [])

        // A derivative says nothing where an earlier part of its axis is off, or the layer is skipped.
        var compared = 0
        for (index, layer) in layers.enumerated() {
            let isPresent = layer.size(of: supernet.choices[index]) != nil
            for axis in layer.axisParts where isPresent || axis.switchesLayer {
                let open = indicators[index].values[axis.range].prefix { $0 == 1 }.count
                for part in axis.range.prefix(open + 1) {
                    func crossEntropy(_ change: Double) -> Double {
                        var changed = products
                        changed[index][part] += change
                        return plain.crossEntropy(values, products: changed)
                    }
                    let expected = (crossEntropy(1e-7) - crossEntropy(-1e-7)) / 2e-7
                    let found = supernet.superkernels[index].derivatives.values[part]
                    #expect(abs(found - expected) < 1e-3 * abs(expected) + 2e-5, "\(layer.name) \(layer.parts[part].name)")
                    compared += 1
                }
            }
        }
        #expect(compared > layers.count)
    }

    @Test("are the same where what is off is not computed", arguments: 0..<4, [false, true])
    func nothingOff(seed: UInt64, isCoupled: Bool) throws {
        let space = try isCoupled ? CoupledSpaces.tiny() : Spaces.tiny()
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(space, fixedMilliseconds: 1) { _, _ in 1 },
            batch: 6, regularization: Regularization(dropout: 0), seed: 4, context: ExecutionContext(threads: 2))
        var random = RandomSource(seed: 33, stream: seed)
        supernet.parameters.draw(&random)
        supernet.network.images.values.draw(&random)
        let kept = space.randomIndicators(&random)
        func pass(probing: Bool) -> [[Double]] {
            supernet.select(kept, probing: probing)
            for parameter in supernet.parameters { parameter.gradient.fill(100) }
            supernet.network.forward(training: true)
            _ = supernet.loss(labels: [0, 1, 2, 0, 1, 2], lambda: 0)
            supernet.backward(probing: probing)
            return [supernet.network.logits.values.doubles] + supernet.parameters.map(\.gradient.doubles)
        }
        let all = pass(probing: true), used = pass(probing: false)
        for (name, (one, other)) in zip(["logits"] + supernet.parameters.map(\.name), zip(used, all)) {
            // Some gradients are zero but for rounding: an offset before another normalisation.
            #expect(
                isClose(one, other, relative: 1e-4, absolute: 1e-6),
                "\(name): \(largestDifference(one, other)) of \(largest(of: other.map(abs)))")
        }
        #expect(supernet.superkernels.contains { $0.choice != $0.layer.largest })
    }
}
