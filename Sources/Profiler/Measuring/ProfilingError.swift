/// Why something could not be measured, as one sentence that a person can act on.
public enum ProfilingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The runtime does not work on this machine at all.
    case unavailable(runtime: String, reason: String)
    /// The runtime does not take an operator.
    case rejected(operator: String, runtime: String, reason: String)
    /// The thread cannot be bound to that many processor cores.
    case cannotPin(cores: Int, reason: String)
    /// In so many visits of all, the reference operator was always slower or faster than on the undisturbed machine by
    /// more than `limit`, a fraction, or something else was on the processor.
    case unsteady(disturbed: Int, visits: Int, limit: Double)
    /// What was measured cannot be right, or is not known well enough.
    case refused([Refusal])

    public var description: String {
        switch self {
        case .unavailable(let runtime, let reason):
            "\(runtime) does not run here: \(reason)"
        case .rejected(let name, let runtime, let reason):
            "\(runtime) does not take the operator \(name): \(reason)"
        case .cannotPin(let cores, let reason):
            "cannot bind the measurement to \(cores) processor core\(cores == 1 ? "" : "s"): \(reason)"
        case .unsteady(let disturbed, let visits, let limit):
            "the machine is not steady enough to measure: in \(disturbed) of \(visits) visits the reference operator "
                + "was more than \(Int((100 * limit).rounded())) % off, or the processor taken away; run again when "
                + "less else runs"
        case .refused(let refusals):
            "\(refusals.count) measurement\(refusals.count == 1 ? "" : "s") refused:\n"
                + refusals.map { "  \($0)" }.joined(separator: "\n")
        }
    }
}
