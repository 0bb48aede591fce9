import Architectures
import Datasets
import Engine
import Files
import Training

/// Computes a folded or quantised network on the images of a data set, on all threads of a pool.
///
///     let evaluation = NetworkEvaluation(quantized, context: context)
///     try evaluation.classify(images, statistics: statistics).evaluation.accuracy
public final class NetworkEvaluation {
    private let input: FeatureShape
    private let classes: Int
    private let pool: ThreadPool
    private let passes: [ForwardPass]
    private let frames: Storage
    private let logits: Storage
    /// How images and logits are encoded; nil in real numbers.
    private let ends: (image: Encoding, logits: Encoding)?

    /// The most values that the maps of one step have together, for each thread: they stay in its cache.
    private static let valuesOfStep = 1 << 19

    /// The most images of one thread at a time.
    var batch: Int { passes[0].batch }

    /// With real numbers.
    public convenience init(_ network: FoldedNetwork, context: ExecutionContext) {
        self.init(network.prepared, ends: nil, context: context)
    }

    /// With integers, as XNNPACK computes them: every logit has the bits that the runtime gives it.
    public convenience init(_ network: QuantizedNetwork, context: ExecutionContext) {
        self.init(
            network.prepared, ends: (network.encodings[0], network.encodings[network.encodings.count - 1]), context: context)
    }

    private init(_ steps: [PreparedStep], ends: (image: Encoding, logits: Encoding)?, context: ExecutionContext) {
        input = steps[0].input
        classes = steps[steps.count - 1].output.channels
        self.ends = ends
        pool = context.pool
        let largest = steps.map { $0.input.count + $0.output.count }.max() ?? 1
        let batch = max(1, min(32, Self.valuesOfStep / largest))
        passes = (0..<pool.threads).map { _ in ForwardPass(steps, batch: batch) }
        frames = Storage(count: batch * pool.threads * input.count)
        logits = Storage(count: batch * pool.threads * classes)
    }

    /// Counts how the network classifies images.
    ///
    /// - Parameters:
    ///   - images: of the network's input shape, or resized to it, and of its classes.
    ///   - statistics: what the network was trained with.
    /// - Throws: `FileError` where an image cannot be read.
    public func classify(_ images: ImageDataset, statistics: ChannelStatistics) throws(FileError) -> Classification {
        var classification = Classification(classes: classes)
        try forEachLogits(of: images, statistics: statistics) { classification.add(logits: $0, label: $1) }
        return classification
    }

    /// Runs `body` with the logits, [classes], and the label of every image, in their order.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    public func forEachLogits(
        of images: ImageDataset, statistics: ChannelStatistics, _ body: (UnsafeBufferPointer<Float>, Int) -> Void
    ) throws(FileError) {
        try run(images, statistics: statistics, observe: { _, _, _, _, _, _ in }, logits: body)
    }

    /// The logits of normalised images, [images, classes].
    ///
    /// - Parameter images: [images, height, width, channels].
    public func logits(of images: [Float]) -> [Float] {
        let count = images.count / input.count
        precondition(
            count * input.count == images.count, "NetworkEvaluation: \(images.count) values are no images of \(input)")
        var result: [Float] = []
        let most = batch * pool.threads
        for start in stride(from: 0, to: count, by: most) {
            let part = min(most, count - start)
            images.withUnsafeBufferPointer {
                frames.pointer.update(from: $0.baseAddress! + start * input.count, count: part * input.count)
            }
            pool.run { thread in compute(thread, rows: pool.share(of: part, for: thread)) { _, _, _ in } }
            result += UnsafeBufferPointer(start: logits.pointer, count: part * classes)
        }
        return result
    }

    /// What a step read and wrote, on one thread.
    typealias Observation = (
        _ thread: Int, _ pass: ForwardPass, _ step: Int, _ count: Int, _ input: UnsafePointer<Float>,
        _ output: UnsafePointer<Float>
    ) -> Void

    /// Runs `observe` after every step on some of the images, and `logits` with the answer for every image, in order.
    func run(
        _ images: ImageDataset, statistics: ChannelStatistics, observe: Observation,
        logits body: (UnsafeBufferPointer<Float>, Int) -> Void = { _, _ in }
    ) throws(FileError) {
        let images = images.framed(ImageShape(input))
        let batches = EvaluationBatches(dataset: images, batch: batch * pool.threads, statistics: statistics)
        let labels = UnsafeMutablePointer<Int32>.allocate(capacity: batches.batch)
        defer { labels.deallocate() }
        let readers = ThreadReaders(threads: pool.threads, make: batches.makeReader)
        for step in 0..<batches.steps {
            let count = batches.count(inStep: step)
            pool.run { thread in
                let rows = pool.share(of: count, for: thread)
                readers.run(thread) { reader throws(FileError) in
                    try batches.fill(step: step, rows: rows, by: reader, images: frames.pointer, labels: labels)
                    compute(thread, rows: rows) { observe(thread, passes[thread], $0, rows.count, $1, $2) }
                }
            }
            try readers.check()
            for row in 0..<count {
                body(UnsafeBufferPointer(start: logits.pointer + row * classes, count: classes), Int(labels[row]))
            }
        }
    }

    /// Computes the logits of some frames.
    private func compute(
        _ thread: Int, rows: Range<Int>,
        _ observe: (_ step: Int, _ input: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Void
    ) {
        guard !rows.isEmpty else { return }
        let pass = passes[thread], from = frames.pointer + rows.lowerBound * input.count
        let values = rows.count * input.count
        if let image = ends?.image {
            // As XNNPACK's conversion does: by the reciprocal of the scale.
            let factor = 1 / image.scale, limits = image.limits
            for index in 0..<values { pass.images[index] = ForwardPass.rounded(from[index] * factor, limits) }
        } else {
            pass.images.update(from: from, count: values)
        }
        let answers = pass.run(count: rows.count, observe: observe)
        let to = logits.pointer + rows.lowerBound * classes
        let scale = ends?.logits.scale ?? 1
        for index in 0..<rows.count * classes { to[index] = answers[index] * scale }
    }
}
