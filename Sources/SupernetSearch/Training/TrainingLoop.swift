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
    let stepsPerEpoch: Int
    /// Optimiser steps of the whole run.
    let steps: Int
    /// Steps that are done.
    private(set) var step = 0
    /// One for each image of the batch.
    let labels: UnsafeMutablePointer<Int32>

    private let parameters: [Parameter]
    /// What is averaged, with its name.
    private let averaged: [(name: String, storage: Storage)]
    /// The running statistics of all batch normalisations.
    private let moments: [Storage]
    private let optimizer: RMSProp
    private let average: MovingAverage
    private let schedule: LearningRateSchedule
    private var sampler: BatchSampler
    /// Where the throughput is counted from.
    private var mark: (step: Int, time: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - images: what is trained on, and nothing else.
    ///   - sampler: gives `configuration.batch` images a step.
    ///   - parameters: what is trained.
    init(
        _ network: ConvNet, parameters: [Parameter], sampler: BatchSampler, statistics: ChannelStatistics,
        configuration: TrainingConfiguration
    ) {
        self.network = network
        self.parameters = parameters
        self.sampler = sampler
        self.statistics = statistics
        self.configuration = configuration
        stepsPerEpoch = sampler.stepsPerEpoch
        steps = configuration.epochs * stepsPerEpoch
        schedule = configuration.learningRate(steps: steps)
        moments = network.runningStatistics
        averaged = parameters.map { ($0.name, $0.value) } + network.namedStatistics
        optimizer = RMSProp(
            parameters: parameters, configuration: configuration.optimizer, context: network.context)
        average = MovingAverage(of: averaged.map(\.storage), decay: configuration.movingAverageDecay)
        labels = .allocate(capacity: configuration.batch)
        labels.initialize(repeating: 0, count: configuration.batch)
    }

    deinit { labels.deallocate() }

    /// The epoch of the step that was done last, from 1.
    var epoch: Int { max(0, step - 1) / stepsPerEpoch + 1 }

    /// Whether a step, from 1, belongs in the log.
    func isLogged(_ step: Int) -> Bool { step % configuration.logInterval == 0 || step == steps }

    /// Puts the next batch into the network's images and into `labels`.
    func load() {
        if mark == nil { mark = (step, .now) }
        load(step: step)
    }

    /// Puts the batch of a step, whatever was done so far, into the network's images and into `labels`.
    func load(step: Int) {
        let epoch = step / stepsPerEpoch, place = step % stepsPerEpoch
        // The order of an epoch is drawn once, also where a run goes on in its middle.
        if place == 0 || sampler.epoch != epoch { sampler.startEpoch(epoch) }
        network.load(sampler, step: place, labels: labels)
    }

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

    /// The mean cross-entropy over some steps of a training that begins with the values as they stand and a new optimiser,
    /// at the rate of a first step, and leaves everything as it was.
    ///
    /// - Parameters:
    ///   - steps: at least one; the batches are those of the first epochs.
    ///   - gradients: goes forward and back with the loaded batch, and tells its cross-entropy.
    func trial(steps: Int, gradients: () throws -> Double) throws -> Double {
        let touched = averaged.map(\.storage) + optimizer.squares + optimizer.velocities
        let kept = touched.map(\.values), random = network.dropout.random
        defer {
            for (storage, values) in zip(touched, kept) { storage.write(values) }
            network.dropout.random = random
        }
        optimizer.reset()
        var sum = 0.0
        for step in 0..<steps {
            load(step: step)
            sum += try gradients()
            optimizer.update(learningRate: schedule.rate(step: 0))
        }
        return sum / Double(steps)
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
            try exchange.values("\(parameter.name).square", optimizer.squares[index])
            try exchange.values("\(parameter.name).velocity", optimizer.velocities[index])
        }
    }

    /// Goes on after so many steps, whose state was taken back.
    func resume(step: Int) {
        self.step = step
        mark = nil
    }
}

extension ConvNet {
    /// Puts a batch of the sampler's epoch into `images`.
    ///
    /// - Parameters:
    ///   - step: which batch of the epoch.
    ///   - labels: gets the batch's labels, one for each image.
    func load(_ sampler: BatchSampler, step: Int, labels: UnsafeMutablePointer<Int32>) {
        let pool = context.pool, images = images.values.pointer
        pool.run { thread in
            sampler.fill(step: step, rows: pool.share(of: sampler.batch, for: thread), images: images, labels: labels)
        }
    }
}
