import Engine

/// Candidates by Thompson sampling (Thompson, 1933) from a surrogate of the losses: each is the network that would be the
/// best if the losses were a sample of what is believed of them. So candidates come from where the best may be, and the
/// belief is made certain there.
///
/// The best is the candidate with the smallest expected loss, not the one with the smallest loss: of many losses with
/// noise, the smallest is one with lucky noise. Credits for activations have no noise, and are taken off what is expected.
/// How large they are is told by how much the losses of some of the candidates differ, which are drawn at random.
package struct SurrogateRanking: CandidateRanking {
    private struct Ranked {
        let network: Candidate.Network
        let parts: [Double]
        let loss: Double
    }

    private let proposals: Proposals
    /// The largest number of candidates.
    private let count: Int
    private var surrogate: LossSurrogate
    private var ranked: [Ranked] = []
    private var seen: Set<Candidate.Network> = []
    /// Those that are drawn at random, and follow the first.
    private let drawn: [Candidate.Network]
    /// For each part, what is taken off the loss of a network that uses it before it is compared.
    private var credits: [Double]

    /// The largest number of candidates that are drawn at random, and their largest part of all.
    private static let mostDrawn = 16, drawnPart = 4
    /// The losses of fewer do not tell how much losses differ.
    private static let fewestDrawn = 4

    /// The surrogate knows at most so many losses, the smallest, because its time grows with their third power.
    private static let known = 256
    /// After so many samples that are no new candidate, all are believed to be known.
    private static let tries = 200

    /// - Parameter count: the largest number of candidates, at least one.
    package init(_ proposals: Proposals, count: Int) {
        self.proposals = proposals
        self.count = count
        surrogate = LossSurrogate(priorMeans: proposals.partMeans)
        let first = proposals.first
        drawn = Array((proposals.credit?.drawn ?? []).filter { $0 != first && proposals.keeps($0) }
            .prefix(min(Self.mostDrawn, count / Self.drawnPart)))
        credits = proposals.believedCredits
    }

    package mutating func next(_ random: inout RandomSource) -> Candidate? {
        guard seen.count < count else { return nil }
        let next = seen.isEmpty ? proposals.first : seen.count <= drawn.count ? drawn[seen.count - 1] : new(&random)
        guard let network = next else { return nil }
        seen.insert(network)
        return Candidate(network)
    }

    private func new(_ random: inout RandomSource) -> Candidate.Network? {
        for attempt in 0..<Self.tries {
            // Where what is believed leads only to what is known, any other network is as good.
            let parts = 2 * attempt < Self.tries
                ? zip(surrogate.sample(&random), credits).map { $0 - $1 } : credits.map { _ in Double(random.normal()) }
            let network = proposals.best(proposals.layers.scores(ofParts: parts))
            if !seen.contains(network), proposals.keeps(network) { return network }
        }
        return nil
    }

    package mutating func add(_ candidate: Candidate, loss: Double) {
        ranked.append(Ranked(
            network: candidate.network, parts: proposals.layers.partsUsed(by: candidate.network), loss: loss))
        if ranked.count == drawn.count + 1, let credit = proposals.credit {
            let known = ranked.dropFirst().filter(\.loss.isFinite)
            if known.count >= Self.fewestDrawn {
                credits = credit.parts(price: credit.price(of: known.map { ($0.parts, $0.loss) }))
            }
        }
        let known = known
        guard !known.isEmpty else { return }
        surrogate.fit(known.map(\.parts), losses: known.map(\.loss))
    }

    /// The candidates that the surrogate knows.
    private var known: [Ranked] {
        let finite = ranked.filter(\.loss.isFinite)
        guard finite.count > Self.known else { return finite }
        let compared = zip(finite.map(\.loss), credits(of: finite.map(\.parts))).map { $0 - $1 }
        return finite.indices.sorted { compared[$0] < compared[$1] }.prefix(Self.known).map { finite[$0] }
    }

    /// What is taken off the losses of networks before they are compared.
    ///
    /// - Parameter networks: for each, 1 for the parts that it uses and 0 for others.
    func credits(of networks: [[Double]]) -> [Double] { networks.map { dot($0, credits) } }

    package var best: Candidate.Network {
        let known = known
        let compared = zip(surrogate.expected, credits(of: known.map(\.parts))).map { $0 - $1 }
        guard let best = compared.indices.min(by: { compared[$0] < compared[$1] }) else { return ranked[0].network }
        return known[best].network
    }
}
