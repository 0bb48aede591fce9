import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing
import Training

@Suite("Derivation")
struct DerivationTests {
    private func supernet(_ space: SearchSpace, batch: Int) -> Supernet {
        Supernet(
            space: space,
            runtime: RuntimeTerm(space, fixedMilliseconds: 1) { Double($1.kernel * $1.expansion) },
            batch: batch, seed: 1, context: ExecutionContext(threads: 2))
    }

    @Test("a supernet and the network derived from it give the same logits", arguments: 0..<4)
    func sameLogits(which: Int) throws {
        let space = try [
            Spaces.tiny, { try Spaces.quick() }, { try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")) },
            CoupledSpaces.tiny,
        ][which]()
        let supernet = supernet(space, batch: 3)
        var random = RandomSource(seed: UInt64(which), stream: 5)
        for normalization in supernet.network.normalizations {
            normalization.weight.value.draw(&random, mean: 1, deviation: 0.2)
            normalization.bias.value.draw(&random, deviation: 0.2)
        }
        // Running statistics of many passes over images, so that values have the sizes of a trained network.
        for _ in 0..<150 {
            supernet.network.images.values.draw(&random)
            supernet.network.forward(training: true)
        }
        var skipped = 0, narrowed = 0
        for _ in 0..<25 {
            let indicators = space.randomIndicators(&random)
            supernet.select(indicators)
            supernet.network.forward(training: false)
            let derived = supernet.derivedNetwork(name: "derived", batch: 3)
            derived.images.values.copy(from: supernet.network.images.values)
            derived.forward(training: false)
            let apart = largestDifference(derived.logits.values.values, supernet.network.logits.values.values)
            #expect(apart < 1e-4, "\(indicators)")
            #expect(derived.logits.values.values.contains { abs($0) > 1e-2 }, "logits of nothing prove nothing")
            for (layer, choice) in zip(space.searchableLayers, supernet.superkernels.map(\.choice)) {
                if layer.size(of: choice) == nil { skipped += 1 } else if choice != layer.largest { narrowed += 1 }
            }
        }
        #expect(skipped > 0 && narrowed > 0)
    }

    @Test("every choice of every layer comes back as itself")
    func choices() throws {
        for space in try [Spaces.tiny(), CoupledSpaces.tiny()] { try choices(of: space) }
    }

    private func choices(of space: SearchSpace) throws {
        let supernet = supernet(space, batch: 2)
        let rounds = space.searchableLayers.map(\.choices.count).max()!
        for round in 0..<rounds {
            let choices = space.searchableLayers.map { $0.choices[round % $0.choices.count] }
            supernet.select(choices)
            #expect(supernet.superkernels.map(\.choice) == choices)
            let derived = supernet.derivedArchitecture(name: "derived")
            #expect(try derived == space.architecture(name: "derived", choices: choices))
        }
    }

    @Test("what is nested in something that is off does not count")
    func nested() throws {
        let layer = try Spaces.tiny().searchableLayers[3]
        #expect(layer.kernels == [3, 5, 7] && layer.expansions == [1, 2, 4, 6] && layer.maySkip)
        func size(_ kernel: [Double], _ expansion: [Double]) -> BlockSize? {
            layer.size(of: LayerIndicators(kernel: kernel, expansion: expansion, in: layer).choice(layer.axisParts))
        }
        #expect(size([0, 1], [1, 1, 1, 1]) == BlockSize(kernel: 3, expansion: 6))
        #expect(size([1, 0], [1, 0, 1, 1]) == BlockSize(kernel: 5, expansion: 1))
        #expect(size([1, 1], [1, 1, 0, 1]) == BlockSize(kernel: 7, expansion: 2))
        #expect(size([1, 1], [0, 1, 1, 1]) == nil)
    }
}
