import Architectures
import Engine
import HardwareProfiles

/// What the ranking of candidates begins with: what the search phase tells of the parts, and what the targets allow.
package struct Proposals {
    let layers: [SearchSpace.Layer]
    /// For each part of each layer, in order, what it is believed to add to the loss.
    let partMeans: [Double]
    /// Without any, every network may be a candidate.
    let constraints: [Constraint]
    /// The first candidate, which meets the constraints.
    package private(set) var first: Candidate.Network = []
    private let order: SkipOrder
    /// nil where networks are compared by their losses alone.
    let credit: ActivationCredit?

    /// - Parameters:
    ///   - partMeans: for each part of each layer, in order, what it is believed to add to the loss.
    ///   - credit: nil where networks are compared by their losses alone.
    ///   - first: the first candidate; nil for the network that is believed to be the best of those that meet the constraints.
    package init(
        layers: [SearchSpace.Layer], partMeans: [Double], constraints: [Constraint], credit: ActivationCredit? = nil,
        first: Candidate.Network? = nil
    ) {
        self.layers = layers
        self.partMeans = partMeans
        self.constraints = constraints
        self.credit = credit
        order = SkipOrder(layers)
        self.first = first.map(ordered) ?? best(layers.scores(ofParts: zip(partMeans, believedCredits).map { $0 - $1 }))
    }

    /// Different networks that meet the constraints, drawn at random.
    ///
    /// - Parameter count: how many are drawn; of equal ones, one remains.
    package func drawn(_ count: Int, _ random: inout RandomSource) -> [Candidate.Network] {
        var networks: [Candidate.Network] = [], seen: Set<Candidate.Network> = []
        for _ in 0..<count {
            let network = best(layers.scores(ofParts: partMeans.map { _ in Double(random.normal()) }))
            if seen.insert(network).inserted { networks.append(network) }
        }
        return networks
    }

    /// For each part, what is taken off the loss of a network that uses it before it is compared, by what is believed.
    var believedCredits: [Double] {
        credit.map { $0.parts(price: $0.price(believing: partMeans)) } ?? partMeans.map { _ in 0 }
    }

    /// A network in the form in which the warm-up has trained it: see `SkipOrder`.
    func ordered(_ network: Candidate.Network) -> Candidate.Network {
        let ordered = order.ordered(network)
        // The costs are summed in another order: a rounding error could exceed a target.
        return constraints.allSatisfy { $0.costs.value(of: ordered) <= $0.target.limit } ? ordered : network
    }

    /// Whether a network meets every target and comes within one percent of one that binds.
    func keeps(_ network: Candidate.Network) -> Bool {
        let loads = constraints.map { $0.costs.value(of: network) / $0.target.limit }
        return loads.allSatisfy { $0 <= 1 }
            && (!constraints.contains(where: \.binds)
                || zip(constraints, loads).contains { $0.binds && $1 >= 1 - CostTarget.tolerance })
    }

    /// The network with the highest score that `keeps` accepts; where there is none, that meets the targets.
    func best(_ scores: [ChoiceScores]) -> Candidate.Network { ordered(bestInAnyForm(scores)) }

    private func bestInAnyForm(_ scores: [ChoiceScores]) -> Candidate.Network {
        if constraints.isEmpty {
            return scores.map { layer in layer.choices[layer.scores.indices.max { layer.scores[$0] < layer.scores[$1] } ?? 0] }
        }
        let selection = ConstrainedSelection(constraints: constraints, layers: layers)
        if let best = selection.best(scores, reaching: constraints.contains(where: \.binds)) ?? selection.best(scores, reaching: false) {
            return best
        }
        // The search was given targets that a network meets.
        guard case .yes(let network) = selection.keepable else { preconditionFailure("Proposals: no network keeps the targets") }
        return network
    }
}
