import Datasets
import Engine
import Files
import Training

/// Times what comes before a training step: batches of images that are decoded or read from a cache, cropped, resized,
/// changed at random, and normalised.
///
///     let benchmark = try LoadingBenchmark(images, batch: 64, augmentation: .photo, threads: 2)
///     try benchmark.run(batches: 100)     // seconds of the median batch
public final class LoadingBenchmark {
    private let sampler: BatchSampler
    private let pool: ThreadPool
    private let readers: ThreadReaders

    /// - Parameters:
    ///   - images: with the shape of the frames.
    ///   - batch: images in a batch.
    ///   - threads: how many share a batch.
    /// - Throws: `DatasetError` where there are fewer images than a batch; `FileError` where one cannot be read.
    public init(_ images: ImageDataset, batch: Int, augmentation: Augmentation, threads: Int) throws {
        sampler = try BatchSampler(
            dataset: images, batch: batch, seed: 0, augmentation: augmentation, statistics: images.channelStatistics)
        pool = ThreadPool(threads: threads)
        readers = ThreadReaders(threads: threads, make: sampler.makeReader)
    }

    /// Times batches of the first epoch, which begins again where it ends, after one that is not timed.
    ///
    /// - Parameter batches: at least 1.
    /// - Returns: seconds of the median batch.
    /// - Throws: `FileError` for the first image that cannot be read.
    public func run(batches: Int) throws(FileError) -> Double {
        let frames = UnsafeMutableBufferPointer<Float>.allocate(capacity: sampler.batch * sampler.frame.count)
        let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: sampler.batch)
        defer {
            frames.deallocate()
            labels.deallocate()
        }
        var seconds: [Double] = []
        for step in 0...batches {
            let time = ContinuousClock().measure {
                pool.run { [self] thread in
                    readers.run(thread) { reader throws(FileError) in
                        try sampler.fill(
                            step: step % sampler.stepsPerEpoch, rows: pool.share(of: sampler.batch, for: thread), by: reader,
                            images: frames.baseAddress!, labels: labels.baseAddress!)
                    }
                }
            }
            try readers.check()
            if step > 0 { seconds.append(time / .seconds(1)) }
        }
        return seconds.sorted()[batches / 2]
    }
}
