import Files
import Training

/// What is written of each logged step in another format than `metrics.jsonl`.
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

/// Takes a run from event to event, and writes what of it belongs on the disk: the metrics of its logged steps, and its
/// checkpoints. Nobody else writes while a run goes on.
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
    ///   - run: new, or as it was resumed.
    ///   - directory: of this run, which was made or resumed with it.
    ///   - interval: a checkpoint is kept every so many steps, before other work, and at the end.
    ///   - log: takes the logged steps too.
    public init(_ run: Run, in directory: RunDirectory, checkpointEvery interval: Int, log: (any StepLog)? = nil) {
        self.run = run
        self.directory = directory
        self.interval = interval
        self.log = log
    }

    /// Lets the run do its next piece of work.
    ///
    /// - Returns: what was done; nil where the run is at its end.
    /// - Throws: `FileError.cannotWrite`, with what is kept of the run; what the run throws.
    public func next() throws -> Run.Event? {
        let event = try run.next()
        guard let step = event?.finishedStep else { return event }
        do {
            if step.isLogged {
                let line = run.line(of: step)
                try directory.append(metrics: line)
                try log?.append(metrics: line)
            }
            if run.step == run.steps || step.precedesOtherWork || run.step % interval == 0 {
                try directory.save(run.checkpoint())
            }
        } catch FileError.cannotWrite(let failed, let reason) {
            throw directory.notWritten(failed, reason: reason)
        }
        return event
    }

    /// Keeps a checkpoint of all that was done, from which `--resume` goes on.
    ///
    /// - Throws: `FileError.cannotWrite`, with what is kept of the run; what the run throws.
    public func stop() throws {
        do {
            try directory.save(run.checkpoint())
        } catch FileError.cannotWrite(let failed, let reason) {
            throw directory.notWritten(failed, reason: reason)
        }
    }
}
