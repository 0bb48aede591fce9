import Architectures

/// What every choice of a search space's layers costs on a device, in one quantity.
///
///     let costs = model.choiceCosts(of: space, in: .latency)
///     costs?.value(of: [1, 0, 4])     // indices into each searchable layer's `choices`
///
/// A network's cost is a sum over its layers, and, of peak memory, the largest arena among them besides.
public struct ChoiceCosts: Sendable {
    /// What a layer adds.
    public struct Part: Hashable, Sendable {
        /// To the sum.
        public let sum: Double
        /// A candidate for the largest; 0 in quantities that only add up.
        public let peak: Double

        public static let zero = Part(sum: 0, peak: 0)

        public init(sum: Double, peak: Double) {
            self.sum = sum
            self.peak = peak
        }

        /// What the two come to together.
        public static func + (one: Part, other: Part) -> Part {
            Part(sum: one.sum + other.sum, peak: max(one.peak, other.peak))
        }

        /// The network's cost, when this is the whole of it.
        public var value: Double { sum + peak }
    }

    public let quantity: CostQuantity
    /// Of what is not searchable.
    public let fixed: Part
    /// Of each searchable layer, in the order of its `choices`.
    public let choices: [[Part]]

    public init(quantity: CostQuantity, fixed: Part, choices: [[Part]]) {
        self.quantity = quantity
        self.fixed = fixed
        self.choices = choices
    }

    /// The cost of the network with those choices.
    ///
    /// - Parameter selected: one for each searchable layer, an index into its `choices`.
    public func value(of selected: [Int]) -> Double {
        precondition(selected.count == choices.count, "ChoiceCosts: \(selected.count) choices for \(choices.count) layers")
        return zip(choices, selected).reduce(fixed) { $0 + $1.0[$1.1] }.value
    }

    /// From the cost of the cheapest network to that of the dearest.
    public var range: ClosedRange<Double> {
        func extreme(_ pick: (Double, Double) -> Double) -> Double {
            choices.reduce(fixed) { total, layer in
                total + Part(
                    sum: layer.dropFirst().reduce(layer[0].sum) { pick($0, $1.sum) },
                    peak: layer.dropFirst().reduce(layer[0].peak) { pick($0, $1.peak) })
            }.value
        }
        let lowest = extreme(min)
        return lowest...max(lowest, extreme(max))
    }
}

extension CostModel {
    /// What every choice of a space's layers costs; nil where the device does not know the quantity.
    public func choiceCosts(of space: SearchSpace, in quantity: CostQuantity) -> ChoiceCosts? {
        let largest = space.largest.network
        func part(_ layers: [Network.Layer], costs: [LayerCost]) -> ChoiceCosts.Part? {
            switch quantity {
            case .latency:
                return .init(sum: costs.reduce(0) { $0 + $1.latencyMs }, peak: 0)
            case .energy:
                let energies = costs.compactMap(\.energyMj)
                return energies.count == costs.count ? .init(sum: energies.reduce(0, +), peak: 0) : nil
            case .memory:
                let memory = MemoryFootprint(layers, valueBytes: valueBytes)
                return .init(sum: Double(memory.weightBytes), peak: Double(memory.arenaBytes))
            case .macs:
                return .init(sum: Double(costs.reduce(0) { $0 + $1.macs }), peak: 0)
            }
        }
        guard let fixed = part(largest.layers.filter { !$0.isSearchable }, costs: fixedCosts(of: largest)) else {
            return nil
        }
        var choices: [[ChoiceCosts.Part]] = []
        for layer in space.searchableLayers {
            let parts = layer.choices.compactMap { choice in
                let concrete = layer.layer(with: choice)
                return part([concrete], costs: [cost(of: concrete, space: space.name)])
            }
            guard parts.count == layer.choices.count else { return nil }
            choices.append(parts)
        }
        return ChoiceCosts(quantity: quantity, fixed: fixed, choices: choices)
    }

    /// What every choice of a space's layers costs in milliseconds, which every device knows.
    public func latencies(of space: SearchSpace) -> ChoiceCosts {
        guard let costs = choiceCosts(of: space, in: .latency) else {
            preconditionFailure("CostModel: no latency for the space \(space.name)")
        }
        return costs
    }
}
