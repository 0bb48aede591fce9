import Files

/// The directory of a sweep: what determines it, in `config.json`, and one directory for each of its searches and for the
/// warm-up that they share. One program at a time works in it.
public final class SweepDirectory {
    public let path: String
    private let lock: DirectoryLock

    /// Makes the directory of a new sweep and writes its plan.
    ///
    /// - Throws: `FileError.cannotWrite`, also where the directory holds a run or a sweep already, which is left as it is.
    public init(creating path: String, plan: SweepPlan) throws(FileError) {
        self.path = path
        try RunDirectory.checkUnused(path)
        try RunDirectory.makeDirectories(path)
        lock = try DirectoryLock(path)
        try plan.json.write(to: path + "/" + RunDirectory.configurationName)
    }

    /// The directory of a sweep that was stopped.
    ///
    /// - Throws: `FileError.cannotWrite` where it cannot be worked in.
    public init(resuming path: String) throws(FileError) {
        self.path = path
        lock = try DirectoryLock(path)
    }

    /// Where the run of that name has its directory.
    public func path(of run: String) -> String { path + "/" + run }
}
