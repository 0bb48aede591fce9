import Architectures
import Engine
import SupernetSearch
import Testing
import TestSupport

@Suite("Differences that parts make")
struct PartDifferencesTests {
    /// Layers with a kernel, an expansion and, the second of them, a skip.
    private let layers: [SearchSpace.Layer]

    init() throws { layers = try SmallRuns.space().searchableLayers }

    /// Observations of a loss that is quadratic in the product of each part, with noise of the derivatives.
    private func observed(_ worths: [[Double]], steps: Int, noise: Double, seed: UInt64) -> PartDifferences {
        var random = RandomSource(seed: seed), differences = PartDifferences(layers: layers)
        for _ in 0..<steps {
            let indicators = layers.map { layer in LayerIndicators(layer.parts.map { _ in Double(random.below(2)) }) }
            // The loss is stationary where the part is on: its derivative is 0 there and twice the difference where it is off.
            let derivatives = zip(indicators, worths).map { indicators, worths in
                LayerIndicators(zip(indicators.values, worths).map { on, worth in
                    (on == 1 ? 0 : 2 * worth) + noise * Double(random.normal())
                })
            }
            differences.observe(derivatives, under: indicators)
        }
        return differences
    }

    private func random(_ seed: UInt64) -> [[Double]] {
        var random = RandomSource(seed: seed)
        return layers.map { layer in layer.parts.map { _ in -0.02 + 0.01 * Double(random.normal()) } }
    }

    @Test("are the mean of the derivatives while on and off: exact where the loss is quadratic")
    func quadratic() {
        let worths = random(1), differences = observed(worths, steps: 400, noise: 0, seed: 2)
        for (layer, worths) in worths.enumerated() {
            for (part, worth) in worths.enumerated() {
                let found = differences.difference(layer: layer, part: part)
                #expect(found.map { abs($0 - worth) < 1e-12 } == true)
            }
        }
        #expect(differences.believed.joined().elementsEqual(worths.joined()) { abs($0 - $1) < 1e-6 })
    }

    @Test("of parts that no value reaches are 0, and tell nothing of the others")
    func withoutEffect() {
        let worths = random(5)
        // As the shells of two kernels over maps of a pixel.
        func hasNoEffect(_ layer: Int, _ part: Int) -> Bool { part == 0 && layer >= 2 }
        #expect(layers.count == 4)
        var random = RandomSource(seed: 6), differences = PartDifferences(layers: layers)
        for _ in 0..<400 {
            let indicators = layers.map { layer in LayerIndicators(layer.parts.map { _ in Double(random.below(2)) }) }
            let derivatives = indicators.enumerated().map { layer, indicators in
                LayerIndicators(indicators.values.enumerated().map { part, on in
                    hasNoEffect(layer, part) ? 0 : (on == 1 ? 0 : 2 * worths[layer][part]) + 0.01 * Double(random.normal())
                })
            }
            differences.observe(derivatives, under: indicators)
        }
        for (layer, believed) in differences.believed.enumerated() {
            for (part, found) in believed.enumerated() {
                if hasNoEffect(layer, part) { #expect(found == 0) } else { #expect(abs(found - worths[layer][part]) < 0.005) }
            }
        }
    }

    @Test("are not known before a part was seen on and off; then the mean of the others is believed")
    func unknown() {
        var differences = PartDifferences(layers: layers)
        #expect(differences.difference(layer: 0, part: 0) == nil)
        #expect(differences.believed.joined().allSatisfy { $0 < 0 }, "parts do not harm as a rule")
        let on = layers.map { LayerIndicators.allOn($0) }
        for _ in 0..<20 { differences.observe(on, under: on) }
        #expect(differences.difference(layer: 0, part: 0) == nil)
        // Nor is a part that comes after one of its axis that is off, or that belongs to a layer that is skipped.
        var off = on
        for layer in off.indices { off[layer].values = off[layer].values.map { _ in 0 } }
        for _ in 0..<20 { differences.observe(on, under: off) }
        for (index, layer) in layers.enumerated() {
            for axis in layer.axisParts {
                for part in axis.range {
                    let isSeen = part == axis.range.lowerBound && (!layer.maySkip || axis.switchesLayer)
                    #expect((differences.difference(layer: index, part: part) != nil) == isSeen)
                }
            }
        }
    }

    @Test("are not told by networks that skip a layer and keep an equal one after it, nor by skipping the second of two that are off")
    func equalLayers() throws {
        // Places 1 and 2 are equal layers.
        let layers = try Spaces.quick().searchableLayers, derivatives = layers.map { LayerIndicators.allOn($0) }
        let skip = try #require(layers[1].axisParts.first { $0.switchesLayer }).range.lowerBound
        func indicators(_ first: Double, _ second: Double) -> [LayerIndicators] {
            var indicators = layers.map { LayerIndicators.allOn($0) }
            indicators[1].values[skip] = first
            indicators[2].values[skip] = second
            return indicators
        }
        var differences = PartDifferences(layers: layers)
        for _ in 0..<20 { differences.observe(derivatives, under: indicators(1, 1)) }
        for _ in 0..<20 { differences.observe(derivatives, under: indicators(0, 0)) }
        #expect(differences.difference(layer: 1, part: skip) == 1)
        #expect(differences.difference(layer: 2, part: skip) == nil)
        for _ in 0..<20 { differences.observe(derivatives, under: indicators(1, 0)) }
        #expect(differences.difference(layer: 2, part: skip) == 1)
    }

    @Test("are drawn to their mean as far as they are uncertain, which makes them truer")
    func shrunk() {
        let worths = random(3)
        var raw = 0.0, believed = 0.0
        for seed in 0..<20 {
            let differences = observed(worths, steps: 60, noise: 0.08, seed: UInt64(seed))
            for (layer, worths) in worths.enumerated() {
                for (part, worth) in worths.enumerated() {
                    guard let difference = differences.difference(layer: layer, part: part) else { continue }
                    let uncertainty = differences.uncertainty(layer: layer, part: part)
                    #expect(uncertainty > 0.002 && uncertainty < 0.05)
                    raw += (difference - worth) * (difference - worth)
                    let shrunk = differences.believed[layer][part]
                    believed += (shrunk - worth) * (shrunk - worth)
                }
            }
        }
        #expect(believed < 0.8 * raw, "\(believed) against \(raw)")
    }
}

@Suite("Exploration")
struct ExplorationTests {
    @Test("draws each other option of an axis equally often, at first often and later seldom")
    func options() throws {
        let layers = try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6]).searchableLayers
        let exploration = Exploration(layers: layers), steps = 3000
        var random = RandomSource(seed: 7)
        let first = Exploration.atFirst, later = Exploration.later
        for (progress, expected) in [(0.0, first), (0.25, (first + later) / 2), (0.5, later), (1, later)] {
            #expect(abs(Exploration.probability(at: progress) - expected) < 1e-12)
            var changed = 0, axes = 0, counts: [Int: Int] = [:]
            for _ in 0..<steps {
                var indicators = layers.map { LayerIndicators.allOn($0) }
                exploration.apply(to: &indicators, at: progress, random: &random)
                for (layer, indicators) in zip(layers, indicators) {
                    for axis in layer.axisParts where !axis.switchesLayer {
                        let values = Array(indicators.values[axis.range]), open = values.prefix { $0 == 1 }.count
                        #expect(values.dropFirst(open).allSatisfy { $0 == 0 }, "options are nested")
                        axes += 1
                        if open < values.count { changed += 1 }
                        if values.count == 3, open < 3 { counts[open, default: 0] += 1 }
                    }
                }
            }
            let share = Double(changed) / Double(axes)
            #expect(abs(share - expected) < 5 * (expected / Double(axes)).squareRoot())
            let all = counts.values.reduce(0, +)
            #expect(counts.count == 3)
            for count in counts.values { #expect(abs(Double(count) - Double(all) / 3) < 5 * (Double(all) / 3).squareRoot()) }
        }
    }

    @Test("skips layers seldom all the time, equal ones last ones first", arguments: [0, 0.5, 1])
    func depths(progress: Double) throws {
        // The first layer of each of its two stages may not be skipped; the other two are equal.
        let layers = try Spaces.quick().searchableLayers, exploration = Exploration(layers: layers), steps = 4000
        var random = RandomSource(seed: 9), depths: [String: Int] = [:]
        for _ in 0..<steps {
            var indicators = layers.map { LayerIndicators.allOn($0) }
            // Of two equal layers, the selection skips the first, which is the same as skipping the second.
            indicators[4] = LayerIndicators(indicators[4].values.map { _ in 0 })
            exploration.apply(to: &indicators, at: progress, random: &random)
            let present = zip(layers, indicators).map { $0.size(of: $1.choice($0.axisParts)) == nil ? "-" : "1" }.joined()
            depths[present, default: 0] += 1
        }
        func count(_ form: (String) -> Bool) -> Double { Double(depths.filter { form($0.key) }.values.reduce(0, +)) }
        let usual = (1 - Exploration.later) * (1 - Exploration.later)
        let expectedForms: [(Int, [String])] = [(1, ["11", "1-", "--"]), (4, ["1-", "11", "--"])]
        for (stage, forms) in expectedForms {
            for (form, probability) in zip(forms, [usual, (1 - usual) / 2, (1 - usual) / 2]) {
                let expected: Double = probability * Double(steps)
                let found = count { $0.dropFirst(stage).prefix(2) == form }
                #expect(abs(found - expected) < 5 * expected.squareRoot(), "\(depths)")
            }
        }
    }

    @Test("has nothing to draw on an axis with one option")
    func oneOption() throws {
        let layers = try Spaces.quick(kernels: [3], expansions: [6]).searchableLayers
        let exploration = Exploration(layers: layers)
        var random = RandomSource(seed: 7), skipped = 0
        for _ in 0..<200 {
            var indicators = layers.map { LayerIndicators.allOn($0) }
            exploration.apply(to: &indicators, at: 0, random: &random)
            // What is left to decide is whether a layer is skipped.
            for (layer, indicators) in zip(layers, indicators) {
                #expect(indicators.values.count == (layer.maySkip ? 1 : 0))
                skipped += indicators.values.count { $0 == 0 }
            }
        }
        #expect(skipped > 0)
    }
}
