import Architectures
import Engine

/// What a network is credited for its activations, where networks are compared by inherited losses.
///
/// After a short training, the loss tells how fast a network learns. Late layers, of many weights and few positions, learn
/// first, so that the loss overrates them against early ones. How much a network can learn is told by its number of
/// activations, which needs no training: it bounds how many linear regions the network may divide its inputs into (Montúfar
/// et al., 2014; Mellor et al., 2021, "Neural Architecture Search without Training"). Both count, as in Chen et al. (2021,
/// "Neural Architecture Search on ImageNet in Four GPU Hours"), who add the ranks of trainability and expressivity: a standard
/// deviation of the activations is worth one of the loss, both over networks that meet the targets.
///
///     let credit = ActivationCredit(proposals, weight: 1, random: &random)
///     let compared = loss - credit.value(of: network)
package struct ActivationCredit {
    /// For each part of each layer, in order, its credit in units of the loss.
    package let parts: [Double]
    private let layers: [SearchSpace.Layer]

    /// So many networks are drawn for the standard deviations.
    private static let draws = 64

    /// - Parameters:
    ///   - proposals: what the loss alone tells.
    ///   - weight: how many standard deviations of the loss one of the activations is worth.
    package init(_ proposals: Proposals, weight: Double, random: inout RandomSource) {
        layers = proposals.layers
        let activations = layers.flatMap { layer in layer.activationsOfParts.map(Double.init) }
        var drawn: Set<Candidate.Network> = []
        if weight > 0 {
            for _ in 0..<Self.draws {
                let scores = proposals.layers.scores(ofParts: activations.map { _ in Double(random.normal()) })
                drawn.insert(proposals.best(scores))
            }
        }
        let used = drawn.map { [layers] in layers.partsUsed(by: $0) }
        func deviation(ofSums parts: [Double]) -> Double {
            let sums = used.map { zip($0, parts).reduce(0) { $0 + $1.0 * $1.1 } }
            let mean = sums.reduce(0, +) / Double(max(sums.count, 1))
            return (sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(sums.count, 1))).squareRoot()
        }
        let spread = deviation(ofSums: activations)
        // Where all networks have the same number, it tells nothing.
        let price = spread > 0 ? weight * deviation(ofSums: proposals.partMeans) / spread : 0
        parts = activations.map { $0 * price }
    }

    /// How much smaller the loss of a network counts, up to what is the same for all networks.
    package func value(of network: Candidate.Network) -> Double {
        zip(layers.partsUsed(by: network), parts).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

extension SearchSpace.Layer {
    /// For each part, the activations that it adds to those of the parts before it.
    package var activationsOfParts: [Int] {
        // A layer is kept before it grows, and grows on each axis by itself: a kernel adds none.
        let kept = choice(of: smallestSize) ?? smallest
        return parts.map { part in
            var with = kept, without = kept
            with[part.axis] = part.option
            without[part.axis] = part.option - 1
            return layer(with: with).activations - layer(with: without).activations
        }
    }
}
