import Architectures

/// Moves the thresholds of a supernet down the slope of the loss, cross-entropy + λ · log(cost), as differences and costs
/// tell it.
///
/// The step is the slope relative to the sum of the magnitudes of its two terms, so that the speed does not depend on the
/// scale of the loss or on λ: a part whose worth is equal to its price does not move. There is no momentum, and the rate
/// falls to zero by the end of the phase, so that what is decided stays.
struct ThresholdDescent {
    /// How far a threshold moves that moves at full speed through the whole phase, in units of the largest argument.
    static let distance = 30.0
    /// The part of the phase in which the rate rises to its largest, while the first differences are observed.
    private static let rise = 0.1

    private let layers: [[AxisParts]]
    private var costGradient: [LayerIndicators]
    private var steps: [LayerIndicators]

    init(layers: [SearchSpace.Layer]) {
        self.layers = layers.map(\.axisParts)
        costGradient = layers.map(LayerIndicators.allOn)
        steps = costGradient
    }

    /// Moves the thresholds of superkernels whose indicators are those that they have decided.
    ///
    /// - Parameters:
    ///   - progress: the part of the phase that is over, from 0 to 1.
    ///   - phase: its number of steps.
    mutating func move(
        _ superkernels: [Superkernel], by differences: PartDifferences, costs: [WeightedCost], at progress: Double,
        phase: Int
    ) {
        for layer in costGradient.indices { costGradient[layer].fill(0) }
        for cost in costs { cost.addGradient(of: superkernels.lazy.map { $0.indicators }, to: &costGradient) }
        // The mean of the rates over the phase is `distance / phase`, but for the rise.
        let rate = 2 * Self.distance / Double(phase) * min(1, progress / Self.rise) * (1 - progress)
        let believed = differences.believed
        for (layer, superkernel) in superkernels.enumerated() {
            steps[layer].fill(0)
            let indicators = superkernel.indicators, isPresent = indicators.isPresent(layers[layer])
            for axis in layers[layer] where isPresent || axis.switchesLayer {
                for index in axis.range {
                    guard differences.difference(layer: layer, part: index) != nil else { continue }
                    let worth = NestedProducts.derivative(at: index - axis.range.lowerBound, of: indicators.values[axis.range]) {
                        believed[layer][axis.range.lowerBound + $0]
                    }
                    let price = costGradient[layer].values[index], scale = abs(worth) + abs(price)
                    if scale > 0 { steps[layer].values[index] = -rate * (worth + price) / scale }
                }
            }
            superkernel.moveArguments(by: steps[layer])
        }
    }
}
