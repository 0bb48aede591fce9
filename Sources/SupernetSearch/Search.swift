import Architectures
import Datasets
import Engine
import Files
import HardwareProfiles
import Training

/// A search: one training run of a supernet whose indicators become the architecture.
///
///     let search = try Search(
///         space: space, costModel: CostModel(device: device), trainingImages: data.training,
///         configuration: SearchConfiguration())
///     while let event = try search.next() {
///         if case .step(let step) = event { print(step.crossEntropy, step.runtimeMs) }
///     }
///     let architecture = search.foundArchitecture(name: "found")
///
/// Warm-up: λ is 0 and each indicator is kept with a probability, so that every sub-kernel trains; every few steps all
/// are kept, because else smaller sub-kernels would train more than larger ones. Search phase: λ has its value, and the
/// indicators decide (Stamoulis et al., 2019). Then candidates are ranked by the loss of their inherited weights on
/// images that were held out, by the strategy of the configuration; only one of the strategies gives the best of them a
/// trial of some steps of training. Fine-tune phase: the weights of the best candidate train further.
///
/// It can stop between any two events; a resumed search has the same bits. Several searches may branch from one
/// warm-up, with different settings for the later phases (see `branch`).
public final class Search: ResumableRun {
    public let space: SearchSpace
    /// Of the space with the input that is trained on at present.
    public var supernet: Supernet { current!.supernet }
    public let configuration: SearchConfiguration
    /// Optimiser steps of the whole run.
    public var steps: Int { loop.steps }
    /// The number of finished steps.
    public var step: Int { loop.step }
    /// Mean and std for the normalisation of images.
    public let statistics: ChannelStatistics

    /// At the present size of images; nil only while another is made, so that never two are in memory.
    private var current: TrainedSupernet?
    var loop: TrainingLoop { current!.loop }
    private let boundaries: SearchPhase.Boundaries
    private let settings: JSON
    let layers: [SearchSpace.Layer]
    /// The EMA at the end of the warm-up, in which all sub-networks have trained equally.
    var warm: KeptAverages { current!.warm }
    /// The random numbers of the warm-up's drop-out of indicators, and of the search phase's exploration.
    private var drops: RandomSource
    /// The indicators of the network that a step trains.
    private var drawn: [LayerIndicators]
    /// The parts of each axis of each layer.
    private let axes: [[AxisParts]]
    let order: SkipOrder
    private let depths: DepthDraw
    private let exploration: Exploration
    var differences: PartDifferences
    private var descent: ThresholdDescent
    /// At the largest size that is trained on.
    private let trainingImages: ImageDataset
    /// Images that are not trained on, by which candidates are ranked.
    let heldOutImages: ImageDataset
    let effort: RankingEffort
    /// The latencies of all choices on the device.
    let latencies: CostTable
    private let runtime: RuntimeTerm
    /// Empty without targets.
    let constraints: [Constraint]
    /// One for each constraint.
    private var controllers: [LambdaController]
    /// The cost terms of the loss after the warm-up.
    private var costs: [WeightedCost]
    private var stability = SelectionStability()
    /// What the gradient decided, before candidates were compared: a choice of each layer. nil before the search phase ends.
    public internal(set) var decidedChoices: [LayerChoice]?
    /// The number of candidates ranked after the search phase; 0 before that.
    var ranked = 0
    /// The losses of candidates in their order, until the network is found; infinite where one is not a number.
    var losses: [Double] = []
    /// The state of the ranking; nil before and after it. A resumed search proposes the same candidates again, and computes
    /// only the losses that are missing in `losses`.
    var ranking: Ranking?
    /// Whether the network is found, so that the indicators are fixed.
    public var isFound: Bool { ranked > 0 }

    /// The number of training batches for batch-norm recalibration of the EMA weights.
    public static let statisticsBatches = 30
    private static let kind = "search"
    /// The names of other devices; checkpoints of older versions do not have them.
    private static let othersSetting = "other_devices"
    private static let advice = "a smaller λ, a larger batch or another seed"

    /// - Parameters:
    ///   - costModel: of the device that the search is for, used by the runtime term.
    ///   - others: devices on which the targets must also be met.
    ///   - trainingImages: the images to train on.
    /// - Throws: `ConfigurationError`; `TargetError` for targets that the space cannot meet;
    ///   `TrainingError.imagesDoNotFit`; `DatasetError` where there are fewer images than a batch; `FileError` where an
    ///   image cannot be read.
    public init(
        space: SearchSpace, costModel: CostModel, others: [TargetDevice] = [], trainingImages: ImageDataset,
        configuration: SearchConfiguration
    ) throws {
        try configuration.check()
        try Self.check(trainingImages, fits: space)
        try configuration.training.check(input: space.input)
        try configuration.training.check(reading: trainingImages, for: space.input)
        self.configuration = configuration
        self.space = space
        effort = RankingEffort(images: trainingImages.count)
        try BatchSampler.check(batch: configuration.batch, of: trainingImages, holdingOut: effort.heldOutImages)
        let (trainingImages, heldOut) = trainingImages.framed(configuration.training.trainedInput(of: space.input))
            .split(holdingOut: effort.heldOutImages)
        self.trainingImages = trainingImages
        heldOutImages = heldOut
        let layers = space.searchableLayers
        self.layers = layers
        let latencies = costModel.latencyTable(of: space)
        self.latencies = latencies
        constraints = try Constraint.constraints(configuration.targets, space: space, others: others) {
            $0 == .latency ? latencies : costModel.costTable(of: space, in: $0)
        }
        // A target that every network meets must not push.
        let controllers = constraints.map {
            LambdaController(lambda: $0.isLoose ? LambdaController.bounds.lowerBound : configuration.lambda)
        }
        self.controllers = controllers
        statistics = try trainingImages.channelStatistics
        runtime = RuntimeTerm(latencies, layers: layers)
        costs = constraints.isEmpty
            ? [WeightedCost(term: runtime.term, weight: configuration.lambda)]
            : zip(constraints, controllers).map {
                WeightedCost(term: CostTerm($0.costs, layers: layers), weight: $1.lambda)
            }
        drops = RandomSource(seed: configuration.seed, stream: RandomStream.warmUp)
        settings = [
            "space": .string(FileDigest.sha256(ofText: space.json.text(pretty: false))),
            "train_examples": .integer(trainingImages.count), "configuration": configuration.json,
            Self.othersSetting: .array(others.map { .string($0.name) }),
        ]
        let first = try TrainedSupernet(
            of: space, runtime: runtime, images: trainingImages, statistics: statistics, epoch: 0,
            configuration: configuration)
        current = first
        boundaries = SearchPhase.Boundaries(steps: first.loop.steps, configuration: configuration)
        drawn = first.supernet.indicators
        axes = layers.map(\.axisParts)
        order = SkipOrder(layers)
        depths = DepthDraw(layers)
        exploration = Exploration(layers: layers)
        differences = PartDifferences(layers: layers)
        descent = ThresholdDescent(layers: layers)
    }

    /// How many of so many images a search does not train on, but ranks candidates by.
    public static func heldOutImages(of count: Int) -> Int { RankingEffort(images: count).heldOutImages }

    /// Checks that images have the input shape and the classes of a space.
    ///
    /// - Throws: `TrainingError.imagesDoNotFit`.
    public static func check(_ images: ImageDataset, fits space: SearchSpace) throws(TrainingError) {
        try images.checkFit(input: space.input, classes: space.classes, of: "the search space \(space.name)")
    }

    /// Checks that networks of a space can meet targets on a device.
    ///
    /// - Throws: `TargetError`.
    public static func check(
        _ targets: [CostTarget], space: SearchSpace, costModel: CostModel, others: [TargetDevice] = []
    ) throws(TargetError) {
        _ = try Constraint.constraints(targets, space: space, others: others) { costModel.costTable(of: space, in: $0) }
    }

    /// Does the next step or, after the search phase, ranks the next candidate or does the next step of a trial.
    ///
    /// - Returns: nil at the end of the run.
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number. A trial that
    ///   diverges ends the search only if all trials diverge. `FileError` where an image cannot be read.
    public func next() throws -> SearchEvent? {
        if loop.step >= boundaries.fineTune, !isFound { return try rank() }
        guard loop.step < loop.steps else { return nil }
        try useImages(ofEpoch: loop.step / loop.stepsPerEpoch)
        let phase = boundaries.phase(of: loop.step)
        try loop.load()
        switch phase {
        case .warmUp:
            drawKept(step: loop.step)
            supernet.select(drawn)
        case .search:
            drawTried()
            supernet.select(drawn, probing: true)
        case .fineTune: break
        }
        let loss = try computeGradients(phase: phase)
        if phase == .search { differences.observe(supernet.superkernels.lazy.map(\.derivatives), under: drawn) }
        let rate = loop.update()
        if loop.step == boundaries.search { beginSearchPhase() }
        decide(after: phase)
        let isLogged = isLogged(loop.step)
        if isLogged { try loop.checkParameters(advice: Self.advice) }
        return .step(SearchStep(
            SearchStep.Progress(step: loop.step, steps: loop.steps, epoch: loop.epoch, epochs: configuration.epochs),
            loss: loss,
            rates: .init(learningRate: Double(rate), imagesPerSecond: loop.throughput(isLogged: isLogged)),
            selected: (supernet.runtimeMs, isLogged ? supernet.indicators : nil), phase: phase,
            precedesOtherWork: loop.step == boundaries.fineTune))
    }

    public func share(ofSteps count: Int) -> Double { configuration.training.share(ofSteps: count, of: steps) }

    /// True also for the last step of the search phase, after which candidates are ranked.
    public func isLogged(_ step: Int) -> Bool { loop.isLogged(step) || step == boundaries.fineTune }

    public func line(of step: SearchStep) -> JSON { step.json(layers: layers) }

    /// Classifies images with the EMA weights after batch-norm recalibration, under the present indicators.
    ///
    /// - Throws: `TrainingError.imagesDoNotFit`; `FileError` where an image cannot be read.
    public func evaluate(_ images: ImageDataset) throws -> Evaluation {
        try Self.check(images, fits: space)
        return try withAverages {
            try withStatisticsTakenAnew { try supernet.network.evaluate(images, statistics: statistics) }
        }
    }

    /// The network that the present indicators select, with the input that is trained on and the EMA weights after
    /// batch-norm recalibration.
    ///
    /// - Parameter name: of the architecture.
    /// - Throws: `FileError` where an image cannot be read.
    public func foundNetwork(name: String) throws -> ConvNet {
        try withAverages {
            try withStatisticsTakenAnew { supernet.derivedNetwork(name: name, batch: 1) }
        }
    }

    /// The weights of `foundNetwork`, for the architecture with the input of the space.
    ///
    /// - Parameter name: of the architecture.
    /// - Throws: `FileError` where an image cannot be read; `WeightsError` where a weight is not finite.
    public func foundWeights(name: String) throws -> TrainedWeights {
        try foundNetwork(name: name).weights.adopted(by: foundArchitecture(name: name))
    }

    /// The architecture that the present indicators select, with the input of the space.
    ///
    /// - Parameter name: of the architecture.
    public func foundArchitecture(name: String) -> Architecture {
        var architecture = supernet.derivedArchitecture(name: name)
        architecture.input = space.input
        return architecture
    }

    /// How certain the decision of the search is.
    public var decision: Decision {
        Decision(
            changes: stability.changes, steps: stability.steps, compared: ranked, undecided: undecided)
    }

    /// The parts that could be taken off or put on with so little change of the loss that it is within the error, as
    /// "stage1.2 expansion 6".
    private var undecided: [String] {
        var prices = layers.map(LayerIndicators.allOn)
        for layer in prices.indices { prices[layer].fill(0) }
        for cost in costs { cost.addGradient(of: supernet.indicatorsInPlace, to: &prices) }
        let believed = differences.believed
        return zip(layers, supernet.indicatorsInPlace).enumerated().flatMap { index, element in
            let (layer, indicators) = element, isPresent = indicators.isPresent(axes[index])
            let parts = axes[index].filter { isPresent || $0.switchesLayer }.flatMap { axis in
                // The last that is on, and the first that is off.
                let open = axis.range.lowerBound + NestedProducts.open(indicators.values[axis.range])
                return [open - 1, open].filter(axis.range.contains)
            }
            return parts.filter { part in
                differences.difference(layer: index, part: part) == nil
                    || abs(believed[index][part] + prices[index].values[part]) < 2 * differences.uncertainty(layer: index, part: part)
            }.map { "\(layer.name) \(layer.parts[$0].text)" }
        }
    }

    // MARK: - Checkpoints

    /// The complete state after the last event, without an unfinished trial.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    public func checkpoint() throws -> Checkpoint {
        abandonTrial()
        try loop.checkParameters(advice: Self.advice)
        var writer = StateWriter()
        try exchangeState(&writer, step: step)
        return Checkpoint(kind: Self.kind, step: step, settings: settings, state: writer)
    }

    /// Resumes from the checkpoint of a search of the same space, images and settings, and with the same names of other
    /// devices; it does not compare the devices' costs.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; do not use this search after that.
    public func restore(_ checkpoint: Checkpoint) throws {
        try checkpoint.check(
            kind: Self.kind, settings: settings,
            later: TrainingConfiguration.laterSettings.union([Self.othersSetting]))
        try take(checkpoint)
    }

    /// Continues from a checkpoint of another search of the same space, images and settings, from during or at the end
    /// of its warm-up. λ and the devices may differ, because the warm-up does not use them.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run, or was made after the warm-up; do not use
    ///   this search after that.
    public func branch(from checkpoint: Checkpoint) throws {
        try checkpoint.check(
            kind: Self.kind, settings: settings,
            free: SearchConfiguration.settingsAfterWarmUp.union([Self.othersSetting]),
            later: TrainingConfiguration.laterSettings)
        guard checkpoint.step <= warmUpSteps else {
            throw checkpoint.problem(
                "/step", "expected at most \(warmUpSteps), the last of the warm-up, found \(checkpoint.step)")
        }
        try take(checkpoint)
    }

    /// The phases of the search, in order, with their steps, counted from 0.
    public var phases: [(phase: SearchPhase, steps: Range<Int>)] { boundaries.phases(steps: steps) }

    /// The number of warm-up steps: branches should begin from the checkpoint after the last of them.
    public var warmUpSteps: Int { boundaries.search }

    /// The number of candidates whose loss is taken at most, at all levels.
    public var candidateEvaluations: Int {
        levels.reduce(0) { $0 + candidates(level: $1) }
    }

    /// The number of images that the ranking of candidates passes through networks of the space at most.
    public var candidateForwardImages: Int {
        candidates(level: 0) * (effort.heldOutImages + effort.statisticsBatches * configuration.batch)
    }

    /// The largest number of steps of all trials together.
    public var trialSteps: Int {
        levels.dropFirst().reduce(0) { $0 + candidates(level: $1) * trialSteps(level: $1) }
    }

    private var levels: ClosedRange<Int> { 0...(configuration.strategy == .halving ? SuccessiveHalving.levels : 0) }

    private func candidates(level: Int) -> Int {
        configuration.comparesCandidates ? SuccessiveHalving.candidates(of: configuration.candidates, level: level) : 0
    }

    package func trialSteps(level: Int) -> Int {
        let images = (level..<SuccessiveHalving.levels).reduce(effort.trialImages) { images, _ in images / SuccessiveHalving.reduction }
        return max(1, (images + configuration.batch - 1) / configuration.batch)
    }

    /// The number of steps after which the architecture is found; the remaining steps train its weights.
    public var stepsUntilFound: Int { boundaries.fineTune }

    private func take(_ checkpoint: Checkpoint) throws {
        guard checkpoint.step <= steps else {
            throw checkpoint.problem("/step", "expected at most \(steps), found \(checkpoint.step)")
        }
        try useImages(ofEpoch: max(0, checkpoint.step - 1) / loop.stepsPerEpoch)
        try takeState(of: checkpoint)
    }

    /// Goes on with images of the size of an epoch, counted from 0, if that is not the present one.
    private func useImages(ofEpoch epoch: Int) throws {
        let input = configuration.training.trainedInput(of: space.input, epoch: epoch)
        guard input != supernet.space.input else { return }
        let state = try checkpoint()
        current = nil
        current = try TrainedSupernet(
            of: space, runtime: runtime, images: trainingImages, statistics: statistics, epoch: epoch,
            configuration: configuration)
        try takeState(of: state)
    }

    private func takeState(of checkpoint: Checkpoint) throws {
        var reader = StateReader(checkpoint)
        try exchangeState(&reader, step: checkpoint.step)
        try reader.finish()
        loop.resume(step: checkpoint.step)
        if loop.step == boundaries.search { beginSearchPhase() }
        ranking = nil
        stability.resume(at: supernet.choices)
    }

    /// Saves or restores all state that changes from step to step, after `step` steps.
    private func exchangeState(_ exchange: inout some StateExchange, step: Int) throws {
        try loop.exchangeState(&exchange)
        try exchange.random("warm_up_drops", &drops)
        if step >= boundaries.fineTune {
            try exchange.integer("compared", &ranked)
            if !isFound { try exchange.losses("candidate_losses", &losses) }
        } else {
            ranked = 0
        }
        // Warm-up checkpoints leave out state that only the later phases use, because searches with other settings
        // begin there.
        if step > boundaries.search {
            if !isFound { try warm.exchangeState(&exchange) }
            try exchangeThresholds(&exchange)
            try differences.exchangeState(&exchange)
            try stability.exchangeState(&exchange)
            for index in controllers.indices {
                let constraint = constraints[index]
                let name = "multiplier_\(constraint.target.quantity.rawValue)" + (constraint.device.map { "_" + $0 } ?? "")
                try controllers[index].exchangeState(&exchange, name: name)
                costs[index].weight = controllers[index].lambda
            }
        }
        if isFound {
            var indicators = supernet.indicators
            try exchange.indicators("indicators", &indicators)
            supernet.select(indicators)
        } else {
            supernet.decide()
        }
    }

    private func exchangeThresholds(_ exchange: inout some StateExchange) throws {
        var thresholds = supernet.superkernels.map { LayerIndicators($0.thresholds) }
        try exchange.indicators("thresholds", &thresholds)
        for (superkernel, thresholds) in zip(supernet.superkernels, thresholds) { superkernel.thresholds = thresholds.values }
    }

    // MARK: - A step

    /// Forward pass, loss and backward pass on the loaded batch, under the present indicators.
    func computeGradients(phase: SearchPhase) throws(TrainingError) -> Supernet.Loss {
        let costs = phase == .warmUp ? [] : costs
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: loop.labels, second: loop.secondLabels, costs: costs)
        try loop.check(loss: loss.total, advice: Self.advice)
        supernet.backward(probing: phase == .search)
        return loss
    }

    private func beginSearchPhase() {
        warm.take()
        for superkernel in supernet.superkernels { superkernel.startThresholds() }
    }

    /// Sets the indicators after a step of that phase.
    private func decide(after phase: SearchPhase) {
        switch phase {
        case .fineTune:
            supernet.selectAgain()
        case .warmUp:
            supernet.decide()
        case .search:
            supernet.decide()
            for index in controllers.indices {
                let cost = costs[index].term.value(of: supernet.indicatorsInPlace)
                controllers[index].update(cost: cost, limit: constraints[index].target.limit)
                costs[index].weight = controllers[index].lambda
            }
            descent.move(
                supernet.superkernels, by: differences, costs: costs, at: progress(afterSteps: loop.step - 1),
                phase: boundaries.fineTune - boundaries.search)
            supernet.decide()
            if progress(afterSteps: loop.step) > 0.9 { stability.add(supernet.choicesInPlace) }
        }
    }

    /// The part of the search phase that is over after so many steps of the run, from 0 to 1.
    private func progress(afterSteps step: Int) -> Double {
        Double(step - boundaries.search) / Double(boundaries.fineTune - boundaries.search)
    }

    /// Draws the indicators of a step of the search phase.
    private func drawTried() {
        for (layer, selected) in supernet.indicatorsInPlace.enumerated() { drawn[layer].copy(selected) }
        exploration.apply(to: &drawn, at: progress(afterSteps: loop.step), random: &drops)
    }

    /// Draws the indicators that a warm-up step, counted from 0, keeps.
    private func drawKept(step: Int) {
        for layer in drawn.indices { drawn[layer].fill(1) }
        if step % configuration.fullNetworkInterval == 0 { return }
        for layer in drawn.indices {
            for axis in axes[layer] where !axis.switchesLayer {
                for index in axis.range { drawn[layer].values[index] = drops.uniform() < configuration.keepProbability ? 1 : 0 }
            }
        }
        depths.apply(to: &drawn, keeping: configuration.layerKeepProbability, random: &drops)
    }

    /// Loads a batch of training images by its number into the network; the loop loads its own batch again before the
    /// next step.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    func loadForStatistics(batch: Int) throws(FileError) { try loop.load(step: batch % loop.steps) }

    /// Runs `body` while the supernet has the EMA weights, under the present indicators.
    func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let indicators = supernet.indicators
        defer { if isFound { supernet.select(indicators) } else { supernet.decide() } }
        return try loop.withAverages {
            // The norms of the EMA kernels could give other indicators; the present ones define the network.
            supernet.select(indicators)
            return try body()
        }
    }
}
