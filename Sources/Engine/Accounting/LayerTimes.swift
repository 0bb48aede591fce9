/// The time of training steps, by kind of layer.
///
///     let times = LayerTimes()
///     times.measure(.pointwise, layer.forwardWork) { layer.forward(training: true) }
///     times.totals[.pointwise]?.seconds
public final class LayerTimes {
    /// The totals of one kind of layer.
    public struct Total: Hashable, Sendable {
        public var seconds = 0.0
        public var work = Work.none
    }

    public private(set) var totals: [LayerKind: Total] = [:]

    public init() {}

    /// Runs one pass and counts its time and its work.
    public func measure(_ kind: LayerKind, _ work: Work, _ pass: () -> Void) {
        let time = ContinuousClock().measure(pass) / .seconds(1)
        totals[kind, default: Total()].seconds += time
        totals[kind, default: Total()].work += work
    }
}
