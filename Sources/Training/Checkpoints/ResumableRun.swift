import Files

/// A run of many steps from which one event after the other is pulled. It can stop between any two of them, and resume later
/// as if it had never stopped.
///
///     while let event = try run.next() {
///         if let step = event.finishedStep { print(step.step, "of", run.steps) }
///     }
public protocol ResumableRun: AnyObject {
    associatedtype Event: RunEvent

    /// Steps that are done.
    var step: Int { get }
    /// Steps of the whole run.
    var steps: Int { get }
    /// Does the next piece of work: a step, or something else that takes as long.
    ///
    /// - Returns: what was done; nil where the run is at its end.
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number.
    func next() throws -> Event?
    /// Everything that the run is after its last event. Work of which only a part is done is left out; it begins again with
    /// the next event.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    func checkpoint() throws -> Checkpoint
    /// Goes back, or forward, to where a run of the same settings was.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; the run is then of no use any more.
    func restore(_ checkpoint: Checkpoint) throws
    /// Whether a step, from 1, belongs in the log.
    func isLogged(_ step: Int) -> Bool
    /// The line of `metrics.jsonl` for a step.
    func line(of step: Event.Step) -> JSON
}

/// A piece of work that a run has done.
public protocol RunEvent: Sendable {
    associatedtype Step: RunStep

    /// Where the run stands, if the piece was a step.
    var finishedStep: Step? { get }
}

/// Where a run stands after a step.
public protocol RunStep: Sendable {
    /// From 1.
    var step: Int { get }
    /// Whether this step belongs in the log.
    var isLogged: Bool { get }
    /// Whether what follows is not the next step but something else that takes long: a checkpoint is kept before it.
    var precedesOtherWork: Bool { get }
}
