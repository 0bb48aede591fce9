import Files
import Glibc

/// What a person needs to measure a plan elsewhere, in a directory.
public struct PlanDirectory {
    private let path: String

    /// The directory at `path`, which is made where there is none.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public init(creating path: String) throws(FileError) {
        try Self.makeDirectory(path)
        self.path = path
    }

    private static func makeDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Writes a model of everything in the plan into `models/`, and, last, the sheet to fill in, whose rows name them
    /// (see `MeasurementSheet`).
    ///
    /// - Parameters:
    ///   - plan: what is to be measured.
    ///   - model: writes a subject's model to a path.
    /// - Returns: the path of the sheet.
    /// - Throws: `FileError.cannotWrite`, also where there is a sheet already, which may hold measurements; and what
    ///   `model` throws.
    public func write(
        _ plan: ProfilingPlan, model: (_ subject: MeasuredSubject, _ path: String) throws -> Void
    ) throws -> String {
        let sheet = path + "/measurements.csv"
        if access(sheet, F_OK) == 0 {
            throw FileError.cannotWrite(path: sheet, reason: "it is there already, and may be filled in")
        }
        try Self.makeDirectory(path + "/models")
        for subject in plan.subjects { try model(subject, path + "/" + subject.modelName) }
        try AtomicFile.write(MeasurementSheet.template(for: plan), to: sheet)
        return sheet
    }
}
