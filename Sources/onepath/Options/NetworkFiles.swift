import Architectures
import Exporter
import Files
import Runs

/// Where the files of a network are: those of a finished run, or given one by one.
struct NetworkFiles {
    let architecturePath: String
    /// nil where none were given.
    let weightsPath: String?
    /// What the run was trained on, a name or a path; nil where no run was given.
    private(set) var data: String?
    /// The share of a folder's images that the run kept for validation; nil where no run was given, and for other data.
    private(set) var holdout: Double?
    /// The paths of a folder's broken images that the run went on without, from the folder on.
    private(set) var skipped: [String]
    /// Whether the run decoded a folder's images from their files each time.
    private(set) var isUncached: Bool
    /// The shorter side of the images that the run was trained on; nil where no run was given, and for the input.
    let trainResolution: Int?
    /// Whether both files are those of one run.
    private let isRun: Bool

    /// - Parameters:
    ///   - run: the folder of a run, or nil.
    ///   - architecture: its name or path, or the folder of a run, where no run is given.
    ///   - weights: their path, or the folder of a run, likewise.
    /// - Throws: `FileError`.
    init(run: String?, architecture: String?, weights: String?) throws {
        isRun = run != nil
        if let run {
            let run = try FinishedRun(run)
            architecturePath = run.architecturePath
            weightsPath = run.weightsPath
            data = run.data
            holdout = run.holdout
            skipped = run.skipped
            isUncached = run.isUncached
            trainResolution = run.trainResolution
        } else {
            architecturePath = try Catalogue.architectures.path(of: architecture ?? "")
            weightsPath = try weights.map { try Catalogue.weightsPath(of: $0) }
            data = nil
            holdout = nil
            skipped = []
            isUncached = false
            trainResolution = nil
        }
    }

    /// The trained weights of the network. Weights that were given one by one may have another number of classes than the
    /// architecture: a published one that was trained on photos of somebody's own.
    ///
    /// - Throws: `FileError`.
    func trained() throws -> WeightsFile {
        let path = weightsPath ?? "", architecture = try ArchitectureDocument(exported: architecturePath).architecture
        return isRun
            ? try WeightsFile(contentsOf: path, for: architecture)
            : try WeightsFile(contentsOf: path, forAnyClassesOf: architecture)
    }

    /// The same on images that were given: where they are not those of the run, by whatever path, how the run read its own
    /// does not count.
    ///
    /// - Parameter data: as it was given on the command line; nil for those of the run.
    func reading(_ data: String?) -> NetworkFiles {
        guard let data else { return self }
        var files = self
        files.data = data
        if Catalogue.dataSource(of: data) != self.data { (files.holdout, files.skipped, files.isUncached) = (nil, [], false) }
        return files
    }
}
