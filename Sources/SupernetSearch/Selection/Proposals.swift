import Architectures
import HardwareProfiles

/// What the ranking of candidates begins with: what the search phase tells of the parts, and what the targets allow.
package struct Proposals {
    let layers: [SearchSpace.Layer]
    /// For each part of each layer, in order, what it is believed to add to the loss.
    let partMeans: [Double]
    /// Without any, every network may be a candidate.
    let constraints: [Constraint]
    /// The first candidate, which meets the constraints.
    private(set) var first: Candidate.Network = []
    private let order: SkipOrder

    /// - Parameters:
    ///   - partMeans: for each part of each layer, in order, what it is believed to add to the loss.
    ///   - first: the first candidate; nil for the network with the smallest believed loss that meets the constraints.
    package init(
        layers: [SearchSpace.Layer], partMeans: [Double], constraints: [Constraint], first: Candidate.Network? = nil
    ) {
        self.layers = layers
        self.partMeans = partMeans
        self.constraints = constraints
        order = SkipOrder(layers)
        self.first = first.map(ordered) ?? best(layers.scores(ofParts: partMeans))
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
