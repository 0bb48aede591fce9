import Glibc
import Training

/// The λ controller: the weight of a cost's logarithm in the loss, moved so that the cost comes to its target.
///
/// The constraint is log(cost / limit) ≤ 0. As in the augmented Lagrangian (Hestenes, 1969; Bertsekas, 1982) the weight
/// has a part that adds up the constraint over the steps and one that follows it directly; both act on the logarithm of
/// λ, so that λ stays positive and moves as fast whatever its size. A network at its target holds λ; a network that cannot
/// be pushed to it drives λ to a bound.
///
/// The indicators of one step are noisy, so the constraint is averaged over some steps first.
struct LambdaController: Hashable, Sendable {
    /// What a unit of the constraint, for a step, adds to log λ.
    static let rate = 0.05
    /// What the averaged constraint adds to log λ while it lasts.
    static let proportion = 4.0
    /// The steps that the average reaches back.
    static let memory = 20.0
    static let bounds = 1e-4...10.0

    /// What the constraint has added up to.
    private(set) var accumulated: Double
    /// The averaged constraint.
    private(set) var excess = 0.0

    /// - Parameter lambda: at the start.
    init(lambda: Double) { accumulated = log(lambda) }

    /// λ as it stands.
    var lambda: Double { min(max(exp(accumulated + Self.proportion * excess), Self.bounds.lowerBound), Self.bounds.upperBound) }

    /// Everything here that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange, name: String) throws {
        try exchange.number("\(name)_accumulated", &accumulated)
        try exchange.number("\(name)_excess", &excess)
    }

    /// Takes in what the network of a step costs.
    mutating func update(cost: Double, limit: Double) {
        let constraint = log(cost / limit)
        excess += (constraint - excess) / Self.memory
        accumulated = min(
            max(accumulated + Self.rate * constraint, log(Self.bounds.lowerBound)), log(Self.bounds.upperBound))
    }
}
