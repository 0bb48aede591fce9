import Datasets
import Engine
import Files

/// What answers for one image at a time, such as a network in another program's file.
public struct ImageAnswers: Sendable {
    public let shape: ImageShape
    public let classes: Int
    /// The mean and std that images are normalised with.
    public let statistics: ChannelStatistics
    private let answer: @Sendable (UnsafeBufferPointer<Float>) -> [Float]

    /// - Parameter answer: makes logits, [classes], of an image, [height, width, channels]; is called on many threads at
    ///   once.
    public init(
        shape: ImageShape, classes: Int, statistics: ChannelStatistics,
        answer: @escaping @Sendable (UnsafeBufferPointer<Float>) -> [Float]
    ) {
        self.shape = shape
        self.classes = classes
        self.statistics = statistics
        self.answer = answer
    }

    /// Classifies images.
    ///
    /// - Parameters:
    ///   - images: of the shape, or resized to it.
    ///   - labels: the class of each label of the images; nil where they are the same.
    /// - Throws: `FileError` where an image cannot be read.
    public func classify(
        _ images: ImageDataset, labels: [Int]? = nil, threads: Int
    ) throws(FileError) -> Classification {
        let context = ExecutionContext(threads: threads), pool = context.pool
        let batch = min(images.count, 16 * threads), size = shape.count
        let batches = EvaluationBatches(dataset: images.framed(shape), batch: batch, statistics: statistics)
        let frames = UnsafeMutableBufferPointer<Float>.allocate(capacity: batch * size)
        let found = UnsafeMutableBufferPointer<Int32>.allocate(capacity: batch)
        let answers = UnsafeMutableBufferPointer<[Float]>.allocate(capacity: batch)
        answers.initialize(repeating: [])
        defer {
            answers.deinitialize()
            answers.deallocate()
            found.deallocate()
            frames.deallocate()
        }
        let readers = ThreadReaders(threads: pool.threads, make: batches.makeReader)
        var classification = Classification(classes: classes)
        for step in 0..<batches.steps {
            let count = batches.count(inStep: step)
            pool.run { thread in
                readers.run(thread) { reader throws(FileError) in
                    let rows = pool.share(of: count, for: thread)
                    try batches.fill(
                        step: step, rows: rows, by: reader, images: frames.baseAddress!, labels: found.baseAddress!)
                    for row in rows { answers[row] = answer(UnsafeBufferPointer(rebasing: frames[row * size..<(row + 1) * size])) }
                }
            }
            try readers.check()
            for row in 0..<count {
                let label = Int(found[row])
                answers[row].withUnsafeBufferPointer { classification.add(logits: $0, label: labels?[label] ?? label) }
            }
        }
        return classification
    }
}
