import Glibc

/// The mean cross-entropy of a batch of logits against class labels, with label smoothing (Szegedy et al., 2016,
/// "Rethinking the Inception Architecture"): the target of a class is smoothing / classes, plus 1 − smoothing for
/// the label's.
///
/// - Logits: [N, 1, 1, classes], plain. Labels: N numbers in 0..<classes.
public final class SoftmaxCrossEntropy {
    public let logits: FeatureMap
    public let smoothing: Float

    public init(logits: FeatureMap, smoothing: Float) {
        require(smoothing >= 0 && smoothing < 1, "SoftmaxCrossEntropy: smoothing must be in 0..<1, got \(smoothing)")
        self.logits = logits
        self.smoothing = smoothing
    }

    /// Returns the loss, and writes its gradient to `logits.gradient`.
    public func evaluate(labels: UnsafePointer<Int32>) -> Float {
        let classes = logits.channels
        let rest = smoothing / Float(classes)
        var total = 0.0
        for row in 0..<logits.batch {
            let values = logits.values.pointer + row * classes, gradient = logits.gradient.pointer + row * classes
            let label = Int(labels[row])
            require((0..<classes).contains(label), "SoftmaxCrossEntropy: label \(label) of \(classes) classes")
            var largest = values[0]
            for index in 1..<classes { largest = max(largest, values[index]) }
            var sum: Float = 0
            for index in 0..<classes {
                gradient[index] = expf(values[index] - largest)
                sum += gradient[index]
            }
            let logSum = logf(sum)
            for index in 0..<classes {
                let target = rest + (index == label ? 1 - smoothing : 0)
                total -= Double(target * (values[index] - largest - logSum))
                gradient[index] = (gradient[index] / sum - target) / Float(logits.batch)
            }
        }
        return Float(total / Double(logits.batch))
    }
}
