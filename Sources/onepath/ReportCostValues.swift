import Architectures
import Exporter
import HardwareProfiles

extension ReportCosts {
    init(_ model: CostModel, of network: Network, on device: DeviceProfile) {
        let estimate = model.estimate(network), layers = estimate.layers
        let names = Set(network.layers.map(\.name))
        let together = layers.filter { !names.contains($0.name) }.map { "\($0.name): \($0.choice), measured as one." }
        let notes = together + estimate.gaps.assumptions.map { "\($0.capitalisedFirst)." }
        self.init(
            device: device.name, layers: layers.map { ReportLayerCost($0, of: network) },
            note: notes.isEmpty ? nil : notes.joined(separator: " "))
        let interval = estimate.intervalMs()
        if interval.lowerBound < interval.upperBound { self.interval = interval }
    }
}

extension KnownLatency {
    /// - Parameter network: that the estimate is of.
    init(_ estimate: CostEstimate, of network: Network) {
        self = ReportCosts(device: "", layers: estimate.layers.map { ReportLayerCost($0, of: network) }).latency
    }
}

extension ReportLayerCost {
    /// - Parameter network: that the layer, or the layers that were measured as one, are of.
    fileprivate init(_ cost: LayerCost, of network: Network) {
        let source: Source =
            switch cost.source {
            case .measured: .measured
            case .modelled: .modelled
            case .extrapolated: .extrapolated
            }
        let bound: Bound =
            switch cost.bound {
            case .compute: .compute
            case .memory: .memory
            case .overhead: .overhead
            }
        self.init(name: cost.name, choice: cost.choice, latencyMs: cost.latencyMs, source: source, bound: bound)
        // What was measured as one is all on which no search decides.
        let isOne = network.layers.contains { $0.name == cost.name }
        layerCount = isOne ? 1 : network.layers.count { !$0.isSearchable }
    }
}
