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
    private let frames: UnsafeMutablePointer<Float>
    private let loader: BatchLoader

    /// - Parameters:
    ///   - images: with the shape of the frames.
    ///   - batch: images in a batch.
    ///   - threads: how many share a batch.
    /// - Throws: `DatasetError` where there are fewer images than a batch; `FileError` where one cannot be read.
    public init(_ images: ImageDataset, batch: Int, augmentation: Augmentation, threads: Int) throws {
        let sampler = try BatchSampler(
            dataset: images, batch: batch, seed: 0, augmentation: augmentation, statistics: images.channelStatistics)
        frames = .allocate(capacity: batch * sampler.frame.count)
        loader = BatchLoader(sampler, into: frames, pool: ThreadPool(threads: threads))
    }

    deinit { frames.deallocate() }

    /// Times batches of the first epoch, which begins again where it ends, after one that is not timed.
    ///
    /// - Parameter batches: at least 1.
    /// - Returns: seconds of the median batch.
    /// - Throws: `FileError` for the first image that cannot be read.
    public func run(batches: Int) throws(FileError) -> Double {
        var seconds: [Double] = []
        for step in 0...batches {
            let start = ContinuousClock.now
            try loader.load(step: step % loader.stepsPerEpoch)
            if step > 0 { seconds.append((ContinuousClock.now - start) / .seconds(1)) }
        }
        return seconds.sorted()[batches / 2]
    }
}
