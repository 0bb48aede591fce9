import Architectures

/// Where networks are timed, a visit at a time: this machine (`NetworkBench`), or a device that commands are sent to
/// (`RemoteBench`).
protocol Bench {
    var facts: RuntimeFacts { get }
    /// Whether a visit can time every operator of a network. If not, each operator and block is timed as a network of
    /// its own.
    var timesOperators: Bool { get }
    /// Nanoseconds that the runtime takes for a network of next to nothing. It comes off what an operator or block takes
    /// that is timed as a network of its own.
    var launch: Double { get }
    /// For how many seconds it waited for a hot device so far, at most the longest wait. They count for no budget.
    var waitedSeconds: Double { get }

    /// Times some passes of a network, with readings of a reference between them.
    ///
    /// - Parameter eachOperator: whether operators and layers are timed, or only whole passes.
    func visit(_ network: Network, eachOperator: Bool) throws -> [TimedSegment]

    /// About how many seconds a visit takes.
    func estimatedVisitSeconds(_ network: Network) throws -> Double
}
