import Files

/// The content of a run's directory, of either kind of run.
public enum RecordedRun: Sendable {
    case search(RunRecord)
    case training(TrainingRecord)

    /// Reads the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`, with the line of damaged metrics, also for a sweep; `ConfigurationError`.
    public init(contentsOf path: String) throws {
        let node = try RunKind.configuration(ofAnyRunIn: path, what: "run")
        switch RunKind.kind(of: node) {
        case .training: self = .training(try TrainingRecord(contentsOf: path))
        case .sweep: throw RunKind.refusal(ofSweep: node)
        case .search, nil: self = .search(try RunRecord(contentsOf: path))
        }
    }
}
