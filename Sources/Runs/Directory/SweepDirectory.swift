import Files

/// The directory of a sweep: its plan in `config.json`, and one directory for each of its searches and for their common
/// warm-up. One program at a time works in it.
public final class SweepDirectory {
    public let path: String
    private let lock: DirectoryLock

    /// The name of the directory of the common warm-up.
    static let warmUpName = "warm-up"

    /// Creates the directory of a new sweep and writes its plan.
    ///
    /// - Throws: `FileError.cannotWrite`, also where the directory contains a run or a sweep already, which is not
    ///   changed.
    public init(creating path: String, plan: SweepPlan) throws(FileError) {
        self.path = path
        try RunDirectory.checkUnused(path)
        try Folder.makeAll(to: path)
        lock = try DirectoryLock(path)
        try plan.json.write(to: path + "/" + RunDirectory.configurationName)
    }

    /// Opens the directory of a stopped sweep.
    ///
    /// - Throws: `FileError.cannotWrite` where it cannot be worked in.
    public init(resuming path: String) throws(FileError) {
        self.path = path
        lock = try DirectoryLock(path)
    }

    /// The path of the directory of the run with that name.
    public func path(of run: String) -> String { path + "/" + run }

    /// The path of the sweep whose warm-up is in the directory at `path`; nil where that is another run.
    ///
    /// Such a run is never resumed as a search: all searches of the sweep, and what they are compared with, need its state
    /// at the end of the warm-up.
    static func sweep(ofWarmUpIn path: String) -> String? {
        let run = AbsolutePath.of(path)
        guard AbsolutePath.baseName(run) == warmUpName else { return nil }
        let sweep = run.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        guard let node = try? RunKind.configuration(ofAnyRunIn: sweep, what: "sweep"), RunKind.kind(of: node) == .sweep else {
            return nil
        }
        return sweep
    }
}
