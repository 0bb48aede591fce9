import Architectures
import Engine

/// What networks are credited for their activations, where they are compared by inherited losses.
///
/// After a short training, the loss tells how fast a network learns. Late layers, of many weights and few positions, learn
/// first, so that the loss overrates them against early ones. How much a network can learn is told by its number of
/// activations, which needs no training: it bounds how many linear regions the network may divide its inputs into (Montúfar
/// et al., 2014; Mellor et al., 2021, "Neural Architecture Search without Training"). Both count, as in Chen et al. (2021,
/// "Neural Architecture Search on ImageNet in Four GPU Hours"), who add the ranks of trainability and expressivity: a standard
/// deviation of the activations is worth one of the loss, both over networks that meet the targets.
///
/// This says which layers are to have more of what the targets limit, and nothing about how a layer spends it: a larger
/// kernel adds no activations, and yet a network may learn more with it. So what the parts with which a layer grows add
/// together is divided among them in proportion to what they cost: a larger kernel is credited like more channels of the
/// same cost.
///
///     let credit = ActivationCredit(weight: 1, of: drawn, limits: constraints, in: layers)
///     credit.parts(price: credit.price(believing: [-0.02, -0.01, …]))    // what is taken off the loss, part by part
package struct ActivationCredit: Sendable {
    /// Networks of those between which candidates are chosen.
    let drawn: [Candidate.Network]
    /// For each part of each layer, in order, the activations that it is credited with, in standard deviations of those
    /// networks.
    private let activations: [Double]
    /// For each of those networks, 1 for the parts that it uses, 0 for others.
    private let used: [[Double]]
    private let weight: Double

    /// - Parameters:
    ///   - weight: how many standard deviations of the loss one of the activations is worth.
    ///   - networks: drawn from those between which candidates are chosen.
    ///   - limits: what they all keep.
    package init(
        weight: Double, of networks: [Candidate.Network], limits: [Constraint], in layers: [SearchSpace.Layer]
    ) {
        self.weight = weight
        drawn = networks
        used = networks.map(layers.partsUsed)
        let counts = layers.creditedActivations(limits: limits)
        let spread = deviation(of: used.map { dot($0, counts) })
        // Where all have the same number, it tells nothing.
        activations = counts.map { spread > 0 ? $0 / spread : 0 }
    }

    /// What a standard deviation of activations is worth, in units of the loss, by what is believed.
    ///
    /// - Parameter means: for each part, what it is believed to add to the loss.
    package func price(believing means: [Double]) -> Double { weight * deviation(of: used.map { dot($0, means) }) }

    /// The same by losses that are known.
    ///
    /// - Parameter candidates: for each, 1 for the parts that it uses, 0 for others, and its loss, which is finite.
    func price(of candidates: [(parts: [Double], loss: Double)]) -> Double {
        let spread = deviation(of: candidates.map { dot($0.parts, activations) })
        return spread > 0 ? weight * deviation(of: candidates.map(\.loss)) / spread : 0
    }

    /// For each part, what is taken off the loss of a network that uses it.
    package func parts(price: Double) -> [Double] { activations.map { $0 * price } }
}

extension [SearchSpace.Layer] {
    /// For each part of each layer, in order, the activations that it is credited with.
    ///
    /// - Parameter limits: what networks keep; a part costs the share of the limits that it takes.
    package func creditedActivations(limits: [Constraint]) -> [Double] {
        enumerated().flatMap { index, layer in
            layer.creditedActivations { choice in
                limits.reduce(0) { $0 + $1.costs.part(ofLayer: index, with: choice).value / $1.target.limit }
            }
        }
    }
}

extension SearchSpace.Layer {
    /// For each part, the activations that it adds to those of the parts before it.
    package var activationsOfParts: [Int] {
        additions.map { layer(with: $0.with).activations - layer(with: $0.without).activations }
    }

    /// The same, but what the parts with which the layer grows add together is divided among them by their costs.
    ///
    /// - Parameter cost: of the layer with a choice.
    package func creditedActivations(cost: (LayerChoice) -> Double) -> [Double] {
        let additions = additions, activations = activationsOfParts.map(Double.init)
        // A part that keeps the layer is no growth.
        let growing = additions.indices.filter { size(of: additions[$0].without) != nil }
        // A part may cost less than nothing, where a runtime is faster with it.
        let costs = growing.map { max(0, cost(additions[$0].with) - cost(additions[$0].without)) }
        let sum = costs.reduce(0, +), grown = growing.reduce(0) { $0 + activations[$1] }
        guard sum > 0 else { return activations }
        var credited = activations
        for (part, cost) in zip(growing, costs) { credited[part] = grown * cost / sum }
        return credited
    }

    /// For each part, the smallest choice that uses it, and that choice without it.
    private var additions: [(with: LayerChoice, without: LayerChoice)] {
        // A layer is kept before it grows, and grows on each axis by itself: a kernel adds no activations.
        let kept = choice(of: smallestSize) ?? smallest
        return parts.map { part in
            var with = kept, without = kept
            with[part.axis] = part.option
            without[part.axis] = part.option - 1
            return (with, without)
        }
    }
}
