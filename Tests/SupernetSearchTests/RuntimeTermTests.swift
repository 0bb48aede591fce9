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
        ("pixel1", 0), ("pixel1", 1), ("pixel1", 2), ("pixel3a", 0), ("raspberrypi4", 2),
    ])
    func equalsEstimate(device: String, which: Int) throws {
        let space = try [
            { try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile")) },
            { try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")) },
            { try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6]) },
        ][which]()
        let model = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device(device)))
        let term = RuntimeTerm(model.latencyTable(of: space), layers: space.searchableLayers)
        var random = RandomSource(seed: 8, stream: UInt64(which))
        var different: Set<Double> = []
        for _ in 0..<1000 {
            let indicators = space.randomIndicators(&random)
            let choices = zip(space.searchableLayers, indicators).map { $1.choice($0.axisParts) }
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

    /// Two layers of so many choices that may be skipped.
    private static func space() throws -> SearchSpace {
        try Spaces.space(
            "two", side: 8, stem: 4,
            stages: [
                Spaces.stage("a", layers: 1, channels: 4, stride: 1, kernels: [3, 5, 7], expansions: [1, 2, 3]),
                Spaces.stage("b", layers: 1, channels: 4, stride: 1, kernels: [3, 5], expansions: [1, 2]),
            ], head: 4, classes: 2)
    }

    private static func term(_ space: SearchSpace) -> RuntimeTerm {
        RuntimeTerm(space, fixedMilliseconds: 4) { layer, size in
            table[layer.name == "a.1" ? 0 : 1][size.kernel / 2 - 1][size.expansion - 1]
        }
    }

    @Test("between 0 and 1 it is the multilinear interpolation, with its gradient")
    func interpolation() throws {
        let space = try Self.space(), layers = space.searchableLayers, term = Self.term(space)
        var random = RandomSource(seed: 9)
        func share(_ nested: [Double], _ index: Int) -> Double {
            nested[...index].reduce(1, *) * (index + 1 < nested.count ? 1 - nested[index + 1] : 1)
        }
        func interpolated(_ indicators: [LayerIndicators]) -> Double {
            zip(layers, zip(indicators, Self.table)).reduce(4) { total, element in
                let (layer, (indicators, table)) = element
                return table.indices.reduce(total) { total, kernel in
                    table[kernel].indices.reduce(total) { total, expansion in
                        total + table[kernel][expansion] * share([1] + indicators.kernel(in: layer), kernel)
                            * share(indicators.expansion(in: layer), expansion)
                    }
                }
            }
        }
        for _ in 0..<20 {
            let indicators = layers.map { layer in LayerIndicators(layer.parts.map { _ in Double(random.uniform()) }) }
            let (value, gradient) = term.evaluate(indicators)
            #expect(abs(value - interpolated(indicators)) < 1e-12 * value)
            #expect(term.milliseconds(of: indicators) == value)
            // It is linear in each indicator, so any step gives the derivative.
            for layer in indicators.indices {
                for index in indicators[layer].values.indices {
                    var above = indicators
                    above[layer].values[index] += 1
                    let difference = interpolated(above) - interpolated(indicators)
                    #expect(abs(gradient[layer].values[index] - difference) < 1e-11)
                }
            }
        }
    }

    @Test("a layer that is off costs nothing, a choice what its table says")
    func corners() throws {
        let space = try Self.space(), layers = space.searchableLayers, term = Self.term(space)
        func milliseconds(_ kernel: [Double], _ expansion: [Double]) -> Double {
            term.milliseconds(of: [
                LayerIndicators(kernel: kernel, expansion: expansion, in: layers[0]),
                LayerIndicators(kernel: [0], expansion: [0, 1], in: layers[1]),
            ])
        }
        #expect(milliseconds([1, 1], [0, 1, 1]) == 4)
        #expect(abs(milliseconds([0, 1], [1, 0, 1]) - 5.1) < 1e-12)
        #expect(abs(milliseconds([1, 0], [1, 1, 0]) - 7.1) < 1e-12)
        #expect(abs(milliseconds([1, 1], [1, 1, 1]) - 17.4) < 1e-12)
    }
}
