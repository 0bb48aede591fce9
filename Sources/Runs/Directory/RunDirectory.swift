import Files
import Glibc
import SupernetSearch
import Training

/// The directory of one run, with its configuration, its metrics, its checkpoints and its results.
///
/// - `config.json`: everything that determines the run.
/// - `metrics.jsonl`: one line for each logged step.
/// - `checkpoints`: the last two checkpoints, from which a stopped run resumes.
/// - `architecture.json`: the architecture that was found or trained, written at the end by a `RunExport`.
/// - `weights.safetensors`: its weights, likewise.
/// - `result.json`: the evaluation on the test images; a run with this file is finished.
///
/// One program at a time works in it. `RunRecord` reads it.
public final class RunDirectory {
    public let path: String
    public private(set) var checkpoints: CheckpointDirectory
    private let metrics: JSONLines
    private let lock: DirectoryLock

    public var configurationPath: String { Self.configurationPath(in: path) }
    public var metricsPath: String { path + "/" + Self.metricsName }
    public var architecturePath: String { Self.architecturePath(in: path) }
    public var weightsPath: String { Self.weightsPath(in: path) }
    public var resultPath: String { path + "/" + Self.resultName }

    static let configurationName = "config.json"
    static let metricsName = "metrics.jsonl"
    static let architectureName = "architecture.json"
    private static let weightsName = "weights.safetensors"
    private static let checkpointsName = "checkpoints"
    static let resultName = "result.json"
    static let resultSchema = "onepath.result/1"

    /// The path of a run's configuration.
    public static func configurationPath(in path: String) -> String { path + "/" + configurationName }

    /// The path of a run's architecture.
    public static func architecturePath(in path: String) -> String { path + "/" + architectureName }

    /// The path of a run's weights.
    public static func weightsPath(in path: String) -> String { path + "/" + weightsName }

    /// Creates the directory of a new run, including missing parent directories, and writes its configuration.
    ///
    /// - Parameter configuration: the content of `config.json`.
    /// - Throws: `FileError.cannotWrite` where that is not possible, and where the directory contains a run already,
    ///   which is not changed.
    public init(creating path: String, configuration: JSON) throws(FileError) {
        self.path = path
        try Self.checkUnused(path)
        try Folder.makeAll(to: path)
        lock = try DirectoryLock(path)
        checkpoints = CheckpointDirectory(path + "/" + Self.checkpointsName)
        try configuration.write(to: path + "/" + Self.configurationName)
        metrics = try JSONLines(creating: path + "/" + Self.metricsName)
    }

    /// Resumes a stopped run in its directory. Restores the newest good checkpoint, or starts from the first step where
    /// there is none yet; cuts off later lines of metrics.
    ///
    /// - Parameters:
    ///   - run: a new run with the directory's configuration.
    ///   - telling: called with a sentence where an older checkpoint is used, or none.
    /// - Throws: `FileError`.
    public init(resuming path: String, run: some ResumableRun, telling: (String) -> Void) throws {
        self.path = path
        lock = try DirectoryLock(path)
        AtomicFile.removeLeftovers(in: path)
        checkpoints = CheckpointDirectory(path + "/" + Self.checkpointsName)
        if let (checkpoint, skipped) = try checkpoints.newest() {
            for error in skipped { telling("\(error); resuming from an older checkpoint") }
            try run.restore(checkpoint)
        } else {
            telling("no checkpoint in \(checkpoints.path): the run begins again with its first step")
        }
        let metricsPath = path + "/" + Self.metricsName
        func step(_ line: JSONNode) throws(FileError) -> Int {
            guard case .integer(let step)? = line.value["step"] else {
                throw FileError.invalid(path: metricsPath, place: "/step", problem: "expected a step in every line")
            }
            return step
        }
        let (file, lines) = try JSONLines.resume(metricsPath) { try step($0) <= run.step }
        metrics = file
        let expected = (0..<run.step).map { $0 + 1 }.filter(run.isLogged), found = try lines.map(step)
        guard found == expected else {
            let line = zip(found, expected).prefix { $0.0 == $0.1 }.count
            throw FileError.invalid(
                path: metricsPath, place: "line \(line + 1)",
                problem: "expected \(line < expected.count ? "step \(expected[line])" : "the end"), found "
                    + (line < found.count ? "step \(found[line])" : "none")
                    + ": metrics and checkpoints do not belong together")
        }
    }

    /// Creates the directory of a search that continues from another's warm-up, and copies the warm-up's metrics. An
    /// incomplete directory of an interrupted attempt is created again.
    ///
    /// - Parameters:
    ///   - trunk: the directory of the search whose warm-up is finished.
    ///   - run: the search that continues, in its state after the warm-up.
    ///   - configuration: the content of `config.json`, which is written last: a directory with one is complete.
    /// - Throws: `FileError`.
    public init(branching path: String, from trunk: String, run: some ResumableRun, configuration: JSON) throws {
        self.path = path
        try Folder.makeAll(to: path)
        lock = try DirectoryLock(path)
        let metricsPath = path + "/" + Self.metricsName
        let warmUp = try TextFile.read(trunk + "/" + Self.metricsName, what: "metrics")
        try AtomicFile.write(warmUp, to: metricsPath)
        (metrics, _) = try JSONLines.resume(metricsPath)
        checkpoints = CheckpointDirectory(path + "/" + Self.checkpointsName)
        try save(run.checkpoint())
        try configuration.write(to: path + "/" + Self.configurationName)
    }

    /// Whether there is a run in a directory, finished or not.
    public static func isBegun(_ path: String) -> Bool { access(path + "/" + configurationName, F_OK) == 0 }

    /// The step after which the run in a directory is resumed, by the names of its checkpoints; nil where there are none.
    static func newestStep(ofRunIn path: String) -> Int? {
        CheckpointDirectory(path + "/" + checkpointsName).newestStep()
    }

    /// What `body` gives. Where it cannot write, the error says which steps are saved.
    public func tellingWhatIsKept<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch FileError.cannotWrite(let failed, let reason) {
            throw notWritten(failed, reason: reason)
        }
    }

    private func notWritten(_ failed: String, reason: String) -> FileError {
        guard access(path, F_OK) == 0 else {
            return .cannotWrite(path: path, reason: "the run's directory has vanished, and the run with it")
        }
        let kept = checkpoints.steps.last.map { "what was done up to step \($0) is kept, and --resume goes on there" }
        return .cannotWrite(
            path: failed, reason: "\(reason); \(kept ?? "no checkpoint was kept yet, so --resume begins anew")")
    }

    /// Appends the line of a logged step.
    func append(metrics line: JSON) throws(FileError) { try metrics.append(line) }

    /// Writes a checkpoint, after the metrics up to it; it replaces one of the same step.
    func save(_ checkpoint: Checkpoint) throws {
        // First, so that no checkpoint is on the disk without its metrics.
        try metrics.synchronize()
        try checkpoints.save(checkpoint)
    }

    /// Writes the evaluation on the test images, which finishes the run.
    ///
    /// - Parameter decision: of a search, how certain its decision was.
    /// - Throws: `FileError.cannotWrite`.
    public func record(
        _ result: Evaluation, decision: Decision? = nil, provenance: Provenance
    ) throws(FileError) {
        let head = JSON.Member(key: "schema", value: .string(Self.resultSchema))
        let decided = decision.map { [JSON.Member(key: "decision", value: $0.json)] } ?? []
        let tail = JSON.Member(key: "provenance", value: provenance.json)
        try JSON.object([head] + result.members + decided + [tail]).write(to: resultPath)
    }

    /// Reads the evaluation that `record` wrote; nil where the run is not finished.
    ///
    /// - Throws: `FileError`.
    public static func result(ofRunIn path: String) throws -> Evaluation? { try record(ofRunIn: path)?.evaluation }

    /// Checks that a finished run has its network.
    ///
    /// - Throws: `FileError.invalid`.
    public static func checkNetwork(ofRunIn path: String) throws(FileError) {
        for name in [architectureName, weightsName] where access(path + "/" + name, F_OK) != 0 {
            throw .invalid(
                path: path, place: "",
                problem: "expected \(name) of a finished run, found none; remove its \(resultName), and --resume writes both "
                    + "again from the last checkpoint")
        }
    }

    /// Reads the decision that `record` wrote; nil where the run is not finished, and for a training.
    ///
    /// - Throws: `FileError`.
    public static func decision(ofRunIn path: String) throws -> Decision? { try record(ofRunIn: path)?.decision }

    private static func record(ofRunIn path: String) throws -> (evaluation: Evaluation, decision: Decision?)? {
        let result = path + "/" + resultName
        if access(result, F_OK) != 0 { return nil }
        return try JSONNode(contentsOf: result, what: "result").object { fields in
            try fields.schema(resultSchema)
            let evaluation = try Evaluation(json: &fields)
            let decision = try fields.optionalNode("decision").map(Decision.init(json:))
            _ = try Provenance(json: fields.node("provenance"))
            return (evaluation, decision)
        }
    }

    /// Checks that a new run can be created at `path`, without creating anything.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public static func checkCreatable(_ path: String) throws(FileError) {
        try checkUnused(path)
        var existing = path
        while access(existing, F_OK) != 0 {
            guard let slash = existing.lastIndex(of: "/") else {
                existing = "."
                break
            }
            existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
        }
        guard Folder.exists(at: existing) else {
            throw .cannotWrite(path: path, reason: "\(existing == path ? "it" : existing) is not a directory")
        }
        guard access(existing, W_OK | X_OK) == 0 else {
            throw .cannotWrite(path: path, reason: "\(existing): \(lastSystemError())")
        }
    }

    static func checkUnused(_ path: String) throws(FileError) {
        for name in [
            configurationName, metricsName, architectureName, weightsName, resultName, checkpointsName,
        ] where access(path + "/" + name, F_OK) == 0 {
            throw .cannotWrite(
                path: path,
                reason: "it holds another run (\(name)); resume that with --resume, give a new directory, or remove "
                    + "it")
        }
    }
}
