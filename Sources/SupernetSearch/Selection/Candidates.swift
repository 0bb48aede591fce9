import Architectures
import Engine
import Glibc

/// The candidates of a search, by evolutionary search: networks are sampled in proportion to how often each choice was
/// active in the search phase, then the best are mutated and crossed.
///
/// How often a part was on shows its value for its cost; but it does not decide parts that were on about half of the
/// time, and does not show which parts suit each other. So candidates are ranked by the loss of their inherited weights
/// (the evolutionary search of Guo et al., 2020, "Single Path One-Shot Neural Architecture Search with Uniform
/// Sampling", section 3.4, but started from the result of the search phase). All candidates meet the targets.
///
///     var candidates = Candidates(scores: scores, constraints: constraints, count: 200, first: first)
///     while let network = candidates.next(&random) { candidates.add(network, loss: loss(of: network)) }
///     candidates.best
package struct Candidates {
    /// A network, as a choice of each searchable layer.
    package typealias Network = [LayerChoice]

    /// For each layer's choices, the logarithms of their unnormalised probabilities.
    private let scores: [ChoiceScores]
    /// Without any, every network may be a candidate.
    private let constraints: [Constraint]
    /// The largest number of candidates.
    package let count: Int
    /// The first candidate.
    package let first: Network
    /// The best first.
    private var ranked: [(network: Network, loss: Double)] = []
    private var seen: Set<Network> = []

    /// The percentage of candidates that are sampled before any is mutated.
    private static let sampledShare = 30
    /// The number of best candidates that are mutated and crossed, and returned at the end.
    package static let parents = 16
    /// The mean number of layers of a child that are mutated.
    private static let mutations = 1.0
    /// After so many tries without a new candidate, the sampling ends.
    private static let tries = 20_000

    /// - Parameters:
    ///   - count: the largest number of candidates, at least one.
    ///   - first: the first candidate, which must meet the targets.
    package init(scores: [ChoiceScores], constraints: [Constraint], count: Int, first: Network) {
        self.scores = scores
        self.constraints = constraints
        self.count = count
        self.first = first
    }

    /// The networks with the smallest losses so far, the best first.
    package var best: [Network] { ranked.prefix(Self.parents).map(\.network) }

    /// A new candidate; nil where there are enough, or no new one is found.
    package mutating func next(_ random: inout RandomSource) -> Network? {
        guard ranked.count < count else { return nil }
        guard let network = seen.isEmpty ? first : new(&random) else { return nil }
        seen.insert(network)
        return network
    }

    /// Adds a candidate with its loss.
    package mutating func add(_ network: Network, loss: Double) {
        ranked.insert((network, loss), at: ranked.firstIndex { $0.loss > loss } ?? ranked.count)
    }

    private func new(_ random: inout RandomSource) -> Network? {
        for attempt in 0..<Self.tries {
            // If the search phase decided nearly everything, sampling soon finds nothing new.
            let isSampled = 100 * ranked.count < Self.sampledShare * count && 10 * attempt < Self.tries
            let network = isSampled ? sample(&random) : child(of: best, random: &random)
            if !seen.contains(network), isKept(network) { return network }
        }
        return nil
    }

    /// Gumbel noise: the largest of log-probabilities plus this noise is a sample of the distribution (Gumbel, 1954).
    private func sample(_ random: inout RandomSource) -> Network {
        scores.map { layer in
            let noisy = layer.scores.map { $0 - log(-log(max(Double(random.uniform()), 1e-30))) }
            return layer.choices[noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0]
        }
    }

    /// A child: each layer is from one of two parents, or drawn uniformly.
    private func child(of parents: [Network], random: inout RandomSource) -> Network {
        let one = parents[random.below(parents.count)], other = parents[random.below(parents.count)]
        return scores.indices.map { layer in
            if Double(random.uniform()) * Double(scores.count) < Self.mutations {
                return scores[layer].choices[random.below(scores[layer].choices.count)]
            }
            return random.uniform() < 0.5 ? one[layer] : other[layer]
        }
    }

    /// Whether a network meets every target and comes within one percent of one that binds.
    private func isKept(_ network: Network) -> Bool {
        let loads = constraints.map { $0.costs.value(of: network) / $0.target.limit }
        return loads.allSatisfy { $0 <= 1 }
            && (!constraints.contains(where: \.binds)
                || zip(constraints, loads).contains { $0.binds && $1 >= 1 - CostTarget.tolerance })
    }
}
