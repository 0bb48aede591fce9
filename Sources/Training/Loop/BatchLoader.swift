import Datasets
import Engine
import Files

/// Loads batches of training images into a network; the threads share the images.
///
///     let loader = BatchLoader(network, sampler: sampler)
///     try loader.load(step: 0)
///     network.loss.evaluate(labels: loader.labels)
package final class BatchLoader {
    /// The labels, one for each image of the batch.
    package let labels: UnsafeMutablePointer<Int32>
    package let stepsPerEpoch: Int

    private let network: ConvNet
    private var sampler: BatchSampler
    /// The batch of the sampler's epoch that is being loaded.
    private var place = 0
    private let readers: ThreadReaders

    /// - Parameter sampler: with the network's batch size.
    package init(_ network: ConvNet, sampler: BatchSampler) {
        let input = network.architecture.input
        precondition(
            sampler.batch == network.batch
                && sampler.frame == ImageShape(input),
            "BatchLoader: batches of \(sampler.batch) images of \(sampler.frame) for a network of \(network.batch) of \(input)")
        self.network = network
        self.sampler = sampler
        stepsPerEpoch = sampler.stepsPerEpoch
        labels = .allocate(capacity: sampler.batch)
        labels.initialize(repeating: 0, count: sampler.batch)
        readers = ThreadReaders(threads: network.context.pool.threads, make: sampler.makeReader)
    }

    deinit { labels.deallocate() }

    /// Loads the batch of a step, in any order of steps, into the network's images and into `labels`.
    ///
    /// - Throws: `FileError` for the first image of the batch that cannot be read.
    package func load(step: Int) throws(FileError) {
        let epoch = step / stepsPerEpoch
        place = step % stepsPerEpoch
        // The order of an epoch is drawn once, also where a run resumes in its middle.
        if place == 0 || sampler.epoch != epoch { sampler.startEpoch(epoch) }
        network.context.pool.run(filling)
        try readers.check()
    }

    private lazy var filling = SharedWork { [unowned self] thread in
        readers.run(thread) { reader throws(FileError) in
            try sampler.fill(
                step: place, rows: network.context.pool.share(of: sampler.batch, for: thread), by: reader,
                images: network.images.values.pointer, labels: labels)
        }
    }
}
