import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing
import Training

@Suite("Superkernels")
struct SuperkernelTests {
    private func supernet() throws -> Supernet {
        let space = try Spaces.tiny()
        return Supernet(
            space: space,
            runtime: RuntimeTerm(space, fixedMilliseconds: 1) { Double($1.kernel * $1.expansion) },
            batch: 12, regularization: Regularization(dropout: 0), seed: 1, context: ExecutionContext(threads: 2))
    }

    @Test("start with everything in use")
    func start() throws {
        let supernet = try supernet()
        #expect(supernet.indicators == supernet.space.searchableLayers.map { LayerIndicators.allOn($0) })
        #expect(supernet.derivedArchitecture(name: supernet.space.largest.name) == supernet.space.largest)
        #expect(supernet.superkernels.flatMap { $0.thresholds.value.values }.allSatisfy { $0 == 0 })
    }

    @Test("compare the mean square of a part with its threshold")
    func norms() throws {
        let supernet = try supernet()
        let superkernel = supernet.superkernels[3]
        let channels = superkernel.kernel.shape[2]
        #expect(superkernel.kernel.shape == [7, 7, 36])
        // Shells of ones and twos: mean squares of exactly 1 and 4; the core zero.
        for tap in 0..<49 {
            let distance = max(abs(tap / 7 - 3), abs(tap % 7 - 3))
            for channel in 0..<channels { superkernel.kernel.value[tap * channels + channel] = [0, 0, 1, 2][distance] }
        }
        func kernelIndicators(_ thresholds: [Float]) -> [Double] {
            for (index, threshold) in thresholds.enumerated() { superkernel.thresholds.value[index] = threshold }
            superkernel.decide()
            return superkernel.indicators.kernel(in: superkernel.layer)
        }
        #expect(kernelIndicators([0.99, 3.99]) == [1, 1])
        #expect(kernelIndicators([1, 4]) == [0, 0])
        #expect(kernelIndicators([1.01, 3.99]) == [0, 1])

        // A slice is measured after the shells are decided, over all taps: 16 · 1 of 49 without the outer shell.
        _ = kernelIndicators([0, 5])
        superkernel.thresholds.value.write([0, 5, 0, 16 / 49 - 0.001, 16 / 49 + 0.001, 0])
        superkernel.decide()
        #expect(superkernel.indicators.expansion(in: superkernel.layer) == [1, 1, 0, 1])
        _ = kernelIndicators([0, 0])
        #expect(superkernel.indicators.expansion(in: superkernel.layer) == [1, 1, 1, 1])
    }

    @Test("drop what the warm-up does not keep, and only that")
    func drops() throws {
        let superkernel = try supernet().superkernels[3]
        let kept = LayerIndicators(kernel: [1, 0], expansion: [1, 1, 0, 1], in: superkernel.layer)
        superkernel.decide(kept: kept)
        #expect(superkernel.indicators == kept)
        superkernel.decide()
        #expect(superkernel.indicators == .allOn(superkernel.layer))
    }

    @Test("an indicator that is off comes back on where the images want it", arguments: ["kernel", "slice", "layer"])
    func comesBack(part: String) throws {
        let supernet = try supernet()
        let layer = part == "layer" ? 1 : 0, superkernel = supernet.superkernels[layer]
        let names = ["kernel": "kernel_5", "slice": "expansion_6", "layer": "expansion_3"]
        let place = supernet.space.index(ofPart: try #require(names[part]), inLayer: layer)
        // With a slice's threshold those of all slices are raised, and with a shell's those of all shells.
        let raised = superkernel.layer.parts.indices.filter {
            superkernel.layer.parts[$0].name.hasPrefix("kernel") == (part == "kernel")
        }
        func indicator() -> Double { superkernel.indicators.values[place] }
        var random = RandomSource(seed: 3)
        supernet.network.images.values.draw(&random)
        let labels = (0..<12).map { _ in Int32(random.below(3)) }
        let optimizer = RMSProp(parameters: supernet.parameters, context: supernet.network.context)
        func step(deciding: Bool) -> Double {
            supernet.network.forward(training: true)
            let loss = supernet.loss(labels: labels, lambda: 0)
            if deciding { supernet.backward(lambda: 0) } else { supernet.backward() }
            optimizer.update(learningRate: 0.01)
            supernet.decide()
            return loss.crossEntropy
        }
        // The network learns to rely on the part, which is then taken away.
        var learnt = 0.0
        for _ in 0..<60 { learnt = step(deciding: false) }
        for index in raised { superkernel.thresholds.value[index] = 0.15 }
        supernet.decide()
        #expect(indicator() == 0)
        #expect(step(deciding: true) > learnt, "it is missed")
        #expect(indicator() == 0)
        var steps = 0
        while indicator() == 0, steps < 500 {
            _ = step(deciding: true)
            steps += 1
        }
        #expect(indicator() == 1)
    }
}
