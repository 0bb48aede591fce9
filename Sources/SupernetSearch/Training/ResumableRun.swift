import Files

/// A run of many steps that can stop between any two of them, and go on later as if it had never stopped.
public protocol ResumableRun: AnyObject {
    /// Where a run stands after a step.
    associatedtype Step: RunStep

    /// Steps that are done.
    var step: Int { get }
    /// Steps of the whole run.
    var steps: Int { get }
    /// Everything that the run is after its last step.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    func checkpoint() throws -> Checkpoint
    /// Goes back, or forward, to where a run of the same settings was.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; the run is then of no use any more.
    func restore(_ checkpoint: Checkpoint) throws
    /// Goes on to the last step.
    ///
    /// - Parameter report: called after every step, when `checkpoint` may be called too; what it throws ends the run
    ///   and is passed on.
    func run(report: (Step) throws -> Void) throws
    /// Whether a step, from 1, belongs in the log.
    func isLogged(_ step: Int) -> Bool
    /// The line of `metrics.jsonl` for a step.
    func line(of step: Step) -> JSON
}

/// Where a run stands after a step.
public protocol RunStep {
    /// From 1.
    var step: Int { get }
    /// Whether this step belongs in the log.
    var isLogged: Bool { get }
    /// Whether what follows is not the next step but something else that takes long: a checkpoint is kept before it.
    var precedesOtherWork: Bool { get }
}
