import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing

@Suite("Runtime term")
struct RuntimeTermTests {
    @Test("at indicators of 0 and 1 it is the estimate of the derived architecture", arguments: [
        // Measured, modelled, and modelled for want of any measurement.
        ("pixel1", 0), ("pixel1", 1), ("pixel1", 2), ("pixel3a-xnnpack", 0), ("raspberrypi4-xnnpack", 2),
    ])
    func equalsEstimate(device: String, which: Int) throws {
        let space = try [
            { try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile")) },
            { try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")) },
            { try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6]) },
        ][which]()
        let model = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device(device)))
        let term = RuntimeTerm(space: space, costModel: model)
        var random = RandomSource(seed: 8, stream: UInt64(which))
        var different: Set<Double> = []
        for _ in 0..<1000 {
            let indicators = space.randomIndicators(&random)
            let choices = zip(space.searchableLayers, indicators).map { $1.choice(in: $0) }
            let architecture = try space.architecture(name: "random", choices: choices)
            let estimate = model.estimate(architecture.network).latencyMs
            let runtime = term.milliseconds(of: indicators)
            try #require(abs(runtime - estimate) <= 1e-6 * estimate)
            different.insert(estimate)
        }
        #expect(different.count > 500, "one number for all proves nothing")
    }

    /// Costs in which every choice of three kernels and three expansions differs from every sum of others.
    private static let table = [[[1.1, 2.3, 5.2], [1.9, 3.1, 7.7], [2.8, 6.1, 13.4]], [[0.7, 1.6], [0.9, 2.9]]]

    @Test("between 0 and 1 it is the multilinear interpolation, with its gradient")
    func interpolation() {
        let term = RuntimeTerm(latencies: Self.table, fixedMilliseconds: 4)
        var random = RandomSource(seed: 9)
        func share(_ nested: [Double], _ index: Int) -> Double {
            nested[...index].reduce(1, *) * (index + 1 < nested.count ? 1 - nested[index + 1] : 1)
        }
        func interpolated(_ indicators: [LayerIndicators]) -> Double {
            zip(indicators, Self.table).reduce(4) { total, layer in
                layer.1.indices.reduce(total) { total, kernel in
                    layer.1[kernel].indices.reduce(total) { total, expansion in
                        total + layer.1[kernel][expansion] * share([1] + layer.0.kernel, kernel)
                            * share(layer.0.expansion, expansion)
                    }
                }
            }
        }
        for _ in 0..<20 {
            var indicators = [
                LayerIndicators(kernel: [0, 0], expansion: [0, 0, 0]), LayerIndicators(kernel: [0], expansion: [1, 0]),
            ]
            for layer in indicators.indices {
                for index in indicators[layer].kernel.indices { indicators[layer].kernel[index] = Double(random.uniform()) }
                for index in indicators[layer].expansion.indices {
                    indicators[layer].expansion[index] = Double(random.uniform())
                }
            }
            let (value, gradient) = term.evaluate(indicators)
            #expect(abs(value - interpolated(indicators)) < 1e-12 * value)
            #expect(term.milliseconds(of: indicators) == value)
            // It is linear in each indicator, so any step gives the derivative.
            for layer in indicators.indices {
                for path in [\LayerIndicators.kernel, \LayerIndicators.expansion] {
                    for index in indicators[layer][keyPath: path].indices {
                        var above = indicators
                        above[layer][keyPath: path][index] += 1
                        let difference = interpolated(above) - interpolated(indicators)
                        #expect(abs(gradient[layer][keyPath: path][index] - difference) < 1e-11)
                    }
                }
            }
        }
    }

    @Test("a layer that is off costs nothing, a choice what its table says")
    func corners() {
        let term = RuntimeTerm(latencies: Self.table, fixedMilliseconds: 4)
        func milliseconds(_ kernel: [Double], _ expansion: [Double]) -> Double {
            term.milliseconds(of: [
                LayerIndicators(kernel: kernel, expansion: expansion), LayerIndicators(kernel: [0], expansion: [0, 1]),
            ])
        }
        #expect(milliseconds([1, 1], [0, 1, 1]) == 4)
        #expect(abs(milliseconds([0, 1], [1, 0, 1]) - 5.1) < 1e-12)
        #expect(abs(milliseconds([1, 0], [1, 1, 0]) - 7.1) < 1e-12)
        #expect(abs(milliseconds([1, 1], [1, 1, 1]) - 17.4) < 1e-12)
    }
}
