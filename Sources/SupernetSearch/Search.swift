import Architectures
import Datasets
import Engine
import Files
import Training
import HardwareProfiles

/// A search: one training run of a supernet, at the end of which its indicators are the architecture.
///
///     let search = try Search(
///         space: space, costModel: CostModel(device: device), trainingImages: data.training,
///         configuration: SearchConfiguration())
///     while let event = try search.next() {
///         if case .step(let step) = event { print(step.crossEntropy, step.runtimeMs) }
///     }
///     let architecture = search.supernet.derivedArchitecture(name: "found")
///
/// Warm-up: λ is 0 and each indicator is kept with a probability, so that every sub-kernel trains; in every few steps all
/// are, or what is smaller would have learnt more than what is larger. Search phase: λ counts and the indicators decide
/// (Stamoulis et al., 2019). Then candidates are ranked by the loss of the weights that they inherit, the best by a trial of
/// some steps of training. Fine-tune phase: the weights of the best of them train on.
///
/// It stops between any two events and resumes from there, bit by bit the same; and from one warm-up several searches
/// may branch that differ in what counts only afterwards (see `branch`).
public final class Search: ResumableRun {
    public let supernet: Supernet
    public let configuration: SearchConfiguration
    /// Optimiser steps of the whole run.
    public var steps: Int { loop.steps }
    /// Steps that are done.
    public var step: Int { loop.step }
    /// What images are normalised with.
    public var statistics: ChannelStatistics { loop.statistics }

    let loop: TrainingLoop
    private let boundaries: SearchPhase.Boundaries
    private let settings: JSON
    let layers: [SearchSpace.Layer]
    /// The averages at the end of the warm-up, in which all networks have trained alike.
    let warm: KeptAverages
    /// What the warm-up drops out.
    private var drops: RandomSource
    /// What a step of it keeps.
    private var kept: [LayerIndicators]
    var majority: MajorityVote
    let trainingImages: ImageDataset
    let effort: RankingEffort
    /// Of every choice, on the device.
    let latencies: CostTable
    /// Empty without targets.
    let constraints: [Constraint]
    /// One for each constraint.
    private var controllers: [LambdaController]
    /// What the loss has beside the cross-entropy, once the warm-up is over.
    private var costs: [WeightedCost]
    private var stability = SelectionStability()
    /// How many candidates were ranked when the search phase was over; 0 before that.
    var ranked = 0
    /// What is known of them before one is found.
    var losses = RankedLosses()
    /// Where the ranking is; nil before and after it. It is made anew from `losses` where a search is resumed.
    var ranking: Ranking?
    /// Whether the indicators are given: the choices of the network that was found.
    public var isFound: Bool { ranked > 0 }

    /// Over how many training batches the statistics of averaged weights are taken.
    public static let statisticsBatches = 30
    private static let kind = "search"
    private static let advice = "a smaller λ, a larger batch or another seed"

    /// - Parameters:
    ///   - space: what is searched.
    ///   - costModel: of the device that is searched for: the runtime term's.
    ///   - others: devices on which the targets are kept too.
    ///   - trainingImages: what is trained on, and nothing else.
    ///   - configuration: all settings.
    /// - Throws: `ConfigurationError`; `TargetError` for targets that the space cannot keep;
    ///   `TrainingError.imagesDoNotFit`; `DatasetError` where there are fewer images than a batch.
    public init(
        space: SearchSpace, costModel: CostModel, others: [TargetDevice] = [], trainingImages: ImageDataset,
        configuration: SearchConfiguration
    ) throws {
        try configuration.check()
        try Self.check(trainingImages, fits: space)
        try configuration.training.check(input: space.input)
        self.configuration = configuration
        self.trainingImages = trainingImages
        effort = RankingEffort(trainingImages: trainingImages.count)
        let layers = space.searchableLayers
        self.layers = layers
        let latencies = costModel.latencyTable(of: space)
        self.latencies = latencies
        constraints = try Constraint.constraints(configuration.targets, space: space, others: others) {
            $0 == .latency ? latencies : costModel.costTable(of: space, in: $0)
        }
        // What every network keeps is to push nothing.
        let controllers = constraints.map {
            LambdaController(lambda: $0.isLoose ? LambdaController.bounds.lowerBound : configuration.lambda)
        }
        self.controllers = controllers
        let statistics = trainingImages.channelStatistics
        let sampler = try BatchSampler(
            dataset: trainingImages, batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        supernet = Supernet(
            space: space, runtime: RuntimeTerm(latencies, layers: layers), batch: configuration.batch,
            labelSmoothing: configuration.labelSmoothing, dropout: configuration.dropout, seed: configuration.seed,
            context: ExecutionContext(threads: configuration.threads))
        costs = constraints.isEmpty
            ? [WeightedCost(term: supernet.runtime.term, weight: configuration.lambda)]
            : zip(constraints, controllers).map {
                WeightedCost(term: CostTerm($0.costs, layers: layers), weight: $1.lambda)
            }
        loop = TrainingLoop(
            supernet.network, parameters: supernet.parameters, sampler: sampler, statistics: statistics,
            takesStatisticsAnew: true, configuration: configuration.training)
        warm = loop.keptAverages()
        boundaries = SearchPhase.Boundaries(steps: loop.steps, configuration: configuration)
        drops = RandomSource(seed: configuration.seed, stream: RandomStream.warmUp)
        kept = supernet.indicators
        majority = MajorityVote(like: kept)
        settings = [
            "space": .string(FileDigest.sha256(ofText: space.json.text(pretty: false))),
            "train_examples": .integer(trainingImages.count), "configuration": configuration.json,
        ]
    }

    /// Checks that images have the shape and the classes that a space is for.
    ///
    /// - Throws: `TrainingError.imagesDoNotFit`.
    public static func check(_ images: ImageDataset, fits space: SearchSpace) throws(TrainingError) {
        try images.checkFit(input: space.input, classes: space.classes, of: "the search space \(space.name)")
    }

    /// Checks that networks of a space can keep targets on a device.
    ///
    /// - Throws: `TargetError`.
    public static func check(
        _ targets: [CostTarget], space: SearchSpace, costModel: CostModel, others: [TargetDevice] = []
    ) throws(TargetError) {
        _ = try Constraint.constraints(targets, space: space, others: others) { costModel.costTable(of: space, in: $0) }
    }

    /// Does the next step or, where the search phase is over, ranks the next candidate or does the next step of a trial.
    ///
    /// - Returns: nil where the run is at its end.
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number. A trial that diverges
    ///   ends the search only where none is left.
    public func next() throws -> SearchEvent? {
        if loop.step >= boundaries.fineTune, !isFound { return try rank() }
        guard loop.step < loop.steps else { return nil }
        let phase = boundaries.phase(of: loop.step)
        loop.load()
        if phase == .warmUp {
            drawKept(step: loop.step)
            supernet.decide(kept: kept, differentiable: false)
        }
        let loss = try computeGradients(phase: phase)
        let rate = loop.update()
        if loop.step == boundaries.search { warm.take() }
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

    /// Also the last step of the search phase, after which candidates are ranked for a while.
    public func isLogged(_ step: Int) -> Bool { loop.isLogged(step) || step == boundaries.fineTune }

    public func line(of step: SearchStep) -> JSON { step.json(layers: layers) }

    /// Classifies images with the averaged weights and their statistics, under the indicators as they stand.
    ///
    /// - Throws: `TrainingError.imagesDoNotFit`.
    public func evaluate(_ images: ImageDataset) throws(TrainingError) -> Evaluation {
        try Self.check(images, fits: supernet.space)
        return withAverages {
            withStatisticsTakenAnew { supernet.network.evaluate(images, statistics: statistics) }
        }
    }

    /// The network that the indicators, as they stand, select, with the averaged weights and their statistics.
    ///
    /// - Parameter name: of the architecture.
    public func foundNetwork(name: String) -> ConvNet {
        withAverages {
            withStatisticsTakenAnew { supernet.derivedNetwork(name: name, batch: 1) }
        }
    }

    /// How certain the search is of what it found.
    public var decision: Decision {
        Decision(
            changes: stability.changes, steps: stability.steps, compared: ranked, undecided: majority.undecided(of: layers))
    }

    // MARK: - Checkpoints

    /// Everything that the search is after its last event, but for a trial of which only a part is done.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    public func checkpoint() throws -> Checkpoint {
        abandonTrial()
        try loop.checkParameters(advice: Self.advice)
        var writer = StateWriter()
        try exchangeState(&writer, step: step)
        return Checkpoint(kind: Self.kind, step: step, settings: settings, state: writer)
    }

    /// Goes to where a search of the same space, images and settings was; the costs of the device are not compared.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; the search is then of no use any more.
    public func restore(_ checkpoint: Checkpoint) throws {
        try checkpoint.check(kind: Self.kind, settings: settings)
        try take(checkpoint)
    }

    /// Goes to where another search of the same space, images and settings was during or at the end of its warm-up. Its
    /// λ may have been another, and so may its device: neither counts in a warm-up.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run, or was made after the warm-up; the search
    ///   is then of no use any more.
    public func branch(from checkpoint: Checkpoint) throws {
        try checkpoint.check(
            kind: Self.kind, settings: settings, free: SearchConfiguration.settingsAfterWarmUp)
        guard checkpoint.step <= warmUpSteps else {
            throw checkpoint.problem(
                "/step", "expected at most \(warmUpSteps), the last of the warm-up, found \(checkpoint.step)")
        }
        try take(checkpoint)
    }

    /// The phases that the search has, in order.
    public var phases: [(phase: SearchPhase, steps: Int)] {
        boundaries.phases(steps: steps).map { ($0.phase, $0.steps.count) }
    }

    /// How many steps the warm-up has: the checkpoint after the last of them is what branches best begin from.
    public var warmUpSteps: Int { boundaries.search }

    /// How many images go through a network, one of the space each time, when candidates are ranked.
    public var candidateForwardImages: Int {
        guard configuration.candidates > 1 else { return 0 }
        return configuration.candidates * (effort.images + effort.statisticsBatches * configuration.batch)
    }

    /// How many steps the trials take at the most, all together.
    public var trialSteps: Int {
        configuration.candidates > 1 ? min(configuration.candidates, Candidates.parents) * stepsPerTrial : 0
    }

    var stepsPerTrial: Int {
        max(2, (effort.trialImages + configuration.batch - 1) / configuration.batch)
    }

    /// After how many steps the architecture is found; the others train its weights.
    public var stepsUntilFound: Int { boundaries.fineTune }

    private func take(_ checkpoint: Checkpoint) throws {
        guard checkpoint.step <= steps else {
            throw checkpoint.problem("/step", "expected at most \(steps), found \(checkpoint.step)")
        }
        var reader = StateReader(checkpoint)
        try exchangeState(&reader, step: checkpoint.step)
        try reader.finish()
        guard losses.halves.count == losses.wholes.count else {
            throw checkpoint.problem(
                "/state/trial_wholes", "expected \(losses.halves.count) losses, found \(losses.wholes.count)")
        }
        loop.resume(step: checkpoint.step)
        if loop.step == boundaries.search { warm.take() }
        ranking = nil
        stability.resume(at: supernet.choices)
    }

    /// Everything that changes from step to step, as it is after `step` of them.
    private func exchangeState(_ exchange: inout some StateExchange, step: Int) throws {
        try loop.exchangeState(&exchange)
        try exchange.random("warm_up_drops", &drops)
        if step >= boundaries.fineTune {
            try exchange.integer("compared", &ranked)
            if !isFound { try losses.exchangeState(&exchange) }
        } else {
            ranked = 0
        }
        // What is of no account before the search phase stays out of the warm-up's checkpoints, where other searches begin.
        if step > boundaries.search {
            if !isFound { try warm.exchangeState(&exchange) }
            try majority.exchangeState(&exchange)
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

    // MARK: - A step

    /// Forward pass, loss and backward pass on the loaded batch, under the indicators as they stand.
    func computeGradients(phase: SearchPhase) throws(TrainingError) -> Supernet.Loss {
        let costs = phase == .warmUp ? [] : costs
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: loop.labels, costs: costs)
        try loop.check(loss: loss.total, advice: Self.advice)
        if phase == .search {
            supernet.backward(costs: costs)
        } else {
            supernet.backward()
        }
        return loss
    }

    /// What the indicators are after a step of that phase.
    private func decide(after phase: SearchPhase) {
        switch phase {
        case .fineTune:
            supernet.selectAgain()
        case .warmUp, .search:
            supernet.decide()
            if phase == .search {
                for index in controllers.indices {
                    let cost = costs[index].term.value(of: supernet.indicatorsInPlace)
                    controllers[index].update(cost: cost, limit: constraints[index].target.limit)
                    costs[index].weight = controllers[index].lambda
                }
                if loop.step > boundaries.fineTune - loop.stepsPerEpoch { stability.add(supernet.choicesInPlace) }
            }
            // The first half of the search phase is the way to the balance.
            if 2 * (loop.step - 1) >= boundaries.search + boundaries.fineTune { majority.add(supernet.indicatorsInPlace) }
        }
    }

    /// Draws which indicators a step of the warm-up, from 0, keeps.
    private func drawKept(step: Int) {
        for layer in kept.indices { kept[layer].fill(1) }
        if step % configuration.fullNetworkInterval == 0 { return }
        func draw() -> Double { drops.uniform() < configuration.keepProbability ? 1 : 0 }
        for layer in kept.indices {
            for index in kept[layer].values.indices { kept[layer].values[index] = draw() }
        }
    }

    /// Puts a batch of training images, the same for the same number, into the network; the loop loads its own before it
    /// goes on.
    func loadForStatistics(batch: Int) { loop.load(step: batch % loop.steps) }

    /// What `body` makes of the supernet with the averaged weights, under the indicators as they stand.
    func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let indicators = supernet.indicators
        defer { if isFound { supernet.select(indicators) } else { supernet.decide() } }
        return try loop.withAverages {
            // The averaged kernels could decide otherwise; what was found is what the indicators say.
            supernet.select(indicators)
            return try body()
        }
    }
}
