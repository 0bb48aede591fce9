import Architectures
import Engine
import Glibc

/// Candidates by evolutionary search: networks are sampled, the more often the better the search phase speaks of their
/// parts; then the best are mutated and crossed (Guo et al., 2020, "Single Path One-Shot Neural Architecture Search with
/// Uniform Sampling", section 3.4, but started from the result of the search phase).
package struct Evolution: CandidateRanking {
    private let proposals: Proposals
    /// For each layer's choices, the logarithms of their unnormalised probabilities.
    private let scores: [ChoiceScores]
    /// The largest number of candidates.
    private let count: Int
    private var ranked: [(network: Candidate.Network, parts: [Double], loss: Double)] = []
    private var seen: Set<Candidate.Network> = []

    /// The percentage of candidates that are sampled before any is mutated.
    private static let sampledShare = 30
    /// The number of best candidates that are mutated and crossed.
    private static let parents = 16
    /// The mean number of layers of a child that are mutated.
    private static let mutations = 1.0
    /// After so many tries without a new candidate, the sampling ends.
    private static let tries = 20_000

    /// - Parameter count: the largest number of candidates, at least one.
    package init(_ proposals: Proposals, count: Int) {
        self.proposals = proposals
        self.count = count
        let means = zip(proposals.partMeans, proposals.believedCredits).map { $0 - $1 }
        // A part of usual worth is then drawn with odds of e to one.
        let usual = max((means.reduce(0) { $0 + $1 * $1 } / Double(max(means.count, 1))).squareRoot(), 1e-9)
        scores = proposals.layers.scores(ofParts: means.map { $0 / usual })
    }

    package var best: Candidate.Network { bestFirst[0] }

    /// The candidates, by their losses less their credits.
    private var bestFirst: [Candidate.Network] {
        // A loss that is not finite is the worst, and tells nothing of how much losses differ.
        let finite = ranked.filter(\.loss.isFinite)
        let credits = proposals.credit.map { $0.parts(price: $0.price(of: finite.map { ($0.parts, $0.loss) })) }
        let compared = finite.map { candidate in candidate.loss - (credits.map { dot(candidate.parts, $0) } ?? 0) }
        let sorted = finite.indices.sorted { compared[$0] < compared[$1] }
        return sorted.map { finite[$0].network } + ranked.filter { !$0.loss.isFinite }.map(\.network)
    }

    package mutating func next(_ random: inout RandomSource) -> Candidate? {
        guard ranked.count < count else { return nil }
        guard let network = seen.isEmpty ? proposals.first : new(&random) else { return nil }
        seen.insert(network)
        return Candidate(network)
    }

    package mutating func add(_ candidate: Candidate, loss: Double) {
        ranked.append((candidate.network, proposals.layers.partsUsed(by: candidate.network), loss))
    }

    private func new(_ random: inout RandomSource) -> Candidate.Network? {
        let best = Array(bestFirst.prefix(Self.parents))
        for attempt in 0..<Self.tries {
            // If the search phase decided nearly everything, sampling soon finds nothing new.
            let isSampled = 100 * ranked.count < Self.sampledShare * count && 10 * attempt < Self.tries
            let network = proposals.ordered(isSampled ? sample(&random) : child(of: best, random: &random))
            if !seen.contains(network), proposals.keeps(network) { return network }
        }
        return nil
    }

    /// Gumbel noise: the largest of log-probabilities plus this noise is a sample of the distribution (Gumbel, 1954).
    private func sample(_ random: inout RandomSource) -> Candidate.Network {
        scores.map { layer in
            let noisy = layer.scores.map { $0 - log(-log(max(Double(random.uniform()), 1e-30))) }
            return layer.choices[noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0]
        }
    }

    /// A child: each layer is from one of two parents, or drawn uniformly.
    private func child(of parents: [Candidate.Network], random: inout RandomSource) -> Candidate.Network {
        let one = parents[random.below(parents.count)], other = parents[random.below(parents.count)]
        return scores.indices.map { layer in
            if Double(random.uniform()) * Double(scores.count) < Self.mutations {
                return scores[layer].choices[random.below(scores[layer].choices.count)]
            }
            return random.uniform() < 0.5 ? one[layer] : other[layer]
        }
    }
}
