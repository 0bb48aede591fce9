import HardwareProfiles

/// A limit on the cost of the network that is found.
public struct CostTarget: Hashable, Sendable {
    public let quantity: CostQuantity
    /// The limit in the quantity's unit.
    public let limit: Double

    public init(_ quantity: CostQuantity, atMost limit: Double) {
        self.quantity = quantity
        self.limit = limit
    }

    /// How far below its target the cost of a network may be that reaches the target: one percent.
    public static let tolerance = 0.01
}
