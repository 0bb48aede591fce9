import HardwareProfiles

/// The reason why no search can meet its targets, as one sentence that a person can act on.
public enum TargetError: Error, CustomStringConvertible, Sendable {
    /// A device lacks figures of this quantity; nil for the device that the search is for.
    case unknown(CostQuantity, device: String?)
    /// Every network of the space costs more.
    case outOfRange(CostTarget, space: String, range: ClosedRange<Double>, device: String?)
    /// No network of the space meets all targets; `ranges` has the range of costs in each quantity, and on which device,
    /// nil for the one that the search is for. Where this is not proven, none was found among the networks that were
    /// examined.
    case unreachable(
        [CostTarget], space: String, ranges: [(costs: ClosedRange<Double>, device: String?)], isProven: Bool)

    public var description: String {
        switch self {
        case .unknown(let quantity, let device):
            "--target-\(quantity.rawValue): the device profile\(device.map { " " + $0 } ?? "") does not say what it takes to know "
                + "the \(quantity.rawValue)"
        case .outOfRange(let target, let space, let range, let device):
            "--target-\(target.quantity.rawValue): expected at least \(target.quantity.text(range.lowerBound, .up)), what the "
                + "smallest network of \(space) costs\(device.map { " on " + $0 } ?? ""), found "
                + "\(target.quantity.text(target.limit)) (its networks cost \(Self.text(range, of: target.quantity)))"
        case .unreachable(let targets, let space, let ranges, let isProven):
            CostQuantity.allCases.filter { quantity in targets.contains { $0.quantity == quantity } }
                .map { "--target-\($0.rawValue)" }.joined(separator: ", ")
                + (isProven
                    ? ": no network of \(space) keeps all of them" : ": found no network of \(space) that keeps all of them")
                + "; its networks cost " + zip(targets, ranges).map { target, range in
                    Self.text(range.costs, of: target.quantity) + (range.device.map { " on " + $0 } ?? "")
                }.joined(separator: ", and ")
        }
    }

    /// Rounded inwards, so that networks reach the printed limits.
    private static func text(_ range: ClosedRange<Double>, of quantity: CostQuantity) -> String {
        let lowest = quantity.text(range.lowerBound, .up)
        return range.lowerBound == range.upperBound ? lowest : "from \(lowest) to \(quantity.text(range.upperBound, .down))"
    }
}
