import Architectures
import Engine

/// A network that is compared with others.
package struct Candidate: Hashable, Sendable {
    /// A choice of each searchable layer.
    package typealias Network = [LayerChoice]

    package let network: Network
    /// How much it is trained before its loss is taken, in fourths, fourths of fourths, … of a trial: 0 for not at all, from
    /// inherited weights; `SuccessiveHalving.levels` for a whole trial.
    package let level: Int

    package init(_ network: Network, level: Int = 0) {
        self.network = network
        self.level = level
    }
}

/// What proposes candidates, and learns from their losses. All candidates meet the targets.
///
///     var ranking: any CandidateRanking = SurrogateRanking(proposals, count: 50)
///     while let candidate = ranking.next(&random) { ranking.add(candidate, loss: loss(of: candidate)) }
///     ranking.best
package protocol CandidateRanking {
    /// The next candidate; nil where there are enough, or no new one is found. Its loss must be added before the next call.
    mutating func next(_ random: inout RandomSource) -> Candidate?

    /// Adds the loss of the last candidate.
    ///
    /// - Parameter loss: infinite where it is not a number.
    mutating func add(_ candidate: Candidate, loss: Double)

    /// The best network so far; at least one loss must have been added.
    var best: Candidate.Network { get }
}
