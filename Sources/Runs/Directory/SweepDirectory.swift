import Files

/// The directory of a sweep: its plan in `config.json`, and one directory for each of its searches and for their common
/// warm-up. One program at a time works in it.
public final class SweepDirectory {
    public let path: String
    private let lock: DirectoryLock

    /// Creates the directory of a new sweep and writes its plan.
    ///
    /// - Throws: `FileError.cannotWrite`, also where the directory contains a run or a sweep already, which is not
    ///   changed.
    public init(creating path: String, plan: SweepPlan) throws(FileError) {
        self.path = path
        try RunDirectory.checkUnused(path)
        try RunDirectory.makeDirectories(path)
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
}
