import Files

/// The reason why something could not be measured, as one sentence that a person can act on.
public enum ProfilingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The runtime does not work on this machine at all.
    case unavailable(runtime: String, reason: String)
    /// The runtime does not support an operator.
    case rejected(operator: String, runtime: String, reason: String)
    /// The thread cannot be bound to that many processor cores.
    case cannotPin(cores: Int, reason: String)
    /// Nothing is known, because the machine was unsteady all the time.
    case unsteady(Steadiness)
    /// Measurements are impossible, or nothing is known.
    case refused([Refusal])

    public var description: String {
        switch self {
        case .unavailable(let runtime, let reason):
            "\(runtime) does not run here: \(reason)"
        case .rejected(let name, let runtime, let reason):
            "\(runtime) does not take the operator \(name): \(reason)"
        case .cannotPin(let cores, let reason):
            "cannot bind the measurement to \(cores.counted("processor core")): \(reason)"
        case .unsteady(let steadiness):
            "nothing could be measured: in \(steadiness.disturbedVisits) of \(steadiness.visits) visits the reference "
                + "operator was off, or the processor taken away (\(steadiness)); run again when less else runs"
        case .refused(let refusals):
            "\(refusals.count.counted("measurement")) refused:\n"
                + refusals.map { "  \($0)" }.joined(separator: "\n")
        }
    }
}
