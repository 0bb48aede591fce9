import Datasets
import Engine
import Files

/// Loads batches of training images; the threads share the images.
///
///     let loader = BatchLoader(sampler, into: network)
///     try loader.load(step: 0)
///     network.loss.evaluate(labels: loader.labels, second: loader.secondLabels)
package final class BatchLoader {
    package let stepsPerEpoch: Int
    /// The labels, one for each image of the batch.
    package var labels: UnsafePointer<Int32> { UnsafePointer(ownLabels) }
    /// The classes of images that share a frame with another; nil without CutMix.
    package var secondLabels: SoftmaxCrossEntropy.SecondLabels? {
        sampler.pairs > 0 ? SoftmaxCrossEntropy.SecondLabels(labels: otherLabels, shares: shares) : nil
    }

    private let images: UnsafeMutablePointer<Float>
    private let ownLabels, otherLabels: UnsafeMutablePointer<Int32>
    private let shares: UnsafeMutablePointer<Float>
    private let pool: ThreadPool
    private var sampler: BatchSampler
    /// The batch of the sampler's epoch that is being loaded.
    private var place = 0
    private let readers: ThreadReaders

    /// - Parameters:
    ///   - images: takes the batch, [batch, height, width, channels]; must live as long as the loader.
    ///   - pool: whose threads load.
    package init(_ sampler: BatchSampler, into images: UnsafeMutablePointer<Float>, pool: ThreadPool) {
        self.sampler = sampler
        self.images = images
        self.pool = pool
        stepsPerEpoch = sampler.stepsPerEpoch
        (ownLabels, otherLabels) = (.allocate(capacity: sampler.batch), .allocate(capacity: sampler.batch))
        ownLabels.initialize(repeating: 0, count: sampler.batch)
        otherLabels.initialize(repeating: 0, count: sampler.batch)
        shares = .allocate(capacity: sampler.batch)
        shares.initialize(repeating: 0, count: sampler.batch)
        readers = ThreadReaders(threads: pool.threads, make: sampler.makeReader)
    }

    /// A loader into a network's images.
    ///
    /// - Parameters:
    ///   - sampler: with the network's batch size.
    ///   - network: must live as long as the loader.
    package convenience init(_ sampler: BatchSampler, into network: ConvNet) {
        let input = network.architecture.input
        precondition(
            sampler.batch == network.batch
                && sampler.frame == ImageShape(input),
            "BatchLoader: batches of \(sampler.batch) images of \(sampler.frame) for a network of \(network.batch) of \(input)")
        self.init(sampler, into: network.images.values.pointer, pool: network.context.pool)
    }

    deinit {
        ownLabels.deallocate()
        otherLabels.deallocate()
        shares.deallocate()
    }

    /// Loads the batch of a step, in any order of steps, into the images and into `labels` and `secondLabels`.
    ///
    /// - Throws: `FileError` for the first image of the batch that cannot be read.
    package func load(step: Int) throws(FileError) {
        let epoch = step / stepsPerEpoch
        place = step % stepsPerEpoch
        // The order of an epoch is drawn once, also where a run resumes in its middle.
        if place == 0 || sampler.epoch != epoch { sampler.startEpoch(epoch) }
        pool.run(filling)
        try readers.check()
        if sampler.pairs > 0 { pool.run(mixing) }
    }

    private lazy var filling = SharedWork { [unowned self] thread in
        readers.run(thread) { reader throws(FileError) in
            try sampler.fill(
                step: place, rows: pool.share(of: sampler.batch, for: thread), by: reader, images: images, labels: ownLabels)
        }
    }

    private lazy var mixing = SharedWork { [unowned self] thread in
        sampler.mix(
            step: place, pairs: pool.share(of: sampler.pairs, for: thread), images: images, labels: ownLabels,
            others: otherLabels, shares: shares)
    }
}
