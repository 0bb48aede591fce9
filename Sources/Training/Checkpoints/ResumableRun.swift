import Files

/// A run of many steps that returns one event after another. It can stop between any two events, and resume later as if
/// it had never stopped.
///
///     while let event = try run.next() {
///         if let step = event.finishedStep { print(step.step, "of", run.steps) }
///     }
public protocol ResumableRun: AnyObject {
    associatedtype Event: RunEvent

    /// The number of finished steps.
    var step: Int { get }
    /// Steps of the whole run.
    var steps: Int { get }
    /// About which part of the time of all steps so many of them take, from 0 to 1.
    func share(ofSteps count: Int) -> Double
    /// Does the next piece of work: a step, or other work of similar length.
    ///
    /// - Returns: the work that was done; nil at the end of the run.
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number.
    func next() throws -> Event?
    /// The complete state after the last event. Unfinished work is left out; it begins again with the next event.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    func checkpoint() throws -> Checkpoint
    /// Resumes from the checkpoint of a run with the same settings.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; do not use this run after that.
    func restore(_ checkpoint: Checkpoint) throws
    /// Whether a step, from 1, belongs in the log.
    func isLogged(_ step: Int) -> Bool
    /// The line of `metrics.jsonl` for a step.
    func line(of step: Event.Step) -> JSON
}

/// A finished piece of work of a run.
public protocol RunEvent: Sendable {
    associatedtype Step: RunStep

    /// The progress of the run, if the piece was a step.
    var finishedStep: Step? { get }
}

/// The progress of a run after a step.
public protocol RunStep: Sendable {
    /// From 1.
    var step: Int { get }
    /// Whether this step belongs in the log.
    var isLogged: Bool { get }
    /// Whether long work other than a step follows: a checkpoint is written before it.
    var precedesOtherWork: Bool { get }
}
