import Architectures
import HardwareProfiles

/// The runtime term: the predicted latency of the network that indicators select, and its derivative with respect to
/// each indicator.
///
/// At indicators of 0 and 1 it is the cost of the selected network, so the runtime term of a supernet and the estimate
/// of the architecture derived from it are the same number.
///
///     let term = RuntimeTerm(costModel.latencyTable(of: space), layers: space.searchableLayers)
///     term.milliseconds(of: indicators)
public struct RuntimeTerm: Sendable {
    package let term: CostTerm

    /// - Parameters:
    ///   - latencies: of every choice of the layers.
    ///   - layers: the searchable layers of a space.
    public init(_ latencies: CostTable, layers: [SearchSpace.Layer]) {
        precondition(latencies.quantity == .latency, "RuntimeTerm: \(latencies.quantity.rawValue) is not latency")
        term = CostTerm(latencies, layers: layers)
    }

    /// The latency of the network that the indicators select, in milliseconds.
    public func milliseconds(of indicators: [LayerIndicators]) -> Double {
        term.value(of: indicators)
    }

    /// The latency and its gradient with respect to every indicator.
    public func evaluate(_ indicators: [LayerIndicators]) -> (milliseconds: Double, gradient: [LayerIndicators]) {
        var gradient = indicators
        for layer in gradient.indices { gradient[layer].fill(0) }
        term.addGradient(of: indicators, times: 1, to: &gradient)
        return (term.value(of: indicators), gradient)
    }
}
