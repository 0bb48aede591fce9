import Files
import Glibc
import Training

/// The paths of a finished run's files.
///
///     let run = try FinishedRun("runs/one")
///     let architecture = try Architecture(contentsOf: run.architecturePath)
public struct FinishedRun: Hashable, Sendable {
    /// The folder.
    public let path: String
    /// The name of the data set that it was trained on, or the path of its folder.
    public let data: String
    /// The share of a folder's images that was kept for validation; nil for other data.
    public let holdout: Double?
    /// The paths of a folder's broken images that it went on without, from the folder on; empty where there were none.
    public let skipped: [String]
    /// Whether a folder's images were decoded from their files each time.
    public let isUncached: Bool
    /// The shorter side of the images that it was trained on, in the last epoch; nil for the network's input.
    public let trainResolution: Int?

    /// The architecture that was found or trained.
    public var architecturePath: String { RunDirectory.architecturePath(in: path) }
    /// Its weights: those of a search are inherited from the supernet.
    public var weightsPath: String { RunDirectory.weightsPath(in: path) }

    /// - Throws: `FileError.missing` where no run is in the folder; `.invalid` where it is not finished, or is a sweep.
    public init(_ path: String) throws(FileError) {
        let node = try RunKind.configuration(ofAnyRunIn: path, what: "run")
        guard let kind = RunKind.kind(of: node) else {
            throw node.problem("expected the configuration of a search or a training, found another schema")
        }
        if kind == .sweep { throw RunKind.refusal(ofSweep: node) }
        guard access(path + "/" + RunDirectory.resultName, F_OK) == 0 else {
            let isWarmUp = SweepDirectory.sweep(ofWarmUpIn: path) != nil
            throw .invalid(
                path: path, place: "",
                problem: "expected a finished run, found "
                    + (isWarmUp
                        ? "the warm-up of a sweep, whose networks are in the folders beside it"
                        : "one without \(RunDirectory.resultName); `onepath \(kind.command) --resume --output \(path)` resumes it"))
        }
        guard case .string(let data)? = node.value["data"] else {
            throw node.problem("expected a string in the field \"data\"")
        }
        self.path = path
        self.data = data
        trainResolution = TrainResolution(recorded: node.value["configuration"]?["train_resolution"])?.last
        let skipped: [JSON] = if case .array(let paths)? = node.value[RunImages.skippedField] { paths } else { [] }
        self.skipped = skipped.compactMap { if case .string(let path) = $0 { path } else { nil } }
        isUncached = node.value[RunImages.uncachedField] == .bool(true)
        let share = try node.members().first { $0.key == RunImages.holdoutField }
        if let share { holdout = try RunImages.holdout(share.node) } else { holdout = nil }
    }
}
