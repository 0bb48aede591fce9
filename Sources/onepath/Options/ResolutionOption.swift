import ArgumentParser

/// The size of the images that a trained network reads.
struct ResolutionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Read images with this many pixels along the shorter side (default: of a run, what it was trained at; else the \
            network's input).
            """, valueName: "pixels"))
    var resolution: Int?

    static let sides = 8...8192

    func validate() throws {
        try Self.sides.check(resolution, of: "resolution")
    }
}
