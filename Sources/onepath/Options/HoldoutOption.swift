import ArgumentParser

/// How many images of a folder without its own validation images are for validation.
struct HoldoutOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The share of a folder's images that is kept for validation, if it has no folder val (default: \(usual)).",
            valueName: "share"))
    var holdout: Double?

    static let usual = 0.1

    /// What was given, or the usual share.
    var share: Double { holdout ?? Self.usual }

    /// The share of the run whose images are read, or else what was given, or the usual share.
    ///
    /// - Parameter run: that of the run; nil where other images are read, or the run's have a folder for validation.
    /// - Throws: `ValidationError` where another share was given, with which the images would be others.
    func share(of run: Double?) throws -> Double {
        guard let run else { return share }
        if let holdout, holdout != run {
            throw ValidationError("--holdout: the run has \(run), found \(holdout); leave it out to read the images of that run")
        }
        return run
    }

    func validate() throws {
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout: expected a number above 0 and below 1, found \(holdout)")
        }
    }
}
