import Architectures
import Datasets
import Engine
import HardwareProfiles

/// A search: one training run of a supernet, at the end of which its indicators are the architecture.
///
///     let search = try Search(
///         space: space, costModel: CostModel(device: device), training: data.training,
///         configuration: SearchConfiguration())
///     try search.run { step in print(step.crossEntropy, step.runtimeMs) }
///     let architecture = search.supernet.derivedArchitecture(name: "found")
///
/// Warm-up: λ is 0 and each indicator is kept with a probability, so that every sub-kernel trains. Then λ counts and
/// the indicators decide (Stamoulis et al., 2019).
public final class Search {
    public let supernet: Supernet
    public let configuration: SearchConfiguration
    /// Optimiser steps of the whole run.
    public let steps: Int

    private var sampler: BatchSampler
    /// What images are normalised with.
    public let statistics: ChannelStatistics
    private let optimizer: RMSProp
    private let average: MovingAverage
    private let context: ExecutionContext
    private let labels: UnsafeMutablePointer<Int32>

    /// - Parameters:
    ///   - training: what is trained on, and nothing else.
    /// - Throws: `SearchError.imagesDoNotFit`; `DatasetError` where there are fewer images than a batch; what
    ///   `RuntimeTerm` throws.
    public init(
        space: SearchSpace, costModel: CostModel, training: ImageDataset, configuration: SearchConfiguration
    ) throws {
        try Self.check(training, fits: space)
        self.configuration = configuration
        statistics = training.channelStatistics
        sampler = try BatchSampler(
            dataset: training, batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        steps = configuration.epochs * sampler.stepsPerEpoch
        context = ExecutionContext(threads: configuration.threads)
        supernet = Supernet(
            space: space, runtime: try RuntimeTerm(space: space, costModel: costModel), batch: configuration.batch,
            labelSmoothing: configuration.labelSmoothing, dropout: configuration.dropout, seed: configuration.seed,
            context: context)
        optimizer = RMSProp(parameters: supernet.parameters, configuration: configuration.optimizer, context: context)
        average = MovingAverage(of: supernet.averagedValues, decay: configuration.movingAverageDecay)
        labels = .allocate(capacity: configuration.batch)
        labels.initialize(repeating: 0, count: configuration.batch)
    }

    deinit { labels.deallocate() }

    /// Checks that images have the shape and the classes that a space is for.
    ///
    /// - Throws: `SearchError.imagesDoNotFit`.
    public static func check(_ images: ImageDataset, fits space: SearchSpace) throws(SearchError) {
        let found = FeatureShape(height: images.height, width: images.width, channels: images.channels)
        guard found == space.input, images.classes == space.classes else {
            throw .imagesDoNotFit(
                dataset: images.name, images: "\(found) of \(images.classes)", space: space.name,
                expected: "images of \(space.input) in \(space.classes) classes")
        }
    }

    /// Trains from the first step to the last.
    ///
    /// - Parameter report: called after every step; what it throws ends the run and is passed on.
    /// - Throws: `SearchError.diverged` where the loss or a trained value stops being a finite number.
    public func run(report: (SearchStep) throws -> Void) throws {
        let schedule = configuration.learningRate(steps: steps)
        let boundaries = SearchPhase.Boundaries(steps: steps, configuration: configuration)
        var drops = RandomSource(seed: configuration.seed, stream: RandomStream.warmUp)
        var majority = IndicatorMajority(like: supernet.indicators)
        var lastLogged = (step: 0, time: ContinuousClock.now)
        for step in 0..<steps {
            let epoch = step / sampler.stepsPerEpoch
            if step % sampler.stepsPerEpoch == 0 { sampler.startEpoch(epoch) }
            load(step: step % sampler.stepsPerEpoch)
            let phase = boundaries.phase(of: step)
            if phase == .warmUp { supernet.decide(kept: draw(from: &drops)) }
            let rate = schedule.rate(step: step)
            let loss = train(phase: phase, learningRate: rate)
            switch (phase, boundaries.phase(of: step + 1)) {
            case (.settling, _):
                supernet.select(supernet.indicators)
            case (.deciding, .settling):
                supernet.select(majority.indicators)
            default:
                supernet.decide()
                // The first half of the deciding is the way to the balance.
                if 2 * step >= boundaries.deciding + boundaries.settling { majority.add(supernet.indicators) }
            }

            let number = step + 1
            let isLogged = number % configuration.logInterval == 0 || number == steps
            try checkFinite(loss, step: number, weights: isLogged)
            let now = ContinuousClock.now
            try report(SearchStep(
                step: number, steps: steps, epoch: epoch + 1, epochs: configuration.epochs, loss: loss.total,
                crossEntropy: loss.crossEntropy, runtimeMs: supernet.runtimeMs, learningRate: Double(rate),
                imagesPerSecond: Double((number - lastLogged.step) * configuration.batch)
                    / ((now - lastLogged.time) / .seconds(1)),
                indicators: supernet.indicators, phase: phase, isLogged: isLogged))
            if isLogged { lastLogged = (number, now) }
        }
    }

    /// Classifies images with the averaged weights, under the indicators as they stand.
    ///
    /// - Throws: `SearchError.imagesDoNotFit`.
    public func evaluate(_ images: ImageDataset) throws(SearchError) -> Evaluation {
        try Self.check(images, fits: supernet.space)
        let indicators = supernet.indicators
        average.swap()
        defer {
            average.swap()
            supernet.select(indicators)
        }
        // The averaged kernels could decide otherwise; what was found is what the indicators say.
        supernet.select(indicators)
        return supernet.network.evaluate(images, statistics: statistics)
    }

    /// The network that the indicators, as they stand, select, with the averaged weights and running statistics.
    ///
    /// - Parameter name: of the architecture.
    public func foundNetwork(name: String) -> ConvNet {
        let indicators = supernet.indicators
        average.swap()
        defer {
            average.swap()
            supernet.select(indicators)
        }
        supernet.select(indicators)
        return supernet.derivedNetwork(name: name, batch: 1)
    }

    private func load(step: Int) {
        let pool = context.pool, images = supernet.network.images.values.pointer
        let sampler = sampler, labels = labels
        pool.run { thread in
            sampler.fill(step: step, rows: pool.share(of: sampler.batch, for: thread), images: images, labels: labels)
        }
    }

    /// One step on the loaded batch, under the indicators as they stand.
    private func train(phase: SearchPhase, learningRate: Float) -> Supernet.Loss {
        let lambda = phase == .warmUp ? 0 : configuration.lambda
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: labels, lambda: lambda)
        if phase == .deciding {
            supernet.backward(lambda: lambda)
        } else {
            supernet.backward()
        }
        optimizer.update(learningRate: learningRate)
        average.update()
        return loss
    }

    /// Which indicators a step of the warm-up keeps.
    private func draw(from random: inout RandomSource) -> [LayerIndicators] {
        func kept() -> Double { random.uniform() < configuration.keepProbability ? 1 : 0 }
        return supernet.space.searchableLayers.map { layer in
            var indicators = LayerIndicators.allOn(layer)
            for index in indicators.kernel.indices { indicators.kernel[index] = kept() }
            for index in indicators.expansion.indices where index > 0 || layer.maySkip {
                indicators.expansion[index] = kept()
            }
            return indicators
        }
    }

    private func checkFinite(_ loss: Supernet.Loss, step: Int, weights: Bool) throws(SearchError) {
        guard loss.total.isFinite else { throw .diverged(step: step, what: "the loss") }
        guard weights else { return }
        for parameter in supernet.parameters where !parameter.value.isFinite {
            throw .diverged(step: step, what: parameter.name)
        }
    }
}
