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

    /// How far below its target a network may end that reaches it: within one percent.
    public static let tolerance = 0.01
}
