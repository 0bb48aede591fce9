import Architectures
import Datasets
import Engine
import Training

extension Search {
    /// The weights and running statistics that an architecture of the space inherits from the supernet as it stands,
    /// averaged. The search is left as it was.
    ///
    /// - Throws: `ArchitectureError` where it is no point of the space.
    public func inheritedWeights(of architecture: Architecture) throws -> TrainedWeights {
        let choices = try supernet.space.choices(of: architecture)
        let network = withAverages {
            supernet.select(choices)
            return supernet.derivedNetwork(name: architecture.name, batch: 1)
        }
        return try network.weights
    }

    /// How well an architecture of the space classifies with the weights that it inherits from the supernet as it stands,
    /// averaged, and statistics of its own: those of a sub-network differ from the supernet's (Guo et al., 2020, "Single
    /// Path One-Shot Neural Architecture Search with Uniform Sampling"). The search is left as it was.
    ///
    /// - Parameters:
    ///   - choices: one for each searchable layer.
    ///   - images: that are classified.
    ///   - batches: training batches that the statistics are taken over.
    /// - Throws: `TrainingError.imagesDoNotFit`.
    public func inheritedAccuracy(
        of choices: [LayerChoice], on images: ImageDataset, batches: Int = Search.statisticsBatches
    ) throws(TrainingError) -> Evaluation {
        try Self.check(images, fits: supernet.space)
        return withAverages {
            supernet.select(choices)
            return withStatisticsTakenAnew(batches: batches) { supernet.network.evaluate(images, statistics: statistics) }
        }
    }

    /// What `body` makes of the supernet with statistics of the weights and the indicators as they stand; running ones
    /// remember others. They are left as they were.
    ///
    /// - Parameter batches: training batches that the statistics are taken over.
    func withStatisticsTakenAnew<Result>(
        batches: Int = Search.statisticsBatches, _ body: () throws -> Result
    ) rethrows -> Result {
        let network = supernet.network
        let kept = network.runningStatistics.map(\.values), random = network.dropout.random
        defer {
            for (storage, values) in zip(network.runningStatistics, kept) { storage.write(values) }
            for normalization in network.normalizations {
                normalization.runningWeight = 1 - BatchNormalization.momentum
            }
            network.dropout.random = random
        }
        for batch in 0..<batches {
            loadForStatistics(batch: batch)
            // The first batch replaces what was there; then each is one part of a mean.
            for normalization in network.normalizations { normalization.runningWeight = 1 / Float(batch + 1) }
            network.forward(training: true)
        }
        return try body()
    }
}
