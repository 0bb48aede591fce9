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

    func validate() throws {
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout: expected a number above 0 and below 1, found \(holdout)")
        }
    }
}
