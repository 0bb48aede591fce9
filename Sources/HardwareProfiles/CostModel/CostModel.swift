import Architectures
import Files

/// Computes what layers and networks cost on a device. A latency is measured where one of the device's tables holds it,
/// else modelled, and every answer says which, and whether it is far from all that the model was fitted to. Energy and
/// memory are always modelled.
///
/// The model is mechanistic (`OperatorCost`). Its parameters were calibrated on the device or are borrowed from another
/// (`DeviceProfile.Parameters`). Where many blocks of the device were measured, they correct it further
/// (`DepthwiseResidual`). More channels, a larger kernel, a larger map, a slower clock or less bandwidth never
/// cost a layer, or a network of a search space, less time. Where the parameters were learned from other devices, a
/// network of no space has a correction that changes with what it is made of (`TransferredCost.choice(for:)`).
///
///     let model = CostModel(device: try DeviceProfile(contentsOf: "devices/pixel1.json"))
///     model.estimate(architecture.network).latencyMs
public struct CostModel: Sendable {
    private let measured: MeasuredLatencies
    private let machine: Machine
    private let parameters: CostParameters
    /// What the parameters were fitted to; nil where that is not known.
    private let range: CalibrationRange?
    /// What measured blocks say beyond the parameters; nil where too few were measured.
    private let residual: DepthwiseResidual?
    private let energy: EnergyModel?
    private let basis: String
    /// How the device's threads run a network, where its parameters were learned from other devices.
    private let transfer: TransferredCost?
    /// Half of the interval that holds 90 % of the model's answers for whole networks, in logarithms.
    private let uncertainty: Double
    /// What stands in for cores that are not known, and for numbers of threads that were not measured, in sentences.
    private let assumptions: [String]
    /// The bytes of one weight or one value of a map.
    var valueType: ValueType { machine.type }

    /// Prepares the device's tables.
    public init(device: DeviceProfile) {
        measured = MeasuredLatencies(device.tables, type: device.machine.type)
        machine = device.machine
        parameters = device.costParameters
        range = device.calibration?.range
        // Another device's kernels may prefer other shapes.
        if case .calibrated(let own) = device.parameters { residual = own.residual } else { residual = nil }
        energy = EnergyModel(device: device)
        basis = device.basisOfModel
        transfer = TransferredCost(device)
        uncertainty = transfer?.interval ?? device.uncertaintyOfModel
        var assumptions = device.hardware.standIns
        if device.isOfOtherThreads {
            let fitted = device.fittedThreads
            assumptions.append(
                "the model was fitted to what was measured with \(fitted.map(String.init).joinedByAnd) thread\(fitted == [1] ? "" : "s"): "
                    + "its error there does not hold with \(device.runtime.threads.counted("thread"))")
        }
        self.assumptions = assumptions
    }

    /// The cost of one layer of a network of the search space `space` (nil for a network given by hand).
    ///
    /// If several measured blocks do the same work as the layer, the one that was measured as this layer of this space
    /// counts; if there is none, the mean of all. A skipped layer costs nothing.
    public func cost(of layer: Network.Layer, space: String?) -> LayerCost {
        cost(named: layer.name, of: .layer(layer), measured: measured.latency(of: layer, space: space))
    }

    /// The cost of the layers that are not searchable: one row "fixed part" if exactly these were measured together,
    /// also if they were with a classifier of more classes (`LayerCost.measuredClasses`), else one row for each, in the order
    /// of the network.
    public func fixedCosts(of network: Network) -> [LayerCost] {
        let layers = network.layers.filter { !$0.isSearchable }
        if let together = cost(together: layers) { return [together] }
        return layers.map { cost(of: $0, space: network.space) }
    }

    /// The cost of the network and of each of its layers.
    public func estimate(_ network: Network) -> CostEstimate {
        let layers: [LayerCost]
        if let transfer, network.space == nil {
            let choice = transfer.choice(for: network)
            layers = network.layers.map {
                cost(
                    named: $0.name, of: .layer($0), measured: measured.latency(of: $0, space: nil), by: choice)
            }
        } else if let fixed = cost(together: network.layers.filter { !$0.isSearchable }) {
            layers = [fixed] + network.layers.filter(\.isSearchable).map { cost(of: $0, space: network.space) }
        } else {
            layers = network.layers.map { cost(of: $0, space: network.space) }
        }
        let memory = MemoryFootprint(network, type: valueType)
        var estimate = CostEstimate(
            layers: layers, memory: memory, basisOfModel: basis, typeOfModel: machine.type, uncertainty: uncertainty,
            isArithmeticInferred: machine.isArithmeticInferred)
        // What was measured does not depend on what is known of cores.
        if layers.contains(where: { $0.source != .measured }) { estimate.add(CostGaps(assumptions: assumptions)) }
        return estimate
    }

    /// Whether the profile's parameters are for the data type of an operator.
    private func isOfOwnType(_ step: Operator) -> Bool { step.valueType.map { $0 == machine.type } ?? true }

    private static let fixedPart = "fixed part"

    private func cost(together layers: [Network.Layer]) -> LayerCost? {
        if let latency = measured.latency(together: layers) {
            return cost(named: Self.fixedPart, of: .together(layers), measured: .init(latency))
        }
        // Data with fewer classes than the measured network: what was measured is what it takes at most.
        guard let (latency, classes) = measured.latencyWithMoreClasses(together: layers) else { return nil }
        var fixed = cost(named: Self.fixedPart, of: .together(layers), measured: .init(latency))
        if fixed.source == .measured { fixed.measuredClasses = classes }
        return fixed
    }

    /// - Parameter choice: of threads, where a whole network has one of its own.
    private func cost(
        named name: String, of content: LayerCost.Content, measured: MeasuredLatencies.Latency?, by choice: TransferredCost.Choice? = nil
    ) -> LayerCost {
        var work = OperatorCost.none, farMs = 0.0
        let isOfOtherType = !content.layers.allSatisfy { $0.operators.allSatisfy(isOfOwnType) }
        let measured = isOfOtherType ? nil : measured
        for step in content.layers.lazy.flatMap(\.operators) {
            var cost = OperatorCost(step, on: machine, parameters: parameters)
            if let residual, step.kind == .depthwiseConvolution { cost = cost.scaled(by: residual.factor(of: step)) }
            work = work + cost
            if measured == nil, !isOfOwnType(step) || range.map({ !$0.contains(step) }) ?? false { farMs += cost.latencyMs }
        }
        let source: CostSource = measured != nil ? .measured : 2 * farMs > work.latencyMs ? .extrapolated : .modelled
        let modelledMs =
            (choice ?? transfer?.usual).map { choice in
                content.layers.reduce(0) { $0 + choice.latencyMs(of: $1.operators) }
            } ?? work.latencyMs
        var cost = LayerCost(
            name: name, content: content, latencyMs: measured?.ms ?? modelledMs, source: source, work: work,
            on: (machine, energy))
        cost.isOfOtherType = isOfOtherType
        if let measured {
            (cost.isUncertain, cost.measuredIntervalMs) = (measured.isUncertain, measured.intervalMs)
        } else {
            cost.uncertainty = LayerCost.uncertainty(ofNetwork: uncertainty, source, isOfOtherType: isOfOtherType)
        }
        return cost
    }
}
