import ArgumentParser
import SupernetSearch

/// How a search chooses between the networks that its deciding leaves.
struct CandidateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Networks that are compared, by the loss that they inherit, when the deciding ends; with 1, what stood most \
            of the time is found (default: \(SearchConfiguration().candidates)).
            """, valueName: "N"))
    var candidates: Int?

    func apply(to configuration: inout SearchConfiguration) {
        if let candidates { configuration.candidates = candidates }
    }
}
