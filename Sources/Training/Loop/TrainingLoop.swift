import Datasets
import Engine
import Files

/// The part of a training that does not depend on its loss: it loads batches and updates the parameters and the EMA.
///
///     try loop.load()
///     // forward, loss, backward
///     loop.update()
package final class TrainingLoop {
    package let network: ConvNet
    package let configuration: TrainingConfiguration
    /// Mean and std for the normalisation of images.
    package let statistics: ChannelStatistics
    package var stepsPerEpoch: Int { loader.stepsPerEpoch }
    /// Optimiser steps of the whole run.
    package let steps: Int
    /// The number of finished steps.
    package private(set) var step = 0
    /// The labels, one for each image of the batch.
    package var labels: UnsafePointer<Int32> { loader.labels }
    /// The classes of images that share a frame with another; nil without CutMix.
    package var secondLabels: SoftmaxCrossEntropy.SecondLabels? { loader.secondLabels }

    private let parameters: [Parameter]
    /// The averaged tensors, with their names.
    private let averaged: [(name: String, storage: Storage)]
    /// The running statistics of all batch normalisations.
    private let moments: [Storage]
    private let normalizations: [BatchNormalization]
    private let takesStatisticsAnew: Bool
    private let optimizer: any Optimizer
    /// The gradients of `parameters`, in one piece.
    private let gradients: FlatGradients
    private let average: EMA
    private let schedule: LearningRateSchedule
    private let loader: BatchLoader
    /// The start of the throughput measurement.
    private var mark: (step: Int, time: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - images: the training images.
    ///   - sampler: returns `configuration.batch` images for each step.
    ///   - parameters: the trained parameters.
    ///   - takesStatisticsAnew: whether to replace the network's initial running statistics.
    package init(
        _ network: ConvNet, parameters: [Parameter], sampler: BatchSampler, statistics: ChannelStatistics,
        takesStatisticsAnew: Bool, configuration: TrainingConfiguration
    ) {
        self.network = network
        self.parameters = parameters
        loader = BatchLoader(sampler, into: network)
        self.statistics = statistics
        self.configuration = configuration
        steps = configuration.epochs * sampler.stepsPerEpoch
        schedule = configuration.learningRate(steps: steps)
        moments = network.runningStatistics
        normalizations = network.normalizations
        self.takesStatisticsAnew = takesStatisticsAnew
        averaged = parameters.map { ($0.name, $0.value) } + network.trainedStatistics
        gradients = FlatGradients(of: parameters)
        optimizer = configuration.optimizer.optimizer(of: parameters, context: network.context)
        average = EMA(of: averaged.map(\.storage), decay: configuration.movingAverageDecay)
    }

    /// The epoch of the last finished step, from 1.
    package var epoch: Int { max(0, step - 1) / stepsPerEpoch + 1 }

    /// Whether a step, from 1, belongs in the log.
    package func isLogged(_ step: Int) -> Bool { step % configuration.logInterval == 0 || step == steps }

    /// Loads the next batch into the network's images and into `labels`.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    package func load() throws(FileError) {
        if mark == nil { mark = (step, .now) }
        try load(step: step)
        guard takesStatisticsAnew else { return }
        // Weights change fast in the first steps: a momentum as large as later would mix in statistics of old weights.
        let weight = 1 - EMA.kept(decay: BatchNormalization.momentum, step: step + 1)
        for normalization in normalizations { normalization.runningWeight = weight }
    }

    /// Loads the batch of any step into the network's images and into `labels`.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    package func load(step: Int) throws(FileError) { try loader.load(step: step) }

    /// Goes on from the averages, and begins new ones, as quickly as at the start of a run.
    package func beginAverages() { average.begin() }

    /// Ends the step: updates the parameters with the present gradients.
    ///
    /// - Returns: the learning rate of the step.
    package func update() -> Float {
        let rate = schedule.rate(step: step)
        optimizer.update(learningRate: rate)
        average.update()
        step += 1
        return rate
    }

    /// Images a second since the last logged step, or since the run began or resumed.
    ///
    /// - Parameter isLogged: whether the last step is logged.
    package func throughput(isLogged: Bool) -> Double {
        guard let mark else { return 0 }
        let now = ContinuousClock.now
        let rate = Double((step - mark.step) * configuration.batch) / ((now - mark.time) / .seconds(1))
        // The measurement restarts with the next batch: work between steps is not training.
        if isLogged { self.mark = nil }
        return rate
    }

    /// Checks the present step after its forward pass: the loss, and the layers' outputs by their moments, because a
    /// ReLU may turn NaN into zero before the loss sees it.
    ///
    /// - Throws: `TrainingError.diverged`, with the first output of a layer that is not finite.
    package func check(loss: Double, advice: String) throws(TrainingError) {
        if loss.isFinite, moments.allSatisfy(\.isFinite) { return }
        let map = network.namedMaps.first { !$0.map.values.isFinite }
        throw .diverged(step: step + 1, place: map.map { "the output of \($0.name)" } ?? "the loss", advice: advice)
    }

    /// Checks the parameters after a step.
    ///
    /// - Throws: `TrainingError.diverged`, with the first parameter that is not finite.
    package func checkParameters(advice: String) throws(TrainingError) {
        for parameter in parameters where !parameter.value.isFinite {
            throw .diverged(step: step, place: parameter.name, advice: advice)
        }
    }

    /// Runs `body` while the network has the EMA values instead of those of the last step.
    package func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        swapAverages()
        defer { swapAverages() }
        return try body()
    }

    /// Exchanges the EMA values with those of the last step.
    package func swapAverages() { average.swap() }

    /// A copy of all values that training changes, from the start of a trial.
    package struct Kept {
        fileprivate let values: [[Float]]
        fileprivate let random: RandomSource
    }

    private var changing: [Storage] { averaged.map(\.storage) + optimizer.state.flatMap(\.tensors) }

    /// Begins a trial: some steps of training from the present values, with a new optimiser.
    ///
    /// - Returns: what `endTrial` needs to restore everything.
    package func beginTrial() -> Kept {
        let kept = Kept(values: changing.map(\.values), random: network.dropout.random)
        optimizer.reset()
        return kept
    }

    /// Ends a step of a trial with the present gradients, at the learning rate of a run's first step.
    package func updateInTrial() { optimizer.update(learningRate: schedule.rate(step: 0)) }

    package func endTrial(_ kept: Kept) {
        for (storage, values) in zip(changing, kept.values) { storage.write(values) }
        network.dropout.random = kept.random
    }

    /// A copy of the present averages.
    package func keptAverages() -> KeptAverages {
        KeptAverages(of: zip(averaged, average.averages).map { ($0.name, $1) })
    }

    /// Saves or restores all state that changes from step to step.
    package func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("averaged_steps", &average.step)
        try exchange.random("dropout", &network.dropout.random)
        for (value, mean) in zip(averaged, average.averages) {
            try exchange.values(value.name, value.storage)
            try exchange.values("\(value.name).average", mean)
        }
        for (index, parameter) in parameters.enumerated() {
            for state in optimizer.state { try exchange.values("\(parameter.name).\(state.name)", state.tensors[index]) }
        }
    }

    /// Continues after so many steps, whose state was restored.
    package func resume(step: Int) {
        self.step = step
        mark = nil
    }
}
