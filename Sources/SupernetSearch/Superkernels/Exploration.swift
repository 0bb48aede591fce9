import Architectures
import Engine

/// The networks that the search phase trains: the selected one, with a few axes at another option, drawn at random.
///
/// Without that a part that is off would never be seen on, nor one that is on be seen off, and the weights of what is off
/// would fall behind. Many axes are drawn at first, when little is decided, and few at the end. Whether layers are skipped
/// is drawn seldom all the time: a network that often trains without a layer learns to do without it.
package struct Exploration {
    /// The probability that an axis has another option than the selected one, at the start of the phase and in its second
    /// half.
    package static let atFirst = 0.35, later = 0.05

    private let layers: [[AxisParts]]
    private let order: SkipOrder
    private let depths: DepthDraw

    package init(layers: [SearchSpace.Layer]) {
        self.layers = layers.map(\.axisParts)
        order = SkipOrder(layers)
        depths = DepthDraw(layers)
    }

    /// The probability after a part of the phase, from 0 to 1.
    package static func probability(at progress: Double) -> Double {
        max(later, atFirst + (later - atFirst) * 2 * progress)
    }

    /// Changes indicators; they come in the form of `SkipOrder`, in which candidates are compared.
    ///
    /// - Parameter progress: the part of the phase that is over, from 0 to 1.
    package func apply(to indicators: inout [LayerIndicators], at progress: Double, random: inout RandomSource) {
        order.apply(to: &indicators) { !$1.isPresent(layers[$0]) }
        depths.apply(to: &indicators, keeping: 1 - Float(Self.later), random: &random)
        let usual = Float(Self.probability(at: progress))
        for (layer, axes) in layers.enumerated() {
            for axis in axes where !axis.switchesLayer && random.uniform() < usual {
                // An axis with one option has no other.
                if axis.range.isEmpty { continue }
                let open = NestedProducts.open(indicators[layer].values[axis.range])
                // Another option of `count + 1`, each with the same probability.
                let drawn = random.below(axis.range.count), other = drawn < open ? drawn : drawn + 1
                for index in axis.range { indicators[layer].values[index] = index - axis.range.lowerBound < other ? 1 : 0 }
            }
        }
    }
}
