import Architectures
import Glibc
import Training

/// What each part of a supernet adds to the cross-entropy when it is on: its loss on, less its loss off, with all other
/// parts as they are.
///
/// The derivative by an indicator does not tell it. While a part is on, the network is trained with it, so the loss is
/// nearly stationary in its scale and the derivative is near zero, whatever the part is worth; while it is off, the
/// derivative is large. The difference is the integral of the derivative from off to on, and half the sum of the two
/// derivatives is that integral by the trapezoidal rule, exact where the loss is quadratic in the indicator. Both are means
/// over the steps in which the part was on, and in which it was off, so that each part must sometimes be tried the other
/// way.
package struct PartDifferences {
    /// A mean over the latest observations, with its spread.
    struct Mean: Hashable, Sendable {
        private(set) var count = 0
        private(set) var value = 0.0
        /// The mean square of the deviations.
        private(set) var variance = 0.0

        mutating func add(_ observation: Double) {
            count += 1
            let weight = 1 / Double(min(count, PartDifferences.memory)), deviation = observation - value
            value += weight * deviation
            variance = (1 - weight) * (variance + weight * deviation * deviation)
        }

        /// The square of the standard error.
        var uncertainty: Double { variance / Double(min(count, PartDifferences.memory)) }

        fileprivate init() {}

        fileprivate init(count: Int, value: Double, variance: Double) {
            self.count = count
            self.value = value
            self.variance = variance
        }
    }

    /// The number of observations that a mean covers: older ones fade, because the network changes.
    package static let memory = 150
    /// The mean of all differences is at most this: of two networks between which nothing decides, the larger is chosen.
    private static let least = -1e-6
    /// Fewer observations of either kind tell nothing.
    private static let fewest = 4
    /// Of a difference: of one that is exact, no weight could be told.
    private static let leastVariance = 1e-18

    private let layers: [[AxisParts]]
    /// For each layer, the interchangeable one before it.
    private let previous: [Int?]
    /// For each layer and part.
    private(set) var on: [[Mean]]
    private(set) var off: [[Mean]]

    package init(layers: [SearchSpace.Layer]) {
        self.layers = layers.map(\.axisParts)
        previous = SkipOrder(layers).groups.flatMap { group in group.map { $0 == group.lowerBound ? nil : $0 - 1 } }
        on = layers.map { $0.parts.map { _ in Mean() } }
        off = on
    }

    /// Adds what a step tells.
    ///
    /// - Parameters:
    ///   - derivatives: of each layer, as `Superkernel.derivatives`.
    ///   - indicators: of each layer in that step.
    package mutating func observe(
        _ derivatives: some Collection<LayerIndicators>, under indicators: [LayerIndicators]
    ) {
        func isKept(_ layer: Int) -> Bool { indicators[layer].isPresent(layers[layer]) }
        for (layer, derivatives) in derivatives.enumerated() {
            // No network has a layer without the interchangeable one before it.
            let isPresent = isKept(layer), mayBePresent = previous[layer].map(isKept) ?? true
            for axis in layers[layer] where isPresent || axis.switchesLayer && mayBePresent {
                let open = NestedProducts.open(indicators[layer].values[axis.range])
                // Parts after the first that is off have no effect.
                for index in axis.range.prefix(open + 1) {
                    if index < axis.range.lowerBound + open {
                        on[layer][index].add(derivatives.values[index])
                    } else {
                        off[layer][index].add(derivatives.values[index])
                    }
                }
            }
        }
    }

    /// The difference that a part makes; nil where it was not yet observed both on and off.
    package func difference(layer: Int, part: Int) -> Double? {
        guard min(on[layer][part].count, off[layer][part].count) >= Self.fewest else { return nil }
        return (on[layer][part].value + off[layer][part].value) / 2
    }

    /// The standard error of `difference`.
    package func uncertainty(layer: Int, part: Int) -> Double {
        ((on[layer][part].uncertainty + off[layer][part].uncertainty) / 4).squareRoot()
    }

    /// What is believed of the difference of each part of each layer: the observed one, drawn towards the mean of all as far
    /// as its error is large against how much parts differ (a random-effects model; DerSimonian and Laird, 1986). The mean is
    /// believed to be negative: parts do not harm as a rule. It stands in for a difference that is not known. A part that no
    /// value reaches makes no difference.
    package var believed: [[Double]] {
        struct Observed {
            let difference: Double
            let variance: Double
            /// Whether every derivative was 0: no value reaches the part, such as the shell of a kernel on maps of few pixels.
            var hasNoEffect: Bool { difference == 0 && variance <= PartDifferences.leastVariance }
        }
        let observed = on.indices.map { layer in
            on[layer].indices.map { part in
                difference(layer: layer, part: part).map {
                    Observed(difference: $0, variance: max(pow(uncertainty(layer: layer, part: part), 2), Self.leastVariance))
                }
            }
        }
        // A part without effect tells nothing of the others. With an error of 0 it would outweigh all of them.
        let known = observed.joined().compactMap { $0 }.filter { !$0.hasNoEffect }
        func mean(adding spread: Double) -> Double {
            let weights = known.map { 1 / ($0.variance + spread) }
            return zip(known, weights).reduce(0) { $0 + $1.0.difference * $1.1 } / weights.reduce(0, +)
        }
        guard known.count > 1 else { return observed.map { $0.map { min($0?.difference ?? 0, Self.least) } } }
        // The variance between parts: what their differences vary more than by their errors.
        let weights = known.map { 1 / $0.variance }, sum = weights.reduce(0, +), fixed = mean(adding: 0)
        let variation = zip(known, weights).reduce(0) { $0 + $1.1 * pow($1.0.difference - fixed, 2) }
        let spread = max(0, (variation - Double(known.count - 1)) / (sum - weights.reduce(0) { $0 + $1 * $1 } / sum))
        let mean = min(mean(adding: spread), Self.least)
        return observed.map { layer in
            layer.map { part in
                guard let part else { return mean }
                if part.hasNoEffect { return 0 }
                return (part.difference * spread + mean * part.variance) / (spread + part.variance)
            }
        }
    }

    /// Saves or restores all state that changes from step to step.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.means("differences_on", &on)
        try exchange.means("differences_off", &off)
    }
}

extension StateExchange {
    /// Means of the same layers, each as its count, value and variance.
    fileprivate mutating func means(_ name: String, _ means: inout [[PartDifferences.Mean]]) throws {
        var flat = means.flatMap { $0 }
        try scalar(name, .array(flat.map { .array([.integer($0.count), .number($0.value), .number($0.variance)]) })) { node in
            let found = try node.array { mean in
                let numbers = try mean.array { try $0.number(in: -1e15...1e15) }
                guard numbers.count == 3, numbers[0] == numbers[0].rounded(), numbers[0] >= 0, numbers[2] >= 0 else {
                    throw mean.problem("expected a count, a mean and a variance")
                }
                return PartDifferences.Mean(count: Int(numbers[0]), value: numbers[1], variance: numbers[2])
            }
            guard found.count == flat.count else { throw node.problem("expected \(flat.count) means, found \(found.count)") }
            flat = found
        }
        var rest = flat[...]
        for layer in means.indices {
            for part in means[layer].indices { means[layer][part] = rest.removeFirst() }
        }
    }
}
