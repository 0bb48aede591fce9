import Files
import Glibc
import SupernetSearch
import Training

/// The directory of one run: what determines it, how it went, where it can go on, and what came out.
///
/// - `config.json`: everything that determines the run.
/// - `metrics.jsonl`: one line a logged step.
/// - `checkpoints`: what the run goes on from when it was stopped; the last two.
/// - `architecture.json`: what was found or trained, written at the end by whoever knows how to export it.
/// - `weights.safetensors`: its weights, likewise.
/// - `result.json`: how the test images are classified; where it stands the run is finished.
///
/// One program at a time works in it. `RunRecord` reads what stands in it.
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

    /// Where the run in a directory has what determines it.
    public static func configurationPath(in path: String) -> String { path + "/" + configurationName }

    /// Where the run in a directory leaves the architecture.
    public static func architecturePath(in path: String) -> String { path + "/" + architectureName }

    /// Where the run in a directory leaves its weights.
    public static func weightsPath(in path: String) -> String { path + "/" + weightsName }

    /// Makes the directory of a new run, and those above it, where they do not exist, and writes its configuration.
    ///
    /// - Parameters:
    ///   - path: of the directory.
    ///   - configuration: the content of `config.json`.
    /// - Throws: `FileError.cannotWrite` where that is not possible, and where the directory holds a run already,
    ///   which is left as it is.
    public init(creating path: String, configuration: JSON) throws(FileError) {
        self.path = path
        try Self.checkUnused(path)
        try Self.makeDirectories(path)
        lock = try DirectoryLock(path)
        checkpoints = CheckpointDirectory(path + "/" + Self.checkpointsName)
        try configuration.write(to: path + "/" + Self.configurationName)
        metrics = try JSONLines(creating: path + "/" + Self.metricsName)
    }

    /// The directory of a run that was stopped, which it goes on in. The run is taken to where the newest good
    /// checkpoint has it, or stays at its beginning where there is none yet; lines of metrics from after that are cut
    /// off.
    ///
    /// - Parameters:
    ///   - path: of the directory.
    ///   - run: a new run, as the directory's configuration determines it.
    ///   - telling: called with a sentence where not the newest checkpoint stands in, or none.
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

    /// The directory of a search that goes on from another's warm-up, whose metrics it takes over. Where making it was
    /// interrupted it is made anew.
    ///
    /// - Parameters:
    ///   - path: of the new directory.
    ///   - trunk: the directory of the search whose warm-up is over.
    ///   - run: the search that goes on, as it stands after the warm-up.
    ///   - configuration: the content of `config.json`, which is written last: a directory with one is complete.
    /// - Throws: `FileError`.
    public init(branching path: String, from trunk: String, run: some ResumableRun, configuration: JSON) throws {
        self.path = path
        try Self.makeDirectories(path)
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

    /// That a file of the run could not be written, and what is kept of the run.
    func notWritten(_ failed: String, reason: String) -> FileError {
        guard access(path, F_OK) == 0 else {
            return .cannotWrite(path: path, reason: "the run's directory has vanished, and the run with it")
        }
        let kept = checkpoints.steps.last.map { "what was done up to step \($0) is kept, and --resume goes on there" }
        return .cannotWrite(
            path: failed, reason: "\(reason); \(kept ?? "no checkpoint was kept yet, so --resume begins anew")")
    }

    /// Adds the line of a logged step.
    func append(metrics line: JSON) throws(FileError) { try metrics.append(line) }

    /// Keeps a checkpoint, with the metrics up to it, in the place of one of the same step.
    func save(_ checkpoint: Checkpoint) throws {
        // First, so that there is no checkpoint on the disk whose metrics are not.
        try metrics.synchronize()
        try checkpoints.save(checkpoint)
    }

    /// Writes how the test images are classified, which finishes the run.
    ///
    /// - Parameters:
    ///   - result: how the test images are classified.
    ///   - decision: of a search, how certain it was.
    ///   - provenance: of the run.
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

    /// Reads how certain the search was whose end `record` wrote; nil where it is not finished, and of a training.
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

    /// Checks that a new run could be made at `path`, without making anything.
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
        var status = stat()
        guard stat(existing, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotWrite(path: path, reason: "\(existing == path ? "it" : existing) is not a directory")
        }
        guard access(existing, W_OK | X_OK) == 0 else {
            throw .cannotWrite(path: path, reason: "\(existing): \(String(cString: strerror(errno)))")
        }
    }

    static func checkUnused(_ path: String) throws(FileError) {
        for name in [
            configurationName, metricsName, architectureName, weightsName, resultName, checkpointsName,
        ] where access(path + "/" + name, F_OK) == 0 {
            throw .cannotWrite(
                path: path,
                reason: "it holds another run (\(name)); go on with that by --resume, give a new directory, or remove "
                    + "it")
        }
    }

    package static func makeDirectories(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o777) != 0, errno != EEXIST {
                throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotWrite(path: path, reason: "it is not a directory")
        }
    }
}
