import Architectures
import Engine

/// How many of equal layers a step keeps, drawn at random.
///
/// Were it drawn for each layer if it is skipped, networks that skip all of them would hardly ever be trained: equal
/// layers are skipped last ones first (see `SkipOrder`), so that the first of two goes only where both do. Their inherited
/// losses would then say that the first is worth far more than the second.
package struct DepthDraw {
    /// For each group of interchangeable layers that may be skipped, and each other layer that may, the part of each layer
    /// that decides it.
    private let groups: [[(layer: Int, part: Int)]]

    /// - Parameter layers: the searchable layers of a space, all of them, in their order.
    package init(_ layers: [SearchSpace.Layer]) {
        groups = SkipOrder(layers).groups.map { group in
            group.flatMap { layer in
                layers[layer].axisParts.filter(\.switchesLayer).flatMap { $0.range.map { (layer, $0) } }
            }
        }.filter { !$0.isEmpty }
    }

    /// Gives some groups another depth: one of `n` layers with the probability `1 - keep^n`, as often as one of them would
    /// change if each were drawn alone, and then every other depth with the same probability.
    ///
    /// - Parameters:
    ///   - indicators: of each layer, in the form of `SkipOrder`, which they keep.
    ///   - keep: the probability that a layer alone stays as it is.
    package func apply(to indicators: inout [LayerIndicators], keeping keep: Float, random: inout RandomSource) {
        for group in groups {
            let stays = group.reduce(1) { product, _ in product * keep }
            if random.uniform() < stays { continue }
            let depth = group.count { indicators[$0.layer].values[$0.part] > 0 }
            let drawn = random.below(group.count), other = drawn < depth ? drawn : drawn + 1
            for (place, one) in group.enumerated() { indicators[one.layer].values[one.part] = place < other ? 1 : 0 }
        }
    }
}
