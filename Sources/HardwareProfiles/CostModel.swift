import Architectures
import JSONDocuments

/// What layers and networks cost on a device: measured where one of its latency tables holds them, else modelled, and
/// every answer says which.
///
/// The model adds up an operator's work (multiply-accumulates of products, with the padding of their register tiles;
/// depthwise windows at stride 1 and above; bytes of weights and of maps; the launch) at prices that are fitted to the
/// measured blocks by non-negative least squares on relative errors, and that are never below what the hardware can
/// do at its best. More channels, a larger kernel or a larger map therefore never cost less.
///
///     let model = try CostModel(device: DeviceProfile(contentsOf: "devices/pixel1.json"))
///     model.estimate(architecture.network).latencyMs
public struct CostModel: Sendable {
    private let measured: MeasuredLatencies
    private let model: LatencyModel

    /// Prepares the device's tables and fits the model to them.
    ///
    /// - Throws: `FileError.invalid` for a device without a measured block, to which nothing can be fitted.
    public init(device: DeviceProfile) throws {
        measured = MeasuredLatencies(device.tables)
        model = LatencyModel(entries: try Self.entries(of: device), device: device)
    }

    /// What one layer of a network of the search space `space` (nil for a network given by hand) costs.
    ///
    /// Among the measured blocks that are the same work as the layer, the one that was measured as this layer of this
    /// space counts; where there is none, the mean of them all. A skipped layer costs nothing.
    public func cost(of layer: Network.Layer, space: String?) -> LayerCost {
        let modelled = model.latency(of: layer.operators)
        let known = measured.latency(of: layer, space: space)
        return LayerCost(
            name: layer.name, choice: layer.choice, latencyMs: known ?? modelled.ms,
            source: known == nil ? .modelled : .measured, bound: modelled.bound, macs: layer.macs,
            parameters: layer.parameters)
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
        guard let fixed = cost(together: network.layers.filter { !$0.isSearchable }) else {
            return CostEstimate(layers: network.layers.map { cost(of: $0, space: network.space) })
        }
        let searched = network.layers.filter(\.isSearchable).map { cost(of: $0, space: network.space) }
        return CostEstimate(layers: [fixed] + searched)
    }

    /// The relative error |predicted / measured − 1| with which the model predicts each measured block of the device,
    /// fitted to all the others; in the order of the tables and their entries.
    ///
    /// - Throws: `FileError.invalid` for a device with fewer than two measured blocks.
    public static func leaveOneOutErrors(of device: DeviceProfile) throws -> [Double] {
        let entries = try entries(of: device, atLeast: 2)
        return entries.indices.map { index in
            var others = entries
            let entry = others.remove(at: index)
            let model = LatencyModel(entries: others, device: device)
            return abs(model.latency(of: entry.block.operators(input: entry.input)).ms / entry.latencyMs - 1)
        }
    }

    private func cost(together layers: [Network.Layer]) -> LayerCost? {
        guard let latency = measured.latency(together: layers) else { return nil }
        return LayerCost(
            name: "fixed part", choice: "\(layers.count) layers", latencyMs: latency,
            source: .measured, bound: model.latency(of: layers.flatMap(\.operators)).bound,
            macs: layers.reduce(0) { $0 + $1.macs }, parameters: layers.reduce(0) { $0 + $1.parameters })
    }

    private static func entries(
        of device: DeviceProfile, atLeast count: Int = 1
    ) throws(FileError) -> [LatencyTable.Entry] {
        let entries = device.tables.flatMap(\.entries)
        guard entries.count >= count else {
            throw .invalid(
                path: device.path, place: "/tables",
                problem: "expected at least \(count) measured block\(count == 1 ? "" : "s") to fit a cost model to, "
                    + "found \(entries.count)")
        }
        return entries
    }
}
