import Architectures
import Datasets
import Engine
import HardwareProfiles
import JSONDocuments

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
///
/// It stops between any two steps and goes on from there, bit by bit the same; and from one warm-up several searches
/// may go on that differ in what counts only afterwards (see `branch`).
public final class Search: ResumableRun {
    public let supernet: Supernet
    public let configuration: SearchConfiguration
    /// Optimiser steps of the whole run.
    public var steps: Int { loop.steps }
    /// Steps that are done.
    public var step: Int { loop.step }
    /// What images are normalised with.
    public var statistics: ChannelStatistics { loop.statistics }

    private let loop: TrainingLoop
    private let boundaries: SearchPhase.Boundaries
    private let settings: JSON
    /// What the warm-up drops out.
    private var drops: RandomSource
    private var majority: IndicatorMajority
    /// Empty without targets.
    private let constraints: [Constraint]
    /// One for each constraint.
    private let costTerms: [CostTerm]
    private var multipliers: [Multiplier]
    private var stability = SelectionStability()

    private static let kind = "search"
    private static let advice = "a smaller λ, a larger batch or another seed"

    /// - Parameters:
    ///   - training: what is trained on, and nothing else.
    /// - Throws: `ConfigurationError`; `TargetError` for targets that the space cannot keep;
    ///   `TrainingError.imagesDoNotFit`; `DatasetError` where there are fewer images than a batch.
    public init(
        space: SearchSpace, costModel: CostModel, training: ImageDataset, configuration: SearchConfiguration
    ) throws {
        try configuration.check()
        try Self.check(training, fits: space)
        self.configuration = configuration
        constraints = try Constraint.constraints(configuration.targets, space: space, costModel: costModel)
        costTerms = constraints.map { CostTerm($0.costs, space: space) }
        multipliers = constraints.map { _ in Multiplier(weight: configuration.lambda) }
        let statistics = training.channelStatistics
        let sampler = try BatchSampler(
            dataset: training, batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        supernet = Supernet(
            space: space, runtime: RuntimeTerm(space: space, costModel: costModel), batch: configuration.batch,
            labelSmoothing: configuration.labelSmoothing, dropout: configuration.dropout, seed: configuration.seed,
            context: ExecutionContext(threads: configuration.threads))
        loop = TrainingLoop(
            supernet.network, parameters: supernet.parameters, sampler: sampler, statistics: statistics,
            configuration: configuration.training)
        boundaries = SearchPhase.Boundaries(steps: loop.steps, configuration: configuration)
        drops = RandomSource(seed: configuration.seed, stream: RandomStream.warmUp)
        majority = IndicatorMajority(like: supernet.indicators)
        settings = [
            "space": .string(FileDigest.sha256(ofText: space.json.text(pretty: false))),
            "train_examples": .integer(training.count), "configuration": configuration.json,
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
        _ targets: [CostTarget], space: SearchSpace, costModel: CostModel
    ) throws(TargetError) {
        _ = try Constraint.constraints(targets, space: space, costModel: costModel)
    }

    /// Trains from the step it stands at to the last.
    ///
    /// - Parameter report: called after every step; what it throws ends the run and is passed on.
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number.
    public func run(report: (SearchStep) throws -> Void) throws {
        while loop.step < loop.steps {
            let phase = boundaries.phase(of: loop.step)
            loop.load()
            if phase == .warmUp { supernet.decide(kept: drawKept()) }
            let loss = try computeGradients(phase: phase)
            let rate = loop.update()
            decide(after: phase)
            let isLogged = isLogged(loop.step)
            if isLogged { try loop.checkParameters(advice: Self.advice) }
            try report(SearchStep(
                step: loop.step, steps: loop.steps, epoch: loop.epoch, epochs: configuration.epochs, loss: loss.total,
                crossEntropy: loss.crossEntropy, runtimeMs: supernet.runtimeMs, learningRate: Double(rate),
                imagesPerSecond: loop.throughput(isLogged: isLogged), indicators: supernet.indicators,
                phase: phase, isLogged: isLogged))
        }
    }

    public func isLogged(_ step: Int) -> Bool { loop.isLogged(step) }

    public func line(of step: SearchStep) -> JSON { step.json(layers: supernet.space.searchableLayers) }

    /// Classifies images with the averaged weights, under the indicators as they stand.
    ///
    /// - Throws: `TrainingError.imagesDoNotFit`.
    public func evaluate(_ images: ImageDataset) throws(TrainingError) -> Evaluation {
        try Self.check(images, fits: supernet.space)
        return withAverages { supernet.network.evaluate(images, statistics: statistics) }
    }

    /// The network that the indicators, as they stand, select, with the averaged weights and running statistics.
    ///
    /// - Parameter name: of the architecture.
    public func foundNetwork(name: String) -> ConvNet {
        withAverages { supernet.derivedNetwork(name: name, batch: 1) }
    }

    /// How the deciding ended.
    public var decision: Decision {
        Decision(
            changes: stability.changes, steps: stability.steps,
            undecided: majority.undecided(of: supernet.space.searchableLayers))
    }

    // MARK: - Checkpoints

    /// Everything that the search is after its last step.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    public func checkpoint() throws -> Checkpoint {
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
            kind: Self.kind, settings: settings, free: SearchConfiguration.decidingSettings)
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
    public var warmUpSteps: Int { boundaries.deciding }

    private func take(_ checkpoint: Checkpoint) throws {
        guard checkpoint.step <= steps else {
            throw checkpoint.problem("/step", "expected at most \(steps), found \(checkpoint.step)")
        }
        var reader = StateReader(checkpoint)
        try exchangeState(&reader, step: checkpoint.step)
        try reader.finish()
        loop.resume(step: checkpoint.step)
        stability.resume(at: supernet.choices)
    }

    /// Everything that changes from step to step, as it is after `step` of them.
    private func exchangeState(_ exchange: inout some StateExchange, step: Int) throws {
        try loop.exchangeState(&exchange)
        try exchange.random("warm_up_drops", &drops)
        // What is of no account before the deciding stays out of the warm-up's checkpoints, where other searches begin.
        if step > boundaries.deciding {
            try majority.exchangeState(&exchange)
            try stability.exchangeState(&exchange)
            for index in multipliers.indices {
                let name = "multiplier_\(constraints[index].target.quantity.rawValue)"
                try multipliers[index].exchangeState(&exchange, name: name)
            }
        }
        if step >= boundaries.settling {
            var indicators = supernet.indicators
            try exchange.indicators("indicators", &indicators)
            supernet.select(indicators)
        } else {
            supernet.decide()
        }
    }

    // MARK: - A step

    /// Forward pass, loss and backward pass on the loaded batch, under the indicators as they stand.
    private func computeGradients(phase: SearchPhase) throws(TrainingError) -> Supernet.Loss {
        let costs = phase == .warmUp ? [] : weightedCosts
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: loop.labels, costs: costs)
        try loop.check(loss: loss.total, advice: Self.advice)
        if phase == .deciding {
            supernet.backward(costs: costs)
        } else {
            supernet.backward()
        }
        return loss
    }

    /// What the indicators are after a step of that phase.
    private func decide(after phase: SearchPhase) {
        switch (phase, boundaries.phase(of: loop.step)) {
        case (.settling, _):
            supernet.select(supernet.indicators)
        case (.deciding, .settling):
            supernet.select(settled)
        default:
            supernet.decide()
            if phase == .deciding {
                for index in multipliers.indices {
                    let cost = costTerms[index].evaluate(supernet.indicators).value
                    multipliers[index].update(cost: cost, limit: constraints[index].target.limit)
                }
                if loop.step > boundaries.settling - loop.stepsPerEpoch { stability.add(supernet.choices) }
            }
            // The first half of the deciding is the way to the balance.
            if 2 * (loop.step - 1) >= boundaries.deciding + boundaries.settling { majority.add(supernet.indicators) }
        }
    }

    /// What the loss has beside the cross-entropy, once the warm-up is over.
    private var weightedCosts: [WeightedCost] {
        constraints.isEmpty
            ? [WeightedCost(term: supernet.runtime.term, weight: configuration.lambda)]
            : zip(costTerms, multipliers).map { WeightedCost(term: $0, weight: $1.weight) }
    }

    /// What the deciding came to: what stood most of the time or, with targets, what stood most of the time among all that
    /// keep them.
    private var settled: [LayerIndicators] {
        guard !constraints.isEmpty else { return majority.indicators }
        let layers = supernet.space.searchableLayers
        guard let choices = ConstrainedSelection(constraints: constraints).best(worths: majority.worths(of: layers))
        else {
            // The constructor has found a network that keeps them.
            preconditionFailure("Search: no network of \(supernet.space.name) keeps the targets")
        }
        return zip(layers, choices).map { LayerIndicators($0.choices[$1], in: $0) }
    }

    /// Which indicators a step of the warm-up keeps.
    private func drawKept() -> [LayerIndicators] {
        func kept() -> Double { drops.uniform() < configuration.keepProbability ? 1 : 0 }
        return supernet.space.searchableLayers.map { layer in
            var indicators = LayerIndicators.allOn(layer)
            for index in indicators.kernel.indices { indicators.kernel[index] = kept() }
            for index in indicators.expansion.indices where index > 0 || layer.maySkip {
                indicators.expansion[index] = kept()
            }
            return indicators
        }
    }

    /// Puts a batch of training images, the same for the same number, into the network; the loop loads its own before it
    /// goes on.
    func loadForStatistics(batch: Int) { loop.load(step: batch % loop.steps) }

    /// What `body` makes of the supernet with the averaged weights, under the indicators as they stand.
    func withAverages<Result>(_ body: () -> Result) -> Result {
        let indicators = supernet.indicators
        defer { supernet.select(indicators) }
        return loop.withAverages {
            // The averaged kernels could decide otherwise; what was found is what the indicators say.
            supernet.select(indicators)
            return body()
        }
    }
}
