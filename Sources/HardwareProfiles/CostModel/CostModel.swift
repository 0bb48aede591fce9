import Architectures
import Files

/// What layers and networks cost on a device: latency measured where one of its latency tables holds them, else modelled,
/// and every answer says which; energy and memory always modelled.
///
/// The model is mechanistic (`OperatorCost`), with parameters that were calibrated on the device or stand in from another
/// (`DeviceProfile.Parameters`). More channels, a larger kernel, a larger map, a slower clock or less bandwidth never
/// cost less time.
///
///     let model = CostModel(device: try DeviceProfile(contentsOf: "devices/pixel1.json"))
///     model.estimate(architecture.network).latencyMs
public struct CostModel: Sendable {
    private let measured: MeasuredLatencies
    private let machine: Machine
    private let parameters: CostParameters
    private let energy: EnergyModel?
    private let basis: String
    /// Of one weight or one value of a map.
    var valueBytes: Int { Int(machine.valueBytes) }

    /// Prepares the device's tables.
    public init(device: DeviceProfile) {
        measured = MeasuredLatencies(device.tables)
        machine = device.machine
        parameters = device.costParameters
        energy = EnergyModel(device: device)
        basis = device.basisOfModel
    }

    /// What one layer of a network of the search space `space` (nil for a network given by hand) costs.
    ///
    /// Among the measured blocks that are the same work as the layer, the one that was measured as this layer of this
    /// space counts; where there is none, the mean of them all. A skipped layer costs nothing.
    public func cost(of layer: Network.Layer, space: String?) -> LayerCost {
        cost(
            named: layer.name, of: layer.operators, measuredMs: measured.latency(of: layer, space: space),
            macs: layer.macs, parameters: layer.parameters, content: .layer(layer))
    }

    /// What the layers cost on which no search decides: one row "fixed part" where exactly these were measured
    /// together, else a row each, in the order of the network.
    public func fixedCosts(of network: Network) -> [LayerCost] {
        let layers = network.layers.filter { !$0.isSearchable }
        if let together = cost(together: layers) { return [together] }
        return layers.map { cost(of: $0, space: network.space) }
    }

    /// What the network and each of its layers cost.
    public func estimate(_ network: Network) -> CostEstimate {
        let layers: [LayerCost]
        if let fixed = cost(together: network.layers.filter { !$0.isSearchable }) {
            layers = [fixed] + network.layers.filter(\.isSearchable).map { cost(of: $0, space: network.space) }
        } else {
            layers = network.layers.map { cost(of: $0, space: network.space) }
        }
        let memory = MemoryFootprint(network, valueBytes: valueBytes)
        return CostEstimate(layers: layers, memory: memory, basisOfModel: basis)
    }

    private func cost(together layers: [Network.Layer]) -> LayerCost? {
        guard let latency = measured.latency(together: layers) else { return nil }
        return cost(
            named: "fixed part", of: layers.flatMap(\.operators), measuredMs: latency,
            macs: layers.reduce(0) { $0 + $1.macs }, parameters: layers.reduce(0) { $0 + $1.parameters },
            content: .together(layers.count))
    }

    private func cost(
        named name: String, of operators: [Operator], measuredMs: Double?, macs: Int, parameters count: Int,
        content: LayerCost.Content
    ) -> LayerCost {
        var work = OperatorCost.none
        for step in operators { work = work + OperatorCost(step, on: machine, parameters: parameters) }
        let latency = measuredMs ?? work.latencyMs
        return LayerCost(
            name: name, content: content, latencyMs: latency, source: measuredMs == nil ? .modelled : .measured,
            work: work, utilisation: latency > 0 ? Double(macs) / (machine.peakMacsPerMs * latency) : 0,
            energyMj: energy?.millijoules(work, macs: macs, latencyMs: latency), macs: macs, parameters: count)
    }
}
