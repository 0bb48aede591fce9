import ArgumentParser
import SupernetSearch

/// How a search chooses between the networks that its deciding leaves.
struct CandidateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Networks that are compared when the deciding ends, by the loss that they inherit; of them the best are \
            tried by a short training. With 1, what stood most of the time is found (default: \
            \(SearchConfiguration().candidates)).
            """, valueName: "N"))
    var candidates: Int?

    func apply(to configuration: inout SearchConfiguration) {
        if let candidates { configuration.candidates = candidates }
    }
}
