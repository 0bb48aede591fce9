import Architectures
import HardwareProfiles

/// A limit on what the network that is found may cost.
public struct CostTarget: Hashable, Sendable {
    public let quantity: CostQuantity
    /// In the quantity's unit.
    public let limit: Double

    public init(_ quantity: CostQuantity, atMost limit: Double) {
        self.quantity = quantity
        self.limit = limit
    }

    /// How far below its target a network may end: it is then within one percent.
    public static let tolerance = 0.01
}

/// A target with what the choices of a space cost in its quantity.
package struct Constraint: Sendable {
    package let target: CostTarget
    package let costs: ChoiceCosts

    package init(target: CostTarget, costs: ChoiceCosts) {
        self.target = target
        self.costs = costs
    }

    /// What the targets mean for the space on the device.
    ///
    /// - Throws: `TargetError` where no network of the space can be as the targets ask.
    static func constraints(
        _ targets: [CostTarget], space: SearchSpace, costModel: CostModel
    ) throws(TargetError) -> [Constraint] {
        var constraints: [Constraint] = []
        for target in targets {
            guard let costs = costModel.choiceCosts(of: space, in: target.quantity) else {
                throw .unknown(target.quantity)
            }
            guard costs.range.lowerBound <= target.limit, target.limit <= costs.range.upperBound / (1 - CostTarget.tolerance)
            else { throw .outOfRange(target, space: space.name, range: costs.range) }
            constraints.append(Constraint(target: target, costs: costs))
        }
        if !constraints.isEmpty {
            let worths = space.searchableLayers.map { $0.choices.map { _ in 0.0 } }
            guard ConstrainedSelection(constraints: constraints).best(worths: worths) != nil else {
                throw .unreachable(targets, space: space.name)
            }
        }
        return constraints
    }
}
