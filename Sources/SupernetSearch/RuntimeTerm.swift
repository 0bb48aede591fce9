import Architectures
import HardwareProfiles

/// The predicted latency of the network that indicators select, and its derivative by each of them.
///
/// At indicators of 0 and 1 it is the cost of what they select, so the runtime term of a supernet and the estimate of the
/// architecture derived from it are the same number.
///
///     let term = RuntimeTerm(space: space, costModel: model)
///     term.milliseconds(of: indicators)
public struct RuntimeTerm: Sendable {
    let term: CostTerm

    /// Prices every choice of a space once.
    public init(space: SearchSpace, costModel: CostModel) {
        term = CostTerm(costModel.latencies(of: space), space: space)
    }

    /// From given costs: one table of milliseconds, kernels × expansions, for each layer.
    public init(latencies: [[[Double]]], fixedMilliseconds: Double) {
        term = CostTerm(sums: latencies, fixed: fixedMilliseconds)
    }

    /// The latency of what the indicators select, in milliseconds.
    public func milliseconds(of indicators: [LayerIndicators]) -> Double {
        term.value(of: indicators)
    }

    /// The latency and its gradient by every indicator.
    public func evaluate(_ indicators: [LayerIndicators]) -> (milliseconds: Double, gradient: [LayerIndicators]) {
        var gradient = indicators
        for layer in gradient.indices { gradient[layer].fill(0) }
        term.addGradient(of: indicators, times: 1, to: &gradient)
        return (term.value(of: indicators), gradient)
    }
}
