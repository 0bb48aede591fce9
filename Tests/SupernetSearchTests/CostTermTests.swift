import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("Cost term of any number of axes")
struct CostTermTests {
    /// How many options each axis of each layer has, and which axis skips.
    struct Layers: CustomTestStringConvertible, Sendable {
        let counts: [[Int]]
        let skips: [Int?]
        var testDescription: String { "\(counts), skips \(skips)" }
    }

    @Test("is the multilinear interpolation of its tables, with its gradient", arguments: [
        Layers(counts: [[3]], skips: [nil]), Layers(counts: [[3, 2, 4]], skips: [nil]), Layers(counts: [[2, 2, 3]], skips: [1]),
        Layers(counts: [[2, 3, 2, 4]], skips: [nil]), Layers(counts: [[3, 2, 2, 3], [2, 3], [1, 4, 1]], skips: [1, nil, nil]),
    ], [CostQuantity.energy, .memory])
    func interpolation(of shape: Layers, quantity: CostQuantity) {
        var random = RandomSource(seed: 12, stream: UInt64(shape.counts[0].count))
        func number() -> Double { Double(random.uniform()) }
        let tables = zip(shape.counts, shape.skips).map { counts, skip in
            CostTable.Layer(counts: counts, entries: (0..<counts.reduce(1, *)).map { place in
                let stride = counts.prefix(skip ?? 0).reduce(1, *)
                // All index vectors that skip cost nothing.
                if let skip, place / stride % counts[skip] == 0 { return .zero }
                return .init(sum: number(), peak: quantity == .memory ? 2 * number() : 0)
            })
        }
        let fixed = CostTable.Part(sum: 3, peak: quantity == .memory ? 0.7 : 0)
        let axes = zip(shape.counts, shape.skips).map { counts, skip in
            var first = 0
            return counts.enumerated().map { axis, count in
                defer { first += count - 1 }
                return AxisParts(range: first..<first + count - 1, switchesLayer: axis == skip)
            }
        }
        let term = CostTerm(CostTable(quantity: quantity, fixed: fixed, layers: tables), axes: axes)
        func interpolated(_ indicators: [LayerIndicators]) -> Double {
            func values(_ path: KeyPath<CostTable.Part, Double>) -> [Double] {
                zip(tables, indicators).map { table, indicators in
                    multilinear(table.entries.map { $0[keyPath: path] }, counts: table.counts, at: indicators.values)
                }
            }
            return fixed.sum + values(\.sum).reduce(0, +) + max(fixed.peak, values(\.peak).max()!)
        }
        for round in 0..<20 {
            let indicators = axes.map { axes in
                // Some of 0 and 1, where products vanish.
                LayerIndicators((0..<axes.last!.range.upperBound).map { _ in round < 10 ? number() : Double(random.below(2)) })
            }
            #expect(abs(term.value(of: indicators) - interpolated(indicators)) < 1e-12 * term.value(of: indicators))
            var gradient = indicators.map { LayerIndicators($0.values.map { _ in 1 }) }
            term.addGradient(of: indicators, times: 2, to: &gradient)
            for layer in indicators.indices {
                for index in indicators[layer].values.indices {
                    // Within the step the same layer has the peak.
                    var above = indicators, below = indicators
                    above[layer].values[index] += 1e-5
                    below[layer].values[index] -= 1e-5
                    let difference = (interpolated(above) - interpolated(below)) / 2e-5
                    #expect(abs(gradient[layer].values[index] - (1 + 2 * difference)) < 1e-8)
                }
            }
        }
    }

    @Test("of choices is what the table says of them", arguments: [[2, 3, 2, 4], [3, 2, 2], [4, 3]])
    func corners(counts: [Int]) {
        var random = RandomSource(seed: 13)
        let entries = (0..<counts.reduce(1, *)).map { _ in CostTable.Part(sum: Double(random.uniform()), peak: 0) }
        let table = CostTable(quantity: .latency, fixed: .init(sum: 1, peak: 0), layers: [.init(counts: counts, entries: entries)])
        var first = 0
        let axes = counts.map { count in
            defer { first += count - 1 }
            return AxisParts(range: first..<first + count - 1, switchesLayer: false)
        }
        let term = CostTerm(table, axes: [axes])
        for place in entries.indices {
            var rest = place
            let options = counts.map { count in
                defer { rest /= count }
                return rest % count
            }
            let indicators = LayerIndicators(zip(counts, options).flatMap { count, option in
                (1..<count).map { $0 <= option ? 1.0 : 0 }
            })
            #expect(indicators.choice(axes) == LayerChoice(options))
            #expect(abs(term.value(of: [indicators]) - 1 - entries[place].sum) < 1e-12)
            #expect(table.value(of: [LayerChoice(options)]) == 1 + entries[place].sum)
        }
    }
}
