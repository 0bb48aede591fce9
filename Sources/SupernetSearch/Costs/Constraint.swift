import Architectures
import HardwareProfiles

/// A device on which the network must also meet the targets.
public struct TargetDevice: Sendable {
    public let name: String
    public let costModel: CostModel

    public init(name: String, costModel: CostModel) {
        self.name = name
        self.costModel = costModel
    }
}

/// A target on a device, with the costs of a space's choices in the target's quantity.
package struct Constraint: Sendable {
    package let target: CostTarget
    /// The name of the device; nil for the one that the search is for.
    package let device: String?
    package let costs: CostTable
    /// Whether some network comes within one percent of the target. If none does, the target does not bind: the search
    /// then finds the most accurate network.
    package private(set) var binds = true
    /// Whether every network meets it.
    var isLoose: Bool { target.limit >= costs.range.upperBound }

    package init(target: CostTarget, device: String? = nil, costs: CostTable) {
        self.target = target
        self.device = device
        self.costs = costs
    }

    /// The constraints of targets on a space: each target must be met on every device.
    ///
    /// - Parameters:
    ///   - space: the search space.
    ///   - others: devices besides the one that the search is for.
    ///   - costs: of the space's choices in a quantity, on the device that the search is for; nil where it lacks it.
    /// - Throws: `TargetError` where no network of the space meets the targets.
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
            // Even if no target binds, some network must meet all of them.
            if selection.best(even, reaching: false) == nil {
                let isProven: Bool? =
                    switch selection.keepable {
                    case .yes: nil
                    case .no: true
                    case .unknown: false
                    }
                if let isProven {
                    throw .unreachable(
                        constraints.map(\.target), space: space.name,
                        ranges: constraints.map { ($0.costs.range, $0.device) }, isProven: isProven)
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
