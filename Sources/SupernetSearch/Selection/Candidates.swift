import Architectures
import Engine
import Glibc

/// The candidates of a search, by evolution: networks are sampled in proportion to how often each choice was active in the
/// search phase, then the best are mutated and crossed.
///
/// How often a part was on tells how well it pays; but some parts balance, and how parts go together it does not tell. So
/// candidates are ranked by the loss of their inherited weights (the evolutionary search of Guo et al., 2020, "Single
/// Path One-Shot Neural Architecture Search with Uniform Sampling", section 3.4, but from where the search phase came to). All
/// keep the targets.
///
///     var candidates = Candidates(scores: scores, constraints: constraints, count: 200, first: first)
///     while let network = candidates.next(&random) { candidates.add(network, loss: loss(of: network)) }
///     candidates.best
package struct Candidates {
    /// A network, as a choice of each searchable layer.
    package typealias Network = [LayerChoice]

    /// Of each layer's choices: logarithms of what their probabilities are proportional to.
    private let scores: [ChoiceScores]
    /// With none, every network is a candidate.
    private let constraints: [Constraint]
    /// How many there are at the most.
    package let count: Int
    /// The first of them.
    package let first: Network
    /// From the best on.
    private var ranked: [(network: Network, loss: Double)] = []
    private var seen: Set<Network> = []

    /// So many candidates in a hundred are sampled before any is mutated.
    private static let sampledShare = 30
    /// How many of the best are mutated and crossed, and come out at the end.
    package static let parents = 16
    /// How many layers of a child are drawn anew, on average.
    private static let mutations = 1.0
    /// After so many tries without a new candidate no more are looked for.
    private static let tries = 20_000

    /// - Parameters:
    ///   - count: how many candidates are ranked at the most, at least one.
    ///   - first: the first of them, which keeps the targets.
    package init(scores: [ChoiceScores], constraints: [Constraint], count: Int, first: Network) {
        self.scores = scores
        self.constraints = constraints
        self.count = count
        self.first = first
    }

    /// The networks of least loss so far, from the best on.
    package var best: [Network] { ranked.prefix(Self.parents).map(\.network) }

    /// A candidate that was not given before; nil where there are enough, or none is found.
    package mutating func next(_ random: inout RandomSource) -> Network? {
        guard ranked.count < count else { return nil }
        guard let network = seen.isEmpty ? first : new(&random) else { return nil }
        seen.insert(network)
        return network
    }

    /// Ranks a candidate.
    package mutating func add(_ network: Network, loss: Double) {
        ranked.insert((network, loss), at: ranked.firstIndex { $0.loss > loss } ?? ranked.count)
    }

    private func new(_ random: inout RandomSource) -> Network? {
        for attempt in 0..<Self.tries {
            // Where the search phase left little open there is soon nothing new to sample.
            let isSampled = 100 * ranked.count < Self.sampledShare * count && 10 * attempt < Self.tries
            let network = isSampled ? sample(&random) : child(of: best, random: &random)
            if !seen.contains(network), isKept(network) { return network }
        }
        return nil
    }

    /// The largest of logarithms with such noise is any of them with the probability whose logarithm it is (Gumbel, 1954).
    private func sample(_ random: inout RandomSource) -> Network {
        scores.map { layer in
            let noisy = layer.scores.map { $0 - log(-log(max(Double(random.uniform()), 1e-30))) }
            return layer.choices[noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0]
        }
    }

    /// Each layer from one of two parents, or drawn evenly.
    private func child(of parents: [Network], random: inout RandomSource) -> Network {
        let one = parents[random.below(parents.count)], other = parents[random.below(parents.count)]
        return scores.indices.map { layer in
            if Double(random.uniform()) * Double(scores.count) < Self.mutations {
                return scores[layer].choices[random.below(scores[layer].choices.count)]
            }
            return random.uniform() < 0.5 ? one[layer] : other[layer]
        }
    }

    /// Whether a network keeps every target and comes within a percent of one that binds.
    private func isKept(_ network: Network) -> Bool {
        let loads = constraints.map { $0.costs.value(of: network) / $0.target.limit }
        return loads.allSatisfy { $0 <= 1 }
            && (!constraints.contains(where: \.binds)
                || zip(constraints, loads).contains { $0.binds && $1 >= 1 - CostTarget.tolerance })
    }
}
