import Engine
import Glibc

/// The networks between which the deciding leaves a search, and how the best is looked for.
///
/// How long each part stood tells how well it pays; but some balance, and how parts go together it does not tell. So
/// networks are drawn of which every choice is as likely as its parts stood, and changed and crossed where they are good,
/// by what they lose with inherited weights (the evolutionary search of Guo et al., 2020, "Single Path One-Shot Neural
/// Architecture Search with Uniform Sampling", section 3.4, but from where the deciding came to). All keep the targets.
///
///     let candidates = Candidates(worths: worths, constraints: constraints)
///     let best = candidates.best(of: 200, from: first, random: &random) { network in loss(of: network) }
package struct Candidates {
    /// Of each layer's choices: logarithms of what their probabilities are proportional to.
    let worths: [[Double]]
    /// With none, every network is a candidate.
    let constraints: [Constraint]

    /// So many candidates in a hundred are drawn before any is changed.
    private static let drawnShare = 30
    /// How many of the best are changed and crossed, and come out at the end.
    package static let parents = 16
    /// How many layers of a child are drawn anew, on average.
    private static let mutations = 1.0
    /// After so many tries without a new candidate no more are looked for.
    private static let tries = 20_000

    package init(worths: [[Double]], constraints: [Constraint]) {
        self.worths = worths
        self.constraints = constraints
    }

    /// The networks of least loss among different ones, from the best on, each as an index into every layer's choices.
    ///
    /// - Parameters:
    ///   - count: how many networks are compared at the most, at least one.
    ///   - first: a network that keeps the targets.
    ///   - loss: of a network; not called where there is nothing to compare.
    package func best<Failure>(
        of count: Int, from first: [Int], random: inout RandomSource, loss: ([Int]) throws(Failure) -> Double
    ) throws(Failure) -> [[Int]] {
        guard count > 1 else { return [first] }
        // From the best on.
        var known = [(network: first, loss: try loss(first))]
        var seen: Set<[Int]> = [first]
        while known.count < count, let network = new(known.map(\.network), of: count, seen: seen, random: &random) {
            seen.insert(network)
            let value = try loss(network)
            known.insert((network, value), at: known.firstIndex { $0.loss > value } ?? known.count)
        }
        return known.prefix(Self.parents).map(\.network)
    }

    /// A candidate that has not been seen; nil where none is found.
    ///
    /// - Parameter known: from the best on.
    private func new(
        _ known: [[Int]], of count: Int, seen: Set<[Int]>, random: inout RandomSource
    ) -> [Int]? {
        for attempt in 0..<Self.tries {
            // Where the deciding left little open there is soon nothing new to draw.
            let isDrawn = 100 * known.count < Self.drawnShare * count && 10 * attempt < Self.tries
            let network = isDrawn ? draw(&random) : child(of: Array(known.prefix(Self.parents)), random: &random)
            if !seen.contains(network), isKept(network) { return network }
        }
        return nil
    }

    /// The largest of logarithms with such noise is any of them with the probability whose logarithm it is (Gumbel, 1954).
    private func draw(_ random: inout RandomSource) -> [Int] {
        worths.map { worths in
            let noisy = worths.map { $0 - log(-log(max(Double(random.uniform()), 1e-30))) }
            return noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0
        }
    }

    /// Each layer from one of two parents, or drawn evenly.
    private func child(of parents: [[Int]], random: inout RandomSource) -> [Int] {
        let one = parents[random.below(parents.count)], other = parents[random.below(parents.count)]
        return worths.indices.map { layer in
            if Double(random.uniform()) * Double(worths.count) < Self.mutations { return random.below(worths[layer].count) }
            return random.uniform() < 0.5 ? one[layer] : other[layer]
        }
    }

    /// Whether a network keeps every target and comes within a percent of one.
    private func isKept(_ choices: [Int]) -> Bool {
        let loads = constraints.map { $0.costs.value(of: choices) / $0.target.limit }
        return loads.isEmpty || loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 1 - CostTarget.tolerance }
    }
}
