import Architectures
import HardwareProfiles

/// A target with what the choices of a space cost in its quantity.
package struct Constraint: Sendable {
    package let target: CostTarget
    package let costs: CostTable
    /// Whether a network comes within a percent of it. A target that every network keeps easily does not bind: the search is
    /// then for the most accurate network.
    package private(set) var binds = true

    package init(target: CostTarget, costs: CostTable) {
        self.target = target
        self.costs = costs
    }

    /// What the targets mean for a space.
    ///
    /// - Parameters:
    ///   - space: whose networks are to keep them.
    ///   - costs: of the space's choices in a quantity; nil where the device does not know it.
    /// - Throws: `TargetError` where no network of the space can be as the targets ask.
    package static func constraints(
        _ targets: [CostTarget], space: SearchSpace, costs: (CostQuantity) -> CostTable?
    ) throws(TargetError) -> [Constraint] {
        var constraints: [Constraint] = []
        for target in targets {
            guard let costs = costs(target.quantity) else { throw .unknown(target.quantity) }
            guard costs.range.lowerBound <= target.limit else {
                throw .outOfRange(target, space: space.name, range: costs.range)
            }
            constraints.append(Constraint(target: target, costs: costs))
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
                        targets, space: space.name, ranges: constraints.map(\.costs.range), isProven: isProven)
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
