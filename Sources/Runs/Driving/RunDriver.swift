import Files
import Training

/// Writes the logged steps in a second format besides `metrics.jsonl`.
public protocol StepLog: AnyObject {
    /// - Parameter metrics: a line of `metrics.jsonl`.
    /// - Throws: `FileError.cannotWrite`.
    func append(metrics: JSON) throws(FileError)
    /// - Parameters:
    ///   - step: from 1.
    ///   - scalars: its figures under their names.
    /// - Throws: `FileError.cannotWrite`.
    func append(step: Int, scalars: [(name: String, value: Double)]) throws(FileError)
}

/// Drives a run from event to event, and writes the metrics of its logged steps and its checkpoints. Nothing else
/// writes to the run's directory meanwhile.
///
///     let driver = RunDriver(search, in: directory, checkpointEvery: 200)
///     while let event = try driver.next() {
///         print(event)
///         if isInterrupted { return try driver.stop() }
///     }
public final class RunDriver<Run: ResumableRun> {
    public let run: Run
    public let directory: RunDirectory
    private let interval: Int
    private let log: (any StepLog)?

    /// - Parameters:
    ///   - directory: of this run, created or resumed with it.
    ///   - interval: the number of steps between checkpoints; they are also written before other work and at the end.
    ///   - log: also receives the logged steps.
    public init(_ run: Run, in directory: RunDirectory, checkpointEvery interval: Int, log: (any StepLog)? = nil) {
        self.run = run
        self.directory = directory
        self.interval = interval
        self.log = log
    }

    /// Does the run's next piece of work.
    ///
    /// - Returns: the event; nil at the end of the run.
    /// - Throws: `FileError.cannotWrite`, with the steps that are saved; what the run throws.
    public func next() throws -> Run.Event? {
        let event = try run.next()
        guard let step = event?.finishedStep else { return event }
        try directory.tellingWhatIsKept {
            if step.isLogged {
                let line = run.line(of: step)
                try directory.append(metrics: line)
                try log?.append(metrics: line)
            }
            if run.step == run.steps || step.precedesOtherWork || run.step % interval == 0 {
                try directory.save(run.checkpoint())
            }
        }
        return event
    }

    /// Writes a checkpoint of the present state, from which `--resume` continues.
    ///
    /// - Throws: `FileError.cannotWrite`, with the steps that are saved; what the run throws.
    public func stop() throws {
        try directory.tellingWhatIsKept { try directory.save(run.checkpoint()) }
    }
}
