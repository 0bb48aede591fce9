import Architectures
import HardwareProfiles

/// The predicted latency of the network that indicators select, and its derivative by each of them.
///
/// A layer's latency is the multilinear interpolation of the costs of its choices: at indicators of 0 and 1 it is
/// the cost of the selected choice, so the runtime term of a supernet and the estimate of the architecture derived
/// from it are the same number.
///
///     let term = try RuntimeTerm(space: space, costModel: model)
///     term.milliseconds(of: indicators)
public struct RuntimeTerm: Sendable {
    /// The costs of one layer's choices.
    struct LayerCosts: Sendable {
        /// T(k₁, e_j) − T(k₁, e_{j−1}) for each expansion, T(·, e₀) = 0.
        let slices: [Double]
        /// For each expansion and each shell, the second difference Δ.
        let shells: [[Double]]

        /// - Parameter latencies: milliseconds, kernels × expansions.
        init(latencies: [[Double]]) {
            let expansions = latencies[0].indices
            func cost(_ kernel: Int, _ expansion: Int) -> Double { expansion < 0 ? 0 : latencies[kernel][expansion] }
            slices = expansions.map { cost(0, $0) - cost(0, $0 - 1) }
            shells = expansions.map { expansion in
                latencies.indices.dropLast().map { kernel in
                    cost(kernel + 1, expansion) - cost(kernel, expansion)
                        - cost(kernel + 1, expansion - 1) + cost(kernel, expansion - 1)
                }
            }
        }

        /// The layer's latency, and its gradient by every indicator.
        func evaluate(_ indicators: LayerIndicators) -> (milliseconds: Double, gradient: LayerIndicators) {
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

    /// What is not searchable: stem, fixed blocks, head, classifier.
    public let fixedMilliseconds: Double
    let layers: [LayerCosts]

    /// Prices every choice of a space once.
    public init(space: SearchSpace, costModel: CostModel) throws {
        let largest = space.largest.network
        fixedMilliseconds = costModel.fixedCosts(of: largest).reduce(0) { $0 + $1.latencyMs }
        layers = space.searchableLayers.map { layer in
            LayerCosts(latencies: layer.kernels.map { kernel in
                layer.expansions.map { expansion in
                    let block = layer.block(kernel: kernel, expansion: expansion)
                    let concrete = Network.Layer(
                        name: layer.name, input: layer.input, content: .block(block), isSearchable: true)
                    return costModel.cost(of: concrete, space: space.name).latencyMs
                }
            })
        }
    }

    /// From given costs: one table of milliseconds, kernels × expansions, for each layer.
    public init(latencies: [[[Double]]], fixedMilliseconds: Double) {
        self.fixedMilliseconds = fixedMilliseconds
        layers = latencies.map(LayerCosts.init(latencies:))
    }

    /// The latency of what the indicators select, in milliseconds.
    public func milliseconds(of indicators: [LayerIndicators]) -> Double {
        evaluate(indicators).milliseconds
    }

    /// The latency and its gradient by every indicator.
    public func evaluate(_ indicators: [LayerIndicators]) -> (milliseconds: Double, gradient: [LayerIndicators]) {
        precondition(
            indicators.count == layers.count,
            "RuntimeTerm: indicators of \(indicators.count) layers for a space of \(layers.count)")
        var total = fixedMilliseconds
        var gradient: [LayerIndicators] = []
        gradient.reserveCapacity(layers.count)
        for (layer, selected) in zip(layers, indicators) {
            let (milliseconds, derivative) = layer.evaluate(selected)
            total += milliseconds
            gradient.append(derivative)
        }
        return (total, gradient)
    }
}
