import Architectures
import HardwareProfiles

/// The predicted cost of the network that indicators select, in any quantity, and its derivative by each of them.
///
/// A layer's cost is the multilinear interpolation of the costs of its choices; a network's is their sum and, of peak
/// memory, the largest arena, whose derivative is that of the layer which has it.
///
///     let term = CostTerm(costs, space: space)
///     let cost = term.value(of: indicators)
package struct CostTerm: Sendable {
    /// The costs of one layer's choices, multilinear in the layer's indicators.
    struct LayerCosts: Sendable {
        /// T(k₁, e_j) − T(k₁, e_{j−1}) for each expansion, T(·, e₀) = 0.
        let slices: [Double]
        /// For each expansion and each shell, the second difference Δ.
        let shells: [[Double]]

        /// - Parameter table: kernels × expansions.
        init(_ table: [[Double]]) {
            let expansions = table[0].indices
            func cost(_ kernel: Int, _ expansion: Int) -> Double { expansion < 0 ? 0 : table[kernel][expansion] }
            slices = expansions.map { cost(0, $0) - cost(0, $0 - 1) }
            shells = expansions.map { expansion in
                table.indices.dropLast().map { kernel in
                    cost(kernel + 1, expansion) - cost(kernel, expansion)
                        - cost(kernel + 1, expansion - 1) + cost(kernel, expansion - 1)
                }
            }
        }

        /// The layer's cost.
        func value(of indicators: LayerIndicators) -> Double {
            var total = 0.0, on = 1.0
            for (slice, indicator) in indicators.expansion.enumerated() {
                on *= indicator
                total += on * cost(ofSlice: slice, indicators)
            }
            return total
        }

        /// Adds `factor` times the cost's derivative by every indicator to `gradient`.
        func addGradient(of indicators: LayerIndicators, times factor: Double, to gradient: inout LayerIndicators) {
            for index in indicators.expansion.indices {
                gradient.expansion[index] += factor * NestedProducts.derivative(at: index, of: indicators.expansion[...]) {
                    cost(ofSlice: $0, indicators)
                }
            }
            for index in indicators.kernel.indices {
                gradient.kernel[index] += factor * NestedProducts.derivative(at: index, of: indicators.kernel[...]) {
                    cost(ofShell: $0, indicators)
                }
            }
        }

        private func cost(ofSlice slice: Int, _ indicators: LayerIndicators) -> Double {
            var cost = slices[slice], on = 1.0
            for (shell, indicator) in indicators.kernel.enumerated() {
                on *= indicator
                cost += on * shells[slice][shell]
            }
            return cost
        }

        private func cost(ofShell shell: Int, _ indicators: LayerIndicators) -> Double {
            var cost = 0.0, on = 1.0
            for (slice, indicator) in indicators.expansion.enumerated() {
                on *= indicator
                cost += on * shells[slice][shell]
            }
            return cost
        }
    }

    private let fixed: ChoiceCosts.Part
    private let sums: [LayerCosts]
    /// Empty in quantities that only add up.
    private let peaks: [LayerCosts]

    /// - Parameter costs: of the space's choices.
    package init(_ costs: ChoiceCosts, space: SearchSpace) {
        func tables(_ path: KeyPath<ChoiceCosts.Part, Double>) -> [LayerCosts] {
            zip(space.searchableLayers, costs.choices).map { layer, parts in
                let blocks = parts.dropFirst(layer.maySkip ? 1 : 0).map { $0[keyPath: path] }
                let kernels = layer.kernels.count
                return LayerCosts(layer.kernels.indices.map { kernel in
                    layer.expansions.indices.map { blocks[$0 * kernels + kernel] }
                })
            }
        }
        fixed = costs.fixed
        sums = tables(\.sum)
        peaks = costs.choices.allSatisfy { $0.allSatisfy { $0.peak == 0 } } ? [] : tables(\.peak)
    }

    /// From one table, kernels × expansions, for each layer of costs that add up.
    init(sums tables: [[[Double]]], fixed: Double) {
        self.fixed = ChoiceCosts.Part(sum: fixed, peak: 0)
        sums = tables.map(LayerCosts.init)
        peaks = []
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
