import HardwareProfiles

/// Why no search can keep its targets, as one sentence that a person can act on.
public enum TargetError: Error, CustomStringConvertible, Sendable {
    /// The device has no figures of this quantity.
    case unknown(CostQuantity)
    /// Every network of the space costs more.
    case outOfRange(CostTarget, space: String, range: ClosedRange<Double>)
    /// No network of the space keeps all of several targets; `ranges` has what networks cost in each quantity. Where that is
    /// not proven, none was found among the networks that were looked at.
    case unreachable([CostTarget], space: String, ranges: [ClosedRange<Double>], isProven: Bool)

    public var description: String {
        switch self {
        case .unknown(let quantity):
            "--target-\(quantity.rawValue): the device profile does not say what it takes to know the \(quantity.rawValue)"
        case .outOfRange(let target, let space, let range):
            "--target-\(target.quantity.rawValue): expected at least \(target.quantity.text(range.lowerBound, .up)), what the "
                + "smallest network of \(space) costs, found \(target.quantity.text(target.limit)) (its networks cost "
                + "\(Self.text(range, of: target.quantity)))"
        case .unreachable(let targets, let space, let ranges, let isProven):
            targets.map { "--target-\($0.quantity.rawValue)" }.joined(separator: ", ")
                + (isProven
                    ? ": no network of \(space) keeps all of them" : ": found no network of \(space) that keeps all of them")
                + "; its networks cost " + zip(targets, ranges).map { Self.text($1, of: $0.quantity) }.joined(separator: ", and ")
        }
    }

    /// Rounded inwards: what is read there is reached.
    private static func text(_ range: ClosedRange<Double>, of quantity: CostQuantity) -> String {
        "from \(quantity.text(range.lowerBound, .up)) to \(quantity.text(range.upperBound, .down))"
    }
}
