import Architectures
import Datasets
import Engine
import Training

extension Search {
    /// The EMA weights and running statistics that an architecture of the space inherits from the supernet's present
    /// state. The search does not change.
    ///
    /// - Throws: `ArchitectureError` where it is no point of the space.
    public func inheritedWeights(of architecture: Architecture) throws -> TrainedWeights {
        let choices = try supernet.space.choices(of: architecture)
        let network = withAverages {
            supernet.select(choices)
            return supernet.derivedNetwork(name: architecture.name, batch: 1)
        }
        return try network.weights.adopted(by: architecture)
    }

    /// The accuracy of an architecture of the space with EMA weights inherited from the supernet's present state, after
    /// batch-norm recalibration: the statistics of a sub-network differ from the supernet's (Guo et al., 2020, "Single
    /// Path One-Shot Neural Architecture Search with Uniform Sampling"). The search does not change.
    ///
    /// - Parameters:
    ///   - choices: one for each searchable layer.
    ///   - images: for the evaluation.
    ///   - batches: the number of training batches for batch-norm recalibration.
    /// - Throws: `TrainingError.imagesDoNotFit`; `FileError` where an image cannot be read.
    public func inheritedAccuracy(
        of choices: [LayerChoice], on images: ImageDataset, batches: Int = Search.statisticsBatches
    ) throws -> Evaluation {
        try evaluating(choices, on: images, batches: batches) { try supernet.network.evaluate(images, statistics: statistics) }
    }

    /// The loss of an architecture of the space with the same weights, by which candidates are ranked: see `CalibratedLoss`.
    ///
    /// - Parameters:
    ///   - choices: one for each searchable layer.
    ///   - images: for the evaluation.
    ///   - batches: the number of training batches for batch-norm recalibration.
    /// - Returns: not a number where the network answers with values that are not finite.
    /// - Throws: `TrainingError.imagesDoNotFit`; `FileError` where an image cannot be read.
    public func inheritedLoss(of choices: [LayerChoice], on images: ImageDataset, batches: Int) throws -> Double {
        try evaluating(choices, on: images, batches: batches) {
            var loss = CalibratedLoss()
            try supernet.network.forEachLogits(of: images, statistics: statistics) { loss.add($0, label: $1) }
            return loss.value
        }
    }

    /// Runs `body` while the supernet is the sub-network of `choices`, with EMA weights and statistics for it.
    private func evaluating<Result>(
        _ choices: [LayerChoice], on images: ImageDataset, batches: Int, _ body: () throws -> Result
    ) throws -> Result {
        try Self.check(images, fits: space)
        return try withAverages {
            supernet.select(order.ordered(choices))
            return try withStatisticsTakenAnew(batches: batches, body)
        }
    }

    /// Runs `body` after batch-norm recalibration of the supernet for its present weights and indicators, because the
    /// running statistics also contain older ones. Restores them afterwards.
    ///
    /// - Parameter batches: the number of training batches for batch-norm recalibration.
    /// - Throws: `FileError` where an image cannot be read.
    func withStatisticsTakenAnew<Result>(
        batches: Int = Search.statisticsBatches, _ body: () throws -> Result
    ) throws -> Result {
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
            try loadForStatistics(batch: batch)
            // The first batch replaces the old statistics; then all batches have equal weight in the mean.
            for normalization in network.normalizations { normalization.runningWeight = 1 / Float(batch + 1) }
            network.forward(training: true)
        }
        return try body()
    }
}
