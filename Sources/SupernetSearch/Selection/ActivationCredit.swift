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
///     let credit = ActivationCredit(weight: 1, of: drawn, in: layers)
///     credit.parts(price: credit.price(believing: [-0.02, -0.01, …]))    // what is taken off the loss, part by part
package struct ActivationCredit: Sendable {
    /// Networks of those between which candidates are chosen.
    let drawn: [Candidate.Network]
    /// For each part of each layer, in order, the activations that it adds, in standard deviations of those networks.
    private let activations: [Double]
    /// For each of those networks, 1 for the parts that it uses, 0 for others.
    private let used: [[Double]]
    private let weight: Double

    /// - Parameters:
    ///   - weight: how many standard deviations of the loss one of the activations is worth.
    ///   - networks: drawn from those between which candidates are chosen.
    package init(weight: Double, of networks: [Candidate.Network], in layers: [SearchSpace.Layer]) {
        self.weight = weight
        drawn = networks
        used = networks.map(layers.partsUsed)
        let counts = layers.flatMap { $0.activationsOfParts.map(Double.init) }
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
