import Architectures

extension CostModel {
    /// How much higher than its latency the upper end of a network's interval is, as a ratio: the largest of all networks
    /// of a space. What is measured in one network may be modelled in another.
    ///
    /// A layer takes what its own choice takes, so a network has a ratio of sums, whose maximum is found as Dinkelbach does
    /// (1967, "On nonlinear fractional programming"): each layer makes the choice that is farthest above the present ratio,
    /// which gives a larger one, until it stays.
    ///
    /// - Parameter confidence: of the interval, above 0 and below 1.
    public func largestMargin(of space: SearchSpace, confidence: Double) -> Double {
        let estimates = space.architecturesOfAllChoices.map { estimate($0.network) }
        var layers: [String: [(latencyMs: Double, upperMs: Double)]] = [:]
        for estimate in estimates {
            for layer in estimate.layers {
                let upper = estimate.intervalMs(of: layer, confidence: confidence).upperBound
                layers[layer.name, default: []].append((layer.latencyMs, upper))
            }
        }
        // A layer that is not in all of them may be skipped.
        for (name, costs) in layers where costs.count < estimates.count { layers[name] = costs + [(0, 0)] }
        var ratio = 1.0
        for _ in 0..<100 {
            var latencyMs = 0.0, upperMs = 0.0
            for costs in layers.values {
                guard let farthest = costs.max(by: { $0.upperMs - ratio * $0.latencyMs < $1.upperMs - ratio * $1.latencyMs })
                else { continue }
                latencyMs += farthest.latencyMs
                upperMs += farthest.upperMs
            }
            let next = latencyMs > 0 ? upperMs / latencyMs : 1
            if next <= ratio * (1 + 1e-9) { break }
            ratio = next
        }
        return ratio
    }
}
