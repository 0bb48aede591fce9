import Glibc
import Training

/// The λ controller: it adjusts λ, the weight of a cost's logarithm in the loss, so that the cost reaches its target.
///
/// The constraint is log(cost / limit) ≤ 0. As in the augmented Lagrangian (Hestenes, 1969; Bertsekas, 1982), λ has an
/// integral part, which sums the constraint over the steps, and a proportional part. Both act on log λ, so that λ stays
/// positive and its relative speed does not depend on its size. A network at its target keeps λ constant; a network
/// that cannot reach it drives λ to a bound.
///
/// The indicators of one step are noisy, so the constraint is averaged over some steps first.
struct LambdaController: Hashable, Sendable {
    /// The integral gain: what one unit of the constraint adds to log λ in a step.
    static let rate = 0.05
    /// The proportional gain: the part of log λ for one unit of the averaged constraint.
    static let proportion = 4.0
    /// The time constant of the average, in steps.
    static let memory = 20.0
    static let bounds = 1e-4...10.0

    /// The sum of the constraint over the steps.
    private(set) var accumulated: Double
    /// The averaged constraint.
    private(set) var excess = 0.0

    /// - Parameter lambda: at the start.
    init(lambda: Double) { accumulated = log(lambda) }

    /// The present λ.
    var lambda: Double { min(max(exp(accumulated + Self.proportion * excess), Self.bounds.lowerBound), Self.bounds.upperBound) }

    /// Saves or restores all state that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange, name: String) throws {
        try exchange.number("\(name)_accumulated", &accumulated)
        try exchange.number("\(name)_excess", &excess)
    }

    /// Updates λ with the cost of a step's network.
    mutating func update(cost: Double, limit: Double) {
        let constraint = log(cost / limit)
        excess += (constraint - excess) / Self.memory
        accumulated = min(
            max(accumulated + Self.rate * constraint, log(Self.bounds.lowerBound)), log(Self.bounds.upperBound))
    }
}
