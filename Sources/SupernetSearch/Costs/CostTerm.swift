import Architectures
import HardwareProfiles

/// The predicted cost of the network that indicators select, in any quantity, and its derivative by each of them.
///
/// A layer's cost is the multilinear interpolation of its cost table over the indicators of its parts; a network's is their
/// sum and, of peak memory, the largest arena, whose derivative is that of the layer which has it. At indicators of 0 and 1 it
/// is the table's entry of the choice that they make.
///
///     let term = CostTerm(costModel.latencyTable(of: space), layers: space.searchableLayers)
///     let cost = term.value(of: indicators)
package struct CostTerm: Sendable {
    /// The costs of one layer's choices, multilinear in the layer's indicators.
    ///
    /// With p₀ = 1 and p_i the product of an axis's first i indicators, the cost is Σ p_i · q_j · … · Δ_{ij…} over all index
    /// vectors, where Δ is the mixed difference of the table: what the last option on every axis adds beyond what the axes add
    /// one by one. With two axes it is T(i, j) − T(i − 1, j) − T(i, j − 1) + T(i − 1, j − 1).
    struct LayerCosts: Sendable {
        private let axes: [AxisParts]
        private let counts: [Int]
        /// The first axis runs fastest.
        private let differences: [Double]

        /// - Parameter table: of every index vector, the first axis running fastest.
        init(_ table: [Double], axes: [AxisParts]) {
            self.axes = axes
            let counts = axes.map { $0.range.count + 1 }
            self.counts = counts
            precondition(table.count == counts.reduce(1, *), "CostTerm: \(table.count) costs for axes of \(counts) options")
            var strides: [Int] = [], stride = 1
            for count in counts {
                strides.append(stride)
                stride *= count
            }
            differences = table.indices.map { place in
                var difference = 0.0
                // Every subset of the axes on which there is an option before, one lower on each of the subset.
                subsets: for subset in 0..<1 << counts.count {
                    var lower = place, sign = 1.0
                    for axis in counts.indices where subset >> axis & 1 == 1 {
                        if place / strides[axis] % counts[axis] == 0 { continue subsets }
                        lower -= strides[axis]
                        sign = -sign
                    }
                    difference += sign * table[lower]
                }
                return difference
            }
        }

        /// The layer's cost.
        func value(of indicators: LayerIndicators) -> Double { sum(of: indicators, upTo: counts.count, from: 0, differences.count) }

        /// Adds `factor` times the cost's derivative by every indicator to `gradient`.
        func addGradient(of indicators: LayerIndicators, times factor: Double, to gradient: inout LayerIndicators) {
            for (axis, parts) in axes.enumerated() {
                for index in parts.range.indices {
                    let byPart = NestedProducts.derivative(at: index - parts.range.lowerBound, of: indicators.values[parts.range]) {
                        sum(of: indicators, upTo: counts.count, from: 0, differences.count, held: (axis, $0 + 1))
                    }
                    gradient.values[index] += factor * byPart
                }
            }
        }

        /// The differences weighted by the products of the first axes.
        ///
        /// - Parameters:
        ///   - end: how many axes.
        ///   - first, count: where their differences begin, and how many there are.
        ///   - held: an axis, and the option that counts alone on it, once, in place of its products.
        private func sum(
            of indicators: LayerIndicators, upTo end: Int, from first: Int, _ count: Int, held: (axis: Int, option: Int)? = nil
        ) -> Double {
            guard end > 0 else { return differences[first] }
            let axis = end - 1, below = count / counts[axis]
            func sum(_ option: Int) -> Double {
                self.sum(of: indicators, upTo: axis, from: first + option * below, below, held: held)
            }
            if let held, held.axis == axis { return sum(held.option) }
            var total = sum(0), product = 1.0
            for index in axes[axis].range {
                product *= indicators.values[index]
                total += product * sum(index - axes[axis].range.lowerBound + 1)
            }
            return total
        }
    }

    private let fixed: CostTable.Part
    private let sums: [LayerCosts]
    /// Empty in quantities that only add up.
    private let peaks: [LayerCosts]

    /// - Parameters:
    ///   - costs: of the choices of a space's layers.
    ///   - layers: these.
    package init(_ costs: CostTable, layers: [SearchSpace.Layer]) { self.init(costs, axes: layers.map(\.axisParts)) }

    /// - Parameters:
    ///   - costs: of the choices of some layers.
    ///   - axes: of each of these.
    package init(_ costs: CostTable, axes: [[AxisParts]]) {
        func tables(_ path: KeyPath<CostTable.Part, Double>) -> [LayerCosts] {
            zip(axes, costs.layers).map { axes, table in
                LayerCosts(table.entries.map { $0[keyPath: path] }, axes: axes)
            }
        }
        fixed = costs.fixed
        sums = tables(\.sum)
        peaks = costs.layers.allSatisfy { $0.entries.allSatisfy { $0.peak == 0 } } ? [] : tables(\.peak)
    }

    /// The cost of what indicators select, layer by layer.
    package func value(of indicators: some Collection<LayerIndicators>) -> Double {
        precondition(
            indicators.count == sums.count,
            "CostTerm: indicators of \(indicators.count) layers for a space of \(sums.count)")
        let sum = zip(sums, indicators).reduce(fixed.sum) { $0 + $1.0.value(of: $1.1) }
        return sum + (highest(indicators)?.value ?? fixed.peak)
    }

    /// Adds `factor` times the cost's derivative by every indicator to `gradient`, layer by layer.
    package func addGradient(
        of indicators: some Collection<LayerIndicators>, times factor: Double, to gradient: inout [LayerIndicators]
    ) {
        for (index, selected) in indicators.enumerated() {
            sums[index].addGradient(of: selected, times: factor, to: &gradient[index])
        }
        guard let highest = highest(indicators) else { return }
        peaks[highest.layer].addGradient(
            of: indicators[indicators.index(indicators.startIndex, offsetBy: highest.layer)], times: factor,
            to: &gradient[highest.layer])
    }

    /// The layer with the largest peak; nil where none is above what is fixed.
    private func highest(_ indicators: some Collection<LayerIndicators>) -> (layer: Int, value: Double)? {
        var highest: (layer: Int, value: Double)?
        for (index, (layer, selected)) in zip(peaks, indicators).enumerated() {
            let value = layer.value(of: selected)
            if value > highest?.value ?? fixed.peak { highest = (index, value) }
        }
        return highest
    }
}
