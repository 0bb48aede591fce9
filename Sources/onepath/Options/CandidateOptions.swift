import ArgumentParser
import SupernetSearch
import Training

/// How a search chooses its network when the search phase ends.
struct CandidateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How many candidates to rank when the search phase ends. With 1, what the gradient has decided is the result \
            (default: \(SearchConfiguration().candidates)).
            """, valueName: "N"))
    var candidates: Int?

    @Option(
        help: ArgumentHelp(
            """
            How to choose candidates: surrogate (a Gaussian process learns which networks may be the best), evolution (the \
            best are mutated and crossed), halving (the best of surrogate are trained, the best of them longest), gradient (no \
            candidates) (default: \(SearchConfiguration().strategy.rawValue)).
            """))
    var strategy: SearchStrategy?

    @Option(
        help: ArgumentHelp(
            """
            How much the number of activations counts beside the loss, where networks are compared when the search phase \
            ends: 0 for not at all, 1 for as much as the loss (default: \(SearchConfiguration().activationWeight.fixed(1))).
            """, valueName: "weight"))
    var activationWeight: Double?

    func validate() throws {
        var configuration = SearchConfiguration()
        apply(to: &configuration)
        try RunOptions.check { () throws(ConfigurationError) in try configuration.check() }
    }

    func apply(to configuration: inout SearchConfiguration) {
        if let candidates { configuration.candidates = candidates }
        if let activationWeight { configuration.activationWeight = activationWeight }
        if let strategy { configuration.strategy = strategy }
    }
}

extension SearchStrategy: ExpressibleByArgument {}
