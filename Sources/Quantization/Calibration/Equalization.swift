import Architectures
import Glibc

extension FoldedNetwork {
    /// Scales the channels between two operators so that one scale suits all of them: what the first writes is divided by
    /// a factor of the channel, and the second's weights for it are multiplied by the same. The network computes the same,
    /// because ReLU scales with its input (Nagel et al., 2019, arXiv:1906.04721, section 4.1).
    ///
    /// That paper takes the factor √(r₁ · r₂) / r₂ from the ranges of the weights, for one scale a tensor. Here weights have
    /// a scale for every output channel, but a map still has one. So r₁ is the range of the map's channel. Before a
    /// depthwise convolution, whose every channel has a scale of its own, the map alone decides: all of its channels get
    /// one range.
    ///
    /// - Parameter largest: the greatest value of every channel of the output of a step, by its index, over the
    ///   calibration images.
    package mutating func equalize(_ largest: [[Float]]) {
        var largest = largest
        for (index, step) in steps.enumerated() {
            guard index > 0, step.hasWeights, let writer = onlyWriter(of: index) else { continue }
            let first = steps[writer]
            let channels = first.output.channels
            var factors = [Float](repeating: 1, count: channels)
            if case .depthwise = step.kind {
                let target = Self.middle(largest[writer])
                for channel in 0..<channels where largest[writer][channel] > 0 {
                    factors[channel] = largest[writer][channel] / target
                }
            } else {
                let second = step.largestWeights(ofInputs: channels)
                let products = (0..<channels).map { (largest[writer][$0] * second[$0]).squareRoot() }
                for channel in 0..<channels where products[channel] > 0 { factors[channel] = largest[writer][channel] / products[channel] }
                // The whole map keeps its range: only how the channels share it changes.
                let middle = Self.middle(factors)
                for channel in 0..<channels { factors[channel] /= middle }
            }
            for channel in 0..<channels {
                factors[channel] = min(max(factors[channel], 1 / Self.mostFactor), Self.mostFactor)
                if largest[writer][channel] <= 0 { factors[channel] = 1 }
                largest[writer][channel] /= factors[channel]
            }
            steps[writer].divideOutputs(by: factors)
            steps[index].multiplyInputs(by: factors)
        }
    }

    /// A channel that is hardly used is not blown up without end.
    private static let mostFactor: Float = 64

    /// The geometric mean of the values above 0; 1 where there are none.
    private static func middle(_ values: [Float]) -> Float {
        let logarithms = values.filter { $0 > 0 }.map { log2($0) }
        return logarithms.isEmpty ? 1 : exp2(logarithms.reduce(0, +) / Float(logarithms.count))
    }

    /// The operator before a step that writes for it alone, with an activation that scales with its input.
    private func onlyWriter(of index: Int) -> Int? {
        let value = steps[index].inputs[0]
        guard value > 0, steps[value - 1].hasWeights, steps[value - 1].activation == .relu,
            steps.count(where: { $0.inputs.contains(value) }) == 1
        else { return nil }
        return value - 1
    }
}

extension FoldedNetwork.Step {
    /// Divides what is written to every output channel; a step with ReLU or none.
    fileprivate mutating func divideOutputs(by factors: [Float]) {
        for index in weights.indices { weights[index] /= factors[index % factors.count] }
        for index in bias.indices { bias[index] /= factors[index] }
    }

    /// Multiplies the weights of every input channel.
    fileprivate mutating func multiplyInputs(by factors: [Float]) {
        if case .depthwise = kind {
            for index in weights.indices { weights[index] *= factors[index % factors.count] }
        } else {
            let columns = output.channels
            for index in weights.indices { weights[index] *= factors[index / columns % factors.count] }
        }
    }

    /// The greatest magnitude of the weights for every input channel.
    fileprivate func largestWeights(ofInputs channels: Int) -> [Float] {
        var largest = [Float](repeating: 0, count: channels)
        let columns = output.channels
        for index in weights.indices {
            let channel = index / columns % channels
            largest[channel] = max(largest[channel], abs(weights[index]))
        }
        return largest
    }
}
