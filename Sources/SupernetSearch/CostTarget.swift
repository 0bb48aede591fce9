import HardwareProfiles
import JSONDocuments

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
public struct Constraint: Sendable {
    public let target: CostTarget
    public let costs: ChoiceCosts

    /// - Parameter costs: in the target's quantity.
    public init(_ target: CostTarget, costs: ChoiceCosts) {
        precondition(target.quantity == costs.quantity, "Constraint: \(target.quantity) is not \(costs.quantity)")
        self.target = target
        self.costs = costs
    }
}
