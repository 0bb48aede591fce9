import Files

/// Batches for evaluation: every image once, in stored order, normalised and not augmented.
///
///     let batches = EvaluationBatches(dataset: data.test, batch: 256, statistics: statistics)
///     let reader = batches.makeReader()
///     for step in 0..<batches.steps {
///         try batches.fill(
///             step: step, rows: 0..<batches.count(inStep: step), by: reader, images: images, labels: labels)
///     }
public struct EvaluationBatches: Sendable {
    /// Images in a batch; the last may hold fewer.
    public let batch: Int

    private let images: NormalizedImages

    /// - Parameters:
    ///   - dataset: the images.
    ///   - batch: images in a batch; positive, and may exceed the number of images.
    ///   - statistics: mean and std for normalisation: those of training.
    public init(dataset: ImageDataset, batch: Int, statistics: ChannelStatistics) {
        precondition(batch > 0, "EvaluationBatches: a batch of \(batch) images is not positive")
        self.batch = batch
        images = NormalizedImages(dataset, statistics: statistics)
    }

    /// The number of batches, including a last, smaller one.
    public var steps: Int { (images.dataset.count + batch - 1) / batch }

    /// The number of images in a batch: `batch`, or the remainder for the last one.
    ///
    /// - Parameter step: which batch, in 0..<steps.
    public func count(inStep step: Int) -> Int {
        precondition((0..<steps).contains(step), "EvaluationBatches: step \(step) is not in 0..<\(steps)")
        return min(batch, images.dataset.count - step * batch)
    }

    /// A reader of these images, for one thread.
    public func makeReader() -> DatasetReader { images.dataset.makeReader() }

    /// Writes some rows of a batch; other rows are left alone. May run on several threads at once for different rows, each
    /// with a reader of its own.
    ///
    /// - Parameters:
    ///   - step: which batch, in 0..<steps.
    ///   - rows: which images of the batch, within 0..<count(inStep: step).
    ///   - reader: from `makeReader`.
    ///   - frames: the whole batch, [batch, height, width, channels].
    ///   - labels: the whole batch's, [batch].
    /// - Throws: `FileError` where an image cannot be read.
    public func fill(
        step: Int, rows: Range<Int>, by reader: DatasetReader, images frames: UnsafeMutablePointer<Float>,
        labels: UnsafeMutablePointer<Int32>
    ) throws(FileError) {
        let count = count(inStep: step)
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= count,
            "EvaluationBatches: rows \(rows) are not within 0..<\(count)")
        for row in rows {
            let image = step * batch + row
            images.write(
                try reader.middle(of: image), placed: .asStored, to: frames + row * images.dataset.shape.count)
            labels[row] = Int32(images.dataset.label(of: image))
        }
    }
}
