import Datasets
import Engine
import Files
import Glibc

/// Counts how a network classifies labelled images.
public struct Classification: Hashable, Sendable {
    /// The confusion matrix: images of each label (the row) by predicted class (the column): [classes][classes]; empty where
    /// it is not counted.
    public private(set) var confusion: [[Int]]
    private var count = 0, correct = 0, amongFive = 0
    private var crossEntropy = 0.0

    /// - Parameter hasConfusion: whether the confusion matrix is counted too, which takes memory by the square of the classes.
    public init(classes: Int, hasConfusion: Bool = true) {
        confusion = hasConfusion ? Array(repeating: Array(repeating: 0, count: classes), count: classes) : []
    }

    /// Counts an image.
    ///
    /// - Parameters:
    ///   - logits: [classes].
    ///   - label: in 0..<classes.
    public mutating func add(logits: UnsafeBufferPointer<Float>, label: Int) {
        var best = 0
        var above = 0
        for index in logits.indices {
            if logits[index] > logits[best] { best = index }
            // Of equal values the first counts as larger, as for the best.
            if logits[index] > logits[label] || index < label && logits[index] == logits[label] { above += 1 }
        }
        if !confusion.isEmpty { confusion[label][best] += 1 }
        count += 1
        if best == label { correct += 1 }
        if above < 5 { amongFive += 1 }
        // Relative to the largest, so that no exponential overflows.
        let largest = Double(logits[best])
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
        crossEntropy += log(sum) + largest - Double(logits[label])
    }

    /// The sums; there must be at least one image.
    public var evaluation: Evaluation {
        Evaluation(count: count, correct: correct, correctAmongFive: amongFive, crossEntropy: crossEntropy / Double(count))
    }
}

extension ConvNet {
    /// Classifies images in evaluation mode.
    ///
    /// - Parameters:
    ///   - images: of the network's input shape, or resized to it, and of its classes.
    ///   - statistics: what the network was trained with.
    ///   - hasConfusion: whether the confusion matrix is counted too.
    /// - Throws: `FileError` where an image cannot be read.
    public func classify(
        _ images: ImageDataset, statistics: ChannelStatistics, hasConfusion: Bool = true
    ) throws(FileError) -> Classification {
        var classification = Classification(classes: logits.channels, hasConfusion: hasConfusion)
        try forEachLogits(of: images, statistics: statistics) { classification.add(logits: $0, label: $1) }
        return classification
    }

    /// Runs `body` with the logits, [classes], and the label of every image, in their order; in evaluation mode.
    ///
    /// - Parameters:
    ///   - images: of the network's input shape, or resized to it.
    ///   - statistics: what the network was trained with.
    ///   - body: takes the logits of an image, valid for the call, and its label.
    /// - Throws: `FileError` where an image cannot be read.
    public func forEachLogits(
        of images: ImageDataset, statistics: ChannelStatistics, _ body: (UnsafeBufferPointer<Float>, Int) -> Void
    ) throws(FileError) {
        let images = images.framed(architecture.input)
        let batches = EvaluationBatches(dataset: images, batch: batch, statistics: statistics)
        let labels = UnsafeMutablePointer<Int32>.allocate(capacity: batch)
        defer { labels.deallocate() }
        let classes = logits.channels
        let values = self.images.values.pointer, pool = context.pool
        let readers = ThreadReaders(threads: pool.threads, make: batches.makeReader)
        for step in 0..<batches.steps {
            let count = batches.count(inStep: step)
            pool.run { thread in
                readers.run(thread) { reader throws(FileError) in
                    try batches.fill(
                        step: step, rows: pool.share(of: count, for: thread), by: reader, images: values, labels: labels)
                }
            }
            try readers.check()
            forward(training: false)
            for row in 0..<count {
                body(
                    UnsafeBufferPointer(start: logits.values.pointer + row * classes, count: classes), Int(labels[row]))
            }
        }
    }

    /// Evaluates the network on images in evaluation mode.
    ///
    /// - Parameters:
    ///   - images: of the network's input shape, or resized to it, and of its classes.
    ///   - statistics: what the network was trained with.
    /// - Throws: `FileError` where an image cannot be read.
    public func evaluate(_ images: ImageDataset, statistics: ChannelStatistics) throws(FileError) -> Evaluation {
        try classify(images, statistics: statistics, hasConfusion: false).evaluation
    }
}
