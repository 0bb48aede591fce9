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
                throw .unreachable(
                    targets, space: space.name, ranges: constraints.map(\.costs.range),
                    nearest: constraints.count == 1 ? constraints[0].nearest(worths: worths) : [])
            }
        }
        return constraints
    }

    /// What the networks cost whose costs are next to a limit that none is within a percent of: one below and one above,
    /// where there are such.
    ///
    /// - Parameter worths: any, for each choice of each layer.
    private func nearest(worths: [[Double]]) -> [Double] {
        let step = 1 - CostTarget.tolerance
        // Limits a percent apart leave nothing out.
        func first(by factor: Double) -> Double? {
            var limit = target.limit * factor
            while limit >= costs.range.lowerBound, limit * step <= costs.range.upperBound {
                let constraint = Constraint(target: CostTarget(target.quantity, atMost: limit), costs: costs)
                if let found = ConstrainedSelection(constraints: [constraint]).best(worths: worths) {
                    return costs.value(of: found)
                }
                limit *= factor
            }
            return nil
        }
        return [first(by: step), first(by: 1 / step)].compactMap(\.self)
    }
}
