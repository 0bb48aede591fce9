import Architectures
import Engine

/// Asynchronous successive halving (Li et al., 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2):
/// the best fourth of the candidates of one level go on to the next, where each is trained four times as long. A candidate
/// goes on as soon as it belongs to that fourth, and new ones come while none does. New ones are those of a surrogate, as
/// in model-based successive halving (Klein et al., 2020).
package struct SuccessiveHalving: CandidateRanking {
    /// Levels above that of inherited weights; the last is a whole trial.
    package static let levels = 2
    /// How many candidates of a level give one of the next.
    package static let reduction = 4

    private let layers: [SearchSpace.Layer]
    private var proposer: SurrogateRanking
    /// For each level, its candidates.
    private var ranked: [[(network: Candidate.Network, loss: Double)]]
    /// For each level, those that have gone on.
    private var promoted: [Set<Candidate.Network>]

    /// - Parameter count: the largest number of candidates with inherited weights, at least one.
    package init(_ proposals: Proposals, count: Int) {
        layers = proposals.layers
        proposer = SurrogateRanking(proposals, count: count)
        ranked = Array(repeating: [], count: Self.levels + 1)
        promoted = Array(repeating: [], count: Self.levels + 1)
    }

    package mutating func next(_ random: inout RandomSource) -> Candidate? {
        for level in (0..<Self.levels).reversed() {
            let best = bestFirst(level: level).prefix(ranked[level].count / Self.reduction)
            // As many as the fourth has: of those that went on, some may have fallen out of it since.
            guard promoted[level].count < best.count else { continue }
            if let next = best.first(where: { !promoted[level].contains($0.network) && $0.loss.isFinite }) {
                promoted[level].insert(next.network)
                return Candidate(next.network, level: level + 1)
            }
        }
        return proposer.next(&random)
    }

    package mutating func add(_ candidate: Candidate, loss: Double) {
        if candidate.level == 0 { proposer.add(candidate, loss: loss) }
        ranked[candidate.level].append((candidate.network, loss))
    }

    /// The candidates of a level, by their losses less their credits.
    private func bestFirst(level: Int) -> [(network: Candidate.Network, loss: Double)] {
        let candidates = ranked[level], credits = proposer.credits(of: candidates.map { layers.partsUsed(by: $0.network) })
        let compared = zip(candidates.map(\.loss), credits).map { $0 - $1 }
        return candidates.indices.sorted { compared[$0] < compared[$1] }.map { candidates[$0] }
    }

    /// The best of the highest level that has one: losses of different levels cannot be compared.
    package var best: Candidate.Network {
        ranked.indices.reversed().lazy.compactMap { bestFirst(level: $0).first }.first { $0.loss.isFinite }?.network
            ?? proposer.best
    }

    /// How many candidates so many with inherited weights give at a level.
    package static func candidates(of count: Int, level: Int) -> Int { (0..<level).reduce(count) { count, _ in count / reduction } }
}
