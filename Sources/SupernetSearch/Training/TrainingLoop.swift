import Datasets
import Engine

/// What every training has, whatever its loss: batches come in, the optimiser and the averages go on, step by step.
///
///     loop.load()
///     // forward, loss, backward
///     loop.update()
final class TrainingLoop {
    let network: ConvNet
    let configuration: TrainingConfiguration
    /// What images are normalised with.
    let statistics: ChannelStatistics
    var stepsPerEpoch: Int { loader.stepsPerEpoch }
    /// Optimiser steps of the whole run.
    let steps: Int
    /// Steps that are done.
    private(set) var step = 0
    /// One for each image of the batch.
    var labels: UnsafeMutablePointer<Int32> { loader.labels }

    private let parameters: [Parameter]
    /// What is averaged, with its name.
    private let averaged: [(name: String, storage: Storage)]
    /// The running statistics of all batch normalisations.
    private let moments: [Storage]
    private let normalizations: [BatchNormalization]
    private let takesStatisticsAnew: Bool
    private let optimizer: any Optimizer
    /// Those of `parameters`, in one piece.
    private let gradients: FlatGradients
    private let average: EMA
    private let schedule: LearningRateSchedule
    private let loader: BatchLoader
    /// Where the throughput is counted from.
    private var mark: (step: Int, time: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - images: what is trained on, and nothing else.
    ///   - sampler: gives `configuration.batch` images a step.
    ///   - parameters: what is trained.
    ///   - takesStatisticsAnew: whether the running statistics that the network begins with are of no account.
    init(
        _ network: ConvNet, parameters: [Parameter], sampler: BatchSampler, statistics: ChannelStatistics,
        takesStatisticsAnew: Bool, configuration: TrainingConfiguration
    ) {
        self.network = network
        self.parameters = parameters
        loader = BatchLoader(network, sampler: sampler)
        self.statistics = statistics
        self.configuration = configuration
        steps = configuration.epochs * sampler.stepsPerEpoch
        schedule = configuration.learningRate(steps: steps)
        moments = network.runningStatistics
        normalizations = network.normalizations
        self.takesStatisticsAnew = takesStatisticsAnew
        averaged = parameters.map { ($0.name, $0.value) } + network.namedStatistics
        gradients = FlatGradients(of: parameters)
        optimizer = RMSProp(
            parameters: parameters, configuration: configuration.optimizer, context: network.context)
        average = EMA(of: averaged.map(\.storage), decay: configuration.movingAverageDecay)
    }

    /// The epoch of the step that was done last, from 1.
    var epoch: Int { max(0, step - 1) / stepsPerEpoch + 1 }

    /// Whether a step, from 1, belongs in the log.
    func isLogged(_ step: Int) -> Bool { step % configuration.logInterval == 0 || step == steps }

    /// Puts the next batch into the network's images and into `labels`.
    func load() {
        if mark == nil { mark = (step, .now) }
        load(step: step)
        guard takesStatisticsAnew else { return }
        // Weights go far in the first steps: statistics with as long a memory as later would be those of other weights.
        let weight = 1 - EMA.kept(decay: BatchNormalization.momentum, step: step + 1)
        for normalization in normalizations { normalization.runningWeight = weight }
    }

    /// Puts the batch of a step, whatever was done so far, into the network's images and into `labels`.
    func load(step: Int) { loader.load(step: step) }

    /// Ends the step with the gradients as they stand.
    ///
    /// - Returns: the learning rate it was done with.
    func update() -> Float {
        let rate = schedule.rate(step: step)
        optimizer.update(learningRate: rate)
        average.update()
        step += 1
        return rate
    }

    /// Images a second since the last step that was logged, or since the run began or went on.
    ///
    /// - Parameter isLogged: whether the step that was done last is.
    func throughput(isLogged: Bool) -> Double {
        guard let mark else { return 0 }
        let now = ContinuousClock.now
        let rate = Double((step - mark.step) * configuration.batch) / ((now - mark.time) / .seconds(1))
        // Counted anew from the next batch on: what is done in between is no training.
        if isLogged { self.mark = nil }
        return rate
    }

    /// Checks the step that is being done, after its forward pass: the loss, and the layers' outputs by their moments,
    /// since a ReLU may make a zero of what is no number before the loss sees it.
    ///
    /// - Throws: `TrainingError.diverged`, with the first output of a layer that is not finite.
    func check(loss: Double, advice: String) throws(TrainingError) {
        if loss.isFinite, moments.allSatisfy(\.isFinite) { return }
        let map = network.namedMaps.first { !$0.map.values.isFinite }
        throw .diverged(step: step + 1, place: map.map { "the output of \($0.name)" } ?? "the loss", advice: advice)
    }

    /// Checks what is trained, after a step.
    ///
    /// - Throws: `TrainingError.diverged`, with the first parameter that is not finite.
    func checkParameters(advice: String) throws(TrainingError) {
        for parameter in parameters where !parameter.value.isFinite {
            throw .diverged(step: step, place: parameter.name, advice: advice)
        }
    }

    /// What `body` makes of the network with the averaged values in the place of those of the last step.
    func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        average.swap()
        defer { average.swap() }
        return try body()
    }

    /// The mean cross-entropies of a training over its first half and over all of it, which begins with the values as they
    /// stand and a new optimiser, at the rate of a first step, and leaves everything as it was.
    ///
    /// - Parameters:
    ///   - steps: at least two; the batches are those of the first epochs.
    ///   - rival: what the first half has to be below for the second to be done; without it there is no mean over all.
    ///   - gradients: goes forward and back with the loaded batch of a step, from 0, and tells its cross-entropy.
    func trial(
        steps: Int, rival: Double, gradients: (_ step: Int) throws -> Double
    ) throws -> (half: Double, whole: Double?) {
        let touched = averaged.map(\.storage) + optimizer.state.flatMap(\.tensors)
        let kept = touched.map(\.values), random = network.dropout.random
        defer {
            for (storage, values) in zip(touched, kept) { storage.write(values) }
            network.dropout.random = random
        }
        optimizer.reset()
        var sum = 0.0
        func train(_ part: Range<Int>) throws {
            for step in part {
                load(step: step)
                sum += try gradients(step)
                optimizer.update(learningRate: schedule.rate(step: 0))
            }
        }
        try train(0..<steps / 2)
        let half = sum / Double(steps / 2)
        guard half < rival else { return (half, nil) }
        try train(steps / 2..<steps)
        return (half, sum / Double(steps))
    }

    /// The averages as they are now, to be kept.
    func keptAverages() -> KeptAverages {
        KeptAverages(of: zip(averaged, average.averages).map { ($0.name, $1) })
    }

    /// Everything here that changes from step to step.
    func exchangeState(_ exchange: inout some StateExchange) throws {
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

    /// Goes on after so many steps, whose state was taken back.
    func resume(step: Int) {
        self.step = step
        mark = nil
    }
}
