import Files

/// What a run left in its directory, whichever kind of run it was.
public enum RecordedRun: Sendable {
    case search(RunRecord)
    case training(TrainingRecord)

    /// Reads the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`, with the line of damaged metrics; of a sweep, that it is one; `ConfigurationError`.
    public init(contentsOf path: String) throws {
        let node = try RunKind.configuration(ofAnyRunIn: path, what: "run")
        switch RunKind.kind(of: node) {
        case .training: self = .training(try TrainingRecord(contentsOf: path))
        case .sweep:
            throw node.problem("expected that of one run, found that of a sweep, whose runs have directories in this one")
        case .search, nil: self = .search(try RunRecord(contentsOf: path))
        }
    }
}
