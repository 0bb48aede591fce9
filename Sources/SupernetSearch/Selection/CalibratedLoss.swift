import Glibc

/// The mean cross-entropy of images at the temperature of the softmax that makes it least (Guo et al., 2017, "On Calibration
/// of Modern Neural Networks", section 4.2).
///
/// Networks with inherited weights differ in how large their logits are, by the branches that they use or skip, which says
/// nothing of what they know. One that trains alone finds the scale that suits it.
///
///     var loss = CalibratedLoss()
///     loss.add(logits, label: 3)
///     loss.value
package struct CalibratedLoss {
    /// Of all images, one after the other.
    private var logits: [Float] = []
    private var labels: [Int] = []

    /// What logits are multiplied by lies between e to these powers.
    private static let range = -2.0...2.0
    /// Each halves the range.
    private static let steps = 16

    package init() {}

    /// - Parameter logits: of an image, one for each class; of as many classes for each image.
    package mutating func add(_ logits: some Collection<Float>, label: Int) {
        self.logits.append(contentsOf: logits)
        labels.append(label)
    }

    /// The loss; not a number where a logit is not finite, or there are no images.
    package var value: Double {
        // The loss is convex in the factor on the logits: the least is where its slope changes sign.
        var low = Self.range.lowerBound, high = Self.range.upperBound
        for _ in 0..<Self.steps {
            let middle = (low + high) / 2
            if loss(scale: exp(middle)).slope < 0 { low = middle } else { high = middle }
        }
        return loss(scale: exp((low + high) / 2)).value
    }

    /// The mean cross-entropy of logits times a factor, and its derivative by the factor.
    private func loss(scale: Double) -> (value: Double, slope: Double) {
        let classes = logits.count / max(labels.count, 1)
        var value = 0.0, slope = 0.0
        for (image, label) in labels.enumerated() {
            let own = logits[image * classes..<(image + 1) * classes]
            let largest = Double(own.max() ?? 0)
            var sum = 0.0, weighted = 0.0
            for logit in own {
                let probability = exp(scale * (Double(logit) - largest))
                sum += probability
                weighted += probability * Double(logit)
            }
            let right = Double(own[own.startIndex + label])
            value += log(sum) - scale * (right - largest)
            slope += weighted / sum - right
        }
        return (value / Double(labels.count), slope / Double(labels.count))
    }
}
