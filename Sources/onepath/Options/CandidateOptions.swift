import ArgumentParser
import SupernetSearch

/// How a search chooses its network when the search phase ends.
struct CandidateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How many candidates to rank by inherited loss when the search phase ends; the best are tried by a short \
            training. With 1, the majority vote decides (default: \(SearchConfiguration().candidates)).
            """, valueName: "N"))
    var candidates: Int?

    func apply(to configuration: inout SearchConfiguration) {
        if let candidates { configuration.candidates = candidates }
    }
}
