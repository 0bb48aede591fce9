import Glibc
import JSONDocuments

/// What a person needs to measure a plan elsewhere, in a directory.
public struct PlanDirectory {
    private let path: String

    /// The directory at `path`, which is made where there is none.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public init(creating path: String) throws(FileError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        self.path = path
    }

    /// Writes the sheet to fill in (see `MeasurementSheet`).
    ///
    /// - Returns: its path.
    /// - Throws: `FileError.cannotWrite`, also where there is one already, which may hold measurements.
    public func write(_ plan: ProfilingPlan) throws(FileError) -> String {
        let sheet = path + "/measurements.csv"
        if access(sheet, F_OK) == 0 {
            throw .cannotWrite(path: sheet, reason: "it is there already, and may be filled in")
        }
        try AtomicFile.write(MeasurementSheet.template(for: plan), to: sheet)
        return sheet
    }
}
