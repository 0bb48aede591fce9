import Files
import Glibc

/// A directory with everything that a person needs to measure a plan elsewhere.
public struct PlanDirectory {
    private let path: String

    /// Opens the directory at `path`, and creates it where there is none.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public init(creating path: String) throws(FileError) {
        try Folder.make(at: path)
        self.path = path
    }

    /// Writes a model of every subject into `models/`, and, last, the sheet to fill in, whose rows name the models (see
    /// `MeasurementSheet`).
    ///
    /// - Parameters:
    ///   - plan: what to measure.
    ///   - modelExtension: of the models that the sheet names.
    ///   - model: writes a subject's models to a path, to which they add their extensions.
    /// - Returns: the path of the sheet.
    /// - Throws: `FileError.cannotWrite`, also where there is a sheet already, which may hold measurements; and what
    ///   `model` throws.
    public func write(
        _ plan: ProfilingPlan, modelExtension: String = "onnx", model: (_ subject: MeasuredSubject, _ path: String) throws -> Void
    ) throws -> String {
        let sheet = path + "/measurements.csv"
        if access(sheet, F_OK) == 0 {
            throw FileError.cannotWrite(path: sheet, reason: "it exists already, and may contain measurements")
        }
        try Folder.make(at: path + "/models")
        for subject in plan.subjects { try model(subject, "\(path)/\(subject.modelName)") }
        try AtomicFile.write(MeasurementSheet.template(for: plan, modelExtension: modelExtension), to: sheet)
        return sheet
    }
}
