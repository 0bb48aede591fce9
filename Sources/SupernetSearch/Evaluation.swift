import Datasets
import Engine
import JSONDocuments

/// How well a network classifies a set of images.
public struct Evaluation: Hashable, Sendable {
    /// How many images were classified.
    public let count: Int
    /// How many of them as labelled.
    public let correct: Int

    /// The part classified as labelled, 0...1.
    public var accuracy: Double { Double(correct) / Double(count) }
}

extension Evaluation {
    /// `{"test_images", "correct"}`.
    public var json: JSON { .object(members) }

    var members: [JSON.Member] {
        [.init(key: "test_images", value: .integer(count)), .init(key: "correct", value: .integer(correct))]
    }

    /// Reads the fields of `json`.
    ///
    /// - Throws: `FileError.invalid`.
    init(json fields: inout JSONFields) throws(FileError) {
        count = try fields.integer("test_images", in: 1...Int.max)
        correct = try fields.integer("correct", in: 0...count)
    }
}

extension ConvNet {
    /// Classifies images in evaluation mode.
    ///
    /// - Parameters:
    ///   - images: of the network's input shape and classes.
    ///   - statistics: what the network was trained with.
    public func evaluate(_ images: ImageDataset, statistics: ChannelStatistics) -> Evaluation {
        let batches = EvaluationBatches(dataset: images, batch: batch, statistics: statistics)
        let labels = UnsafeMutablePointer<Int32>.allocate(capacity: batch)
        defer { labels.deallocate() }
        var correct = 0
        for step in 0..<batches.steps {
            let count = batches.count(inStep: step)
            let values = self.images.values.pointer, pool = context.pool
            pool.run { thread in
                batches.fill(step: step, rows: pool.share(of: count, for: thread), images: values, labels: labels)
            }
            forward(training: false)
            correct += loss.correct(labels: labels, count: count)
        }
        return Evaluation(count: images.count, correct: correct)
    }
}
