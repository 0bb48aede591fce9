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
        #expect(supernet.superkernels.flatMap(\.thresholds).allSatisfy { $0 == 0 })
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
        func kernelIndicators(_ thresholds: [Double]) -> [Double] {
            for (index, threshold) in thresholds.enumerated() { superkernel.thresholds[index] = threshold }
            superkernel.decide()
            return superkernel.indicators.kernel(in: superkernel.layer)
        }
        #expect(kernelIndicators([0.99, 3.99]) == [1, 1])
        #expect(kernelIndicators([1, 4]) == [0, 0])
        #expect(kernelIndicators([1.01, 3.99]) == [0, 1])

        // A slice by the taps of the smallest kernel, which here are zero, whatever the shells.
        superkernel.thresholds = [0, 5, -0.001, -0.001, 0.001, -0.001]
        superkernel.decide()
        #expect(superkernel.indicators.expansion(in: superkernel.layer) == [1, 1, 0, 1])
        _ = kernelIndicators([0, 0])
        #expect(superkernel.indicators.expansion(in: superkernel.layer) == [1, 1, 0, 1])
    }

    @Test("use what is selected, whatever their norms, until they decide again")
    func selected() throws {
        let superkernel = try supernet().superkernels[3]
        let chosen = LayerIndicators(kernel: [1, 0], expansion: [1, 1, 0, 1], in: superkernel.layer)
        superkernel.select(chosen)
        #expect(superkernel.indicators == chosen)
        superkernel.decide()
        #expect(superkernel.indicators == .allOn(superkernel.layer))
    }

    @Test("start to decide with every part on, each as near to off as any other in parts of its norm")
    func thresholds() throws {
        let superkernel = try supernet().superkernels[3], parts = superkernel.layer.parts.count
        superkernel.startThresholds()
        superkernel.decide()
        #expect(superkernel.indicators == .allOn(superkernel.layer))
        let started = superkernel.thresholds
        #expect(started.allSatisfy { $0 > 0 })
        // The argument is a tenth of the norm, and no step takes it further off than that on either side.
        func arguments(afterStep step: Double) -> [Double] {
            superkernel.moveArguments(by: LayerIndicators([Double](repeating: step, count: parts)))
            superkernel.decide()
            return zip(started, superkernel.thresholds).map { (start, now) in (start / 0.9 - now) / (start / 0.9) }
        }
        for (step, expected, isOn) in [(-0.5, 0.05, 1.0), (-1, -0.05, 0), (-100, -0.1, 0), (0.9, -0.01, 0), (0.2, 0.01, 1), (9, 0.1, 1)] {
            let arguments = arguments(afterStep: step)
            #expect(arguments.allSatisfy { abs($0 - expected) < 1e-5 }, "\(arguments)")
            #expect(superkernel.indicators.values.allSatisfy { $0 == isOn })
        }
    }
}
