import Glibc

/// The mean cross-entropy of a batch of logits against class labels, with label smoothing (Szegedy et al., 2016,
/// "Rethinking the Inception Architecture"): the target of a class is smoothing / classes, plus 1 − smoothing for
/// the label's. Where two images share a frame, the classes of both have a part of that.
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

    /// A second class of each image of a batch (Yun et al., 2019, "CutMix").
    public struct SecondLabels {
        /// [N], in 0..<classes.
        public let labels: UnsafePointer<Int32>
        /// The second class's part of the target, [N], in 0...1; the first label has the rest.
        public let shares: UnsafePointer<Float>

        public init(labels: UnsafePointer<Int32>, shares: UnsafePointer<Float>) {
            self.labels = labels
            self.shares = shares
        }
    }

    /// Returns the loss, and writes its gradient to `logits.gradient`.
    ///
    /// - Parameters:
    ///   - labels: [N], in 0..<classes.
    ///   - second: of images that share a frame with another; nil where each has its own.
    public func evaluate(labels: UnsafePointer<Int32>, second: SecondLabels? = nil) -> Float {
        let classes = logits.channels
        let rest = smoothing / Float(classes)
        var total = 0.0
        for row in 0..<logits.batch {
            let values = logits.values.pointer + row * classes, gradient = logits.gradient.pointer + row * classes
            let label = Int(labels[row])
            let other = second.map { Int($0.labels[row]) } ?? label
            require(
                (0..<classes).contains(label) && (0..<classes).contains(other),
                "SoftmaxCrossEntropy: labels \(label) and \(other) of \(classes) classes")
            let share = second.map { $0.shares[row] } ?? 0
            let (own, given) = ((1 - smoothing) * (1 - share), (1 - smoothing) * share)
            var largest = values[0]
            for index in 1..<classes { largest = max(largest, values[index]) }
            var sum: Float = 0
            for index in 0..<classes {
                gradient[index] = expf(values[index] - largest)
                sum += gradient[index]
            }
            let logSum = logf(sum)
            for index in 0..<classes {
                let target = rest + (index == label ? own : 0) + (index == other ? given : 0)
                total -= Double(target * (values[index] - largest - logSum))
                gradient[index] = (gradient[index] / sum - target) / Float(logits.batch)
            }
        }
        return Float(total / Double(logits.batch))
    }
}
