import Architectures
import HardwareProfiles

/// The predicted cost of the network that indicators select, in any quantity, and its derivative by each of them.
///
/// A layer's cost is the multilinear interpolation of the costs of its choices; a network's is their sum and, of peak
/// memory, the largest arena, whose derivative is that of the layer which has it.
///
///     let term = CostTerm(costs, space: space)
///     let (value, gradient) = term.evaluate(indicators)
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

        /// The layer's cost, and its gradient by every indicator.
        func evaluate(_ indicators: LayerIndicators) -> (value: Double, gradient: LayerIndicators) {
            let slicesOn = NestedProducts.products(of: indicators.expansion)
            let shellsOn = NestedProducts.products(of: indicators.kernel)
            var total = 0.0
            var bySlice: [Double] = []
            var byShell = shellsOn.map { _ in 0.0 }
            for (index, on) in slicesOn.enumerated() {
                var cost = slices[index]
                for shell in shellsOn.indices {
                    cost += shellsOn[shell] * shells[index][shell]
                    byShell[shell] += on * shells[index][shell]
                }
                total += on * cost
                bySlice.append(cost)
            }
            return (
                total,
                LayerIndicators(
                    kernel: NestedProducts.gradient(of: indicators.kernel, by: byShell),
                    expansion: NestedProducts.gradient(of: indicators.expansion, by: bySlice))
            )
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

    /// The cost and its gradient by every indicator.
    package func evaluate(_ indicators: [LayerIndicators]) -> (value: Double, gradient: [LayerIndicators]) {
        precondition(
            indicators.count == sums.count,
            "CostTerm: indicators of \(indicators.count) layers for a space of \(sums.count)")
        var total = fixed.sum
        var gradient: [LayerIndicators] = []
        gradient.reserveCapacity(sums.count)
        for (layer, selected) in zip(sums, indicators) {
            let (value, derivative) = layer.evaluate(selected)
            total += value
            gradient.append(derivative)
        }
        var peak = fixed.peak
        var highest: (layer: Int, gradient: LayerIndicators)?
        for (index, layer) in peaks.enumerated() {
            let (value, derivative) = layer.evaluate(indicators[index])
            if value > peak {
                peak = value
                highest = (index, derivative)
            }
        }
        if let highest { gradient[highest.layer].add(highest.gradient) }
        return (total + peak, gradient)
    }
}
