import Architectures
import Datasets
import Engine
import Training

/// A supernet for images of one size, and the loop that trains it. A search whose images grow has one after the other.
struct TrainedSupernet {
    let supernet: Supernet
    let loop: TrainingLoop
    /// The EMA at the end of the warm-up, in which all sub-networks have trained equally.
    let warm: KeptAverages

    /// A supernet with random weights.
    ///
    /// - Parameters:
    ///   - images: to train on, of any size.
    ///   - statistics: mean and std of the images.
    ///   - epoch: whose size of images it has, counted from 0.
    /// - Throws: `DatasetError` where there are fewer images than a batch.
    init(
        of space: SearchSpace, runtime: RuntimeTerm, images: ImageDataset, statistics: ChannelStatistics, epoch: Int,
        configuration: SearchConfiguration
    ) throws(DatasetError) {
        var trained = space
        trained.input = configuration.training.trainedInput(of: space.input, epoch: epoch)
        let sampler = try BatchSampler(
            dataset: images.framed(trained.input), batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        supernet = Supernet(
            space: trained, runtime: runtime, batch: configuration.batch,
            regularization: configuration.training.regularization, seed: configuration.seed,
            context: ExecutionContext(threads: configuration.threads))
        loop = TrainingLoop(
            supernet.network, parameters: supernet.parameters, sampler: sampler, statistics: statistics,
            takesStatisticsAnew: true, configuration: configuration.training)
        warm = loop.keptAverages()
    }
}
