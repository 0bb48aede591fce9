import HardwareProfiles

/// Why no search can keep its targets, as one sentence that a person can act on.
public enum TargetError: Error, CustomStringConvertible, Sendable {
    /// The device has no figures of this quantity.
    case unknown(CostQuantity)
    /// No network of the space costs so much or so little.
    case outOfRange(CostTarget, space: String, range: ClosedRange<Double>)
    /// Every network of the space that keeps them all is more than a percent below each, or there is none; `ranges` has
    /// what networks cost in each quantity, and `nearest`, of a single target, the nearest that can be.
    case unreachable([CostTarget], space: String, ranges: [ClosedRange<Double>], nearest: [Double])

    public var description: String {
        switch self {
        case .unknown(let quantity):
            "--target-\(quantity.rawValue): the device profile does not say what it takes to know the \(quantity.rawValue)"
        case .outOfRange(let target, let space, let range):
            "--target-\(target.quantity.rawValue): expected a number \(Self.text(range, of: target.quantity)), what the "
                + "networks of \(space) cost, found \(target.quantity.text(target.limit))"
        case .unreachable(let targets, let space, let ranges, let nearest):
            targets.map { "--target-\($0.quantity.rawValue)" }.joined(separator: ", ")
                + ": no network of \(space) keeps "
                + (targets.count == 1 ? "it and is within 1 % of it" : "all of them and is within 1 % of one")
                + (nearest.isEmpty
                    ? ""
                    : "; the nearest that one does are "
                        + nearest.map { targets[0].quantity.text($0, .up) }.joined(separator: " and "))
                + "; they cost "
                + zip(targets, ranges).map { Self.text($1, of: $0.quantity) }.joined(separator: ", and ")
        }
    }

    /// Rounded inwards: what is read there is reached.
    private static func text(_ range: ClosedRange<Double>, of quantity: CostQuantity) -> String {
        "from \(quantity.text(range.lowerBound, .up)) to \(quantity.text(range.upperBound, .down))"
    }
}
