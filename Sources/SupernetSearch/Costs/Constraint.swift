import Architectures
import HardwareProfiles

/// A device that the network is to keep its targets on.
public struct TargetDevice: Sendable {
    public let name: String
    public let costModel: CostModel

    public init(name: String, costModel: CostModel) {
        self.name = name
        self.costModel = costModel
    }
}

/// A target with what the choices of a space cost in its quantity, on a device.
package struct Constraint: Sendable {
    package let target: CostTarget
    /// The name of the device; nil for the one that is searched for.
    package let device: String?
    package let costs: CostTable
    /// Whether a network comes within a percent of it. A target that every network keeps easily does not bind: the search is
    /// then for the most accurate network.
    package private(set) var binds = true
    /// Whether every network keeps it.
    var isLoose: Bool { target.limit >= costs.range.upperBound }

    package init(target: CostTarget, device: String? = nil, costs: CostTable) {
        self.target = target
        self.device = device
        self.costs = costs
    }

    /// What the targets mean for a space: each is to be kept on every device.
    ///
    /// - Parameters:
    ///   - space: whose networks are to keep them.
    ///   - others: devices beside the one that is searched for.
    ///   - costs: of the space's choices in a quantity, on the device that is searched for; nil where it does not know it.
    /// - Throws: `TargetError` where no network of the space can be as the targets ask.
    package static func constraints(
        _ targets: [CostTarget], space: SearchSpace, others: [TargetDevice] = [], costs: (CostQuantity) -> CostTable?
    ) throws(TargetError) -> [Constraint] {
        var constraints: [Constraint] = []
        func add(_ target: CostTarget, _ costs: CostTable?, device: String?) throws(TargetError) {
            guard let costs else { throw .unknown(target.quantity, device: device) }
            guard costs.range.lowerBound <= target.limit else {
                throw .outOfRange(target, space: space.name, range: costs.range, device: device)
            }
            constraints.append(Constraint(target: target, device: device, costs: costs))
        }
        for target in targets {
            try add(target, costs(target.quantity), device: nil)
            // Multiply-accumulates are the same everywhere.
            for other in others where target.quantity != .macs {
                try add(target, other.costModel.costTable(of: space, in: target.quantity), device: other.name)
            }
        }
        guard !constraints.isEmpty else { return [] }
        let layers = space.searchableLayers
        let selection = ConstrainedSelection(constraints: constraints, layers: layers)
        let even = ChoiceScores.even(layers)
        if selection.best(even, reaching: true) == nil {
            // Some network must keep them all the same.
            if selection.best(even, reaching: false) == nil {
                let isProven: Bool? =
                    switch selection.keepable {
                    case .yes: nil
                    case .no: true
                    case .unknown: false
                    }
                if let isProven {
                    throw .unreachable(
                        constraints.map(\.target), space: space.name, ranges: constraints.map(\.costs.range),
                        isProven: isProven)
                }
            }
            for index in constraints.indices { constraints[index].binds = false }
        } else {
            for index in constraints.indices {
                let constraint = constraints[index]
                constraints[index].binds = constraint.costs.range.upperBound >= (1 - CostTarget.tolerance) * constraint.target.limit
            }
        }
        return constraints
    }
}
