import Architectures
import Datasets
import Engine
import Files
import HardwareProfiles

/// A search: one training run of a supernet, at the end of which its indicators are the architecture.
///
///     let search = try Search(
///         space: space, costModel: CostModel(device: device), training: data.training,
///         configuration: SearchConfiguration())
///     try search.run { step in print(step.crossEntropy, step.runtimeMs) }
///     let architecture = search.supernet.derivedArchitecture(name: "found")
///
/// Warm-up: λ is 0 and each indicator is kept with a probability, so that every sub-kernel trains; in every few steps all
/// are, or what is smaller would have learnt more than what is larger. Then λ counts and the indicators decide (Stamoulis
/// et al., 2019). Where they leave something open, networks that they would have are compared by the loss that each
/// inherits, the best by how they train from there, and the best of these trains on.
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
    /// The averages at the end of the warm-up, in which all networks have trained alike.
    private let warm: KeptAverages
    /// What the warm-up drops out.
    private var drops: RandomSource
    /// What a step of it keeps.
    private var kept: [LayerIndicators]
    private var majority: IndicatorMajority
    private let training: ImageDataset
    /// Of every choice, on the device.
    private let latencies: ChoiceCosts
    /// Empty without targets.
    private let constraints: [Constraint]
    /// One for each constraint.
    private var multipliers: [Multiplier]
    /// What the loss has beside the cross-entropy, once the warm-up is over.
    private var costs: [WeightedCost]
    private var stability = SelectionStability()
    /// How many networks were compared when the deciding was over; 0 before that.
    private var compared = 0
    /// What is known of these networks before it is over.
    private var comparison = Comparison()
    /// Whether the indicators are given: what the deciding came to.
    private var isSettled: Bool { compared > 0 }
    /// Called while networks are compared when the deciding is over, with how many are by then and of how many, from 0 on;
    /// what it throws ends the run after the step before, and a checkpoint then has what the comparison came to by then.
    public var comparing: (_ done: Int, _ count: Int) throws -> Void = { _, _ in }
    /// As `comparing`, before every step of the trials that follow; `done` has the part of the trial that goes on.
    public var trying: (_ done: Double, _ count: Int) throws -> Void = { _, _ in }

    /// On how many training images, as they are stored, candidates are compared.
    static let candidateImages = 3000
    /// Over how many training batches the statistics are taken for that.
    private static let candidateBatches = 10
    /// Over how many training batches the statistics of averaged weights are taken.
    public static let statisticsBatches = 30
    /// With how many images the best candidates are trained, or once with all where there are fewer.
    private static let trialImages = 12_000
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
        try configuration.training.check(input: space.input)
        self.configuration = configuration
        latencies = costModel.latencies(of: space)
        constraints = try Constraint.constraints(configuration.targets, space: space, costModel: costModel)
        let multipliers = constraints.map { _ in Multiplier(weight: configuration.lambda) }
        self.multipliers = multipliers
        self.training = training
        let statistics = training.channelStatistics
        let sampler = try BatchSampler(
            dataset: training, batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        supernet = Supernet(
            space: space, runtime: RuntimeTerm(space: space, costModel: costModel), batch: configuration.batch,
            labelSmoothing: configuration.labelSmoothing, dropout: configuration.dropout, seed: configuration.seed,
            context: ExecutionContext(threads: configuration.threads))
        costs = constraints.isEmpty
            ? [WeightedCost(term: supernet.runtime.term, weight: configuration.lambda)]
            : zip(constraints, multipliers).map {
                WeightedCost(term: CostTerm($0.costs, space: space), weight: $1.weight)
            }
        loop = TrainingLoop(
            supernet.network, parameters: supernet.parameters, sampler: sampler, statistics: statistics,
            takesStatisticsAnew: true, configuration: configuration.training)
        warm = loop.keptAverages()
        boundaries = SearchPhase.Boundaries(steps: loop.steps, configuration: configuration)
        drops = RandomSource(seed: configuration.seed, stream: RandomStream.warmUp)
        kept = supernet.indicators
        majority = IndicatorMajority(like: kept)
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
        while true {
            if loop.step >= boundaries.settling { try settle() }
            guard loop.step < loop.steps else { return }
            let phase = boundaries.phase(of: loop.step)
            loop.load()
            if phase == .warmUp {
                drawKept(step: loop.step)
                supernet.decide(kept: kept, differentiable: false)
            }
            let loss = try computeGradients(phase: phase)
            let rate = loop.update()
            if loop.step == boundaries.deciding { warm.take() }
            decide(after: phase)
            let isLogged = isLogged(loop.step)
            if isLogged { try loop.checkParameters(advice: Self.advice) }
            try report(SearchStep(
                step: loop.step, steps: loop.steps, epoch: loop.epoch, epochs: configuration.epochs, loss: loss.total,
                crossEntropy: loss.crossEntropy, runtimeMs: supernet.runtimeMs, learningRate: Double(rate),
                imagesPerSecond: loop.throughput(isLogged: isLogged), indicators: isLogged ? supernet.indicators : [],
                phase: phase, isLogged: isLogged, precedesOtherWork: loop.step == boundaries.settling))
        }
    }

    /// Also the last step of the deciding, from which on networks are compared for a while.
    public func isLogged(_ step: Int) -> Bool { loop.isLogged(step) || step == boundaries.settling }

    public func line(of step: SearchStep) -> JSON { step.json(layers: supernet.space.searchableLayers) }

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

    /// How the deciding ended.
    public var decision: Decision {
        Decision(
            changes: stability.changes, steps: stability.steps, compared: compared,
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

    /// How many images go through a network, one of the space each time, when candidates are compared.
    public var comparedImages: Int {
        guard configuration.candidates > 1 else { return 0 }
        return configuration.candidates
            * (min(Self.candidateImages, training.count) + Self.candidateBatches * configuration.batch)
    }

    /// How many steps of training the best candidates are tried with at the most, all together.
    public var trialSteps: Int {
        configuration.candidates > 1 ? min(configuration.candidates, Candidates.parents) * stepsPerTrial : 0
    }

    private var stepsPerTrial: Int {
        max(2, (min(Self.trialImages, training.count) + configuration.batch - 1) / configuration.batch)
    }

    /// After how many steps it stands what is found; the others train its weights.
    public var decidedSteps: Int { boundaries.settling }

    private func take(_ checkpoint: Checkpoint) throws {
        guard checkpoint.step <= steps else {
            throw checkpoint.problem("/step", "expected at most \(steps), found \(checkpoint.step)")
        }
        var reader = StateReader(checkpoint)
        try exchangeState(&reader, step: checkpoint.step)
        try reader.finish()
        guard comparison.halves.count == comparison.wholes.count else {
            throw checkpoint.problem(
                "/state/trial_wholes", "expected \(comparison.halves.count) losses, found \(comparison.wholes.count)")
        }
        loop.resume(step: checkpoint.step)
        if loop.step == boundaries.deciding { warm.take() }
        stability.resume(at: supernet.choices)
    }

    /// Everything that changes from step to step, as it is after `step` of them.
    private func exchangeState(_ exchange: inout some StateExchange, step: Int) throws {
        try loop.exchangeState(&exchange)
        try exchange.random("warm_up_drops", &drops)
        if step >= boundaries.settling {
            try exchange.integer("compared", &compared)
            if !isSettled { try comparison.exchangeState(&exchange) }
        } else {
            compared = 0
        }
        // What is of no account before the deciding stays out of the warm-up's checkpoints, where other searches begin.
        if step > boundaries.deciding {
            if !isSettled { try warm.exchangeState(&exchange) }
            try majority.exchangeState(&exchange)
            try stability.exchangeState(&exchange)
            for index in multipliers.indices {
                let name = "multiplier_\(constraints[index].target.quantity.rawValue)"
                try multipliers[index].exchangeState(&exchange, name: name)
                costs[index].weight = multipliers[index].weight
            }
        }
        if isSettled {
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
        let costs = phase == .warmUp ? [] : costs
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
        switch phase {
        case .settling:
            supernet.selectAgain()
        default:
            supernet.decide()
            if phase == .deciding {
                for index in multipliers.indices {
                    let cost = costs[index].term.value(of: supernet.indicatorsInPlace)
                    multipliers[index].update(cost: cost, limit: constraints[index].target.limit)
                    costs[index].weight = multipliers[index].weight
                }
                if loop.step > boundaries.settling - loop.stepsPerEpoch { stability.add(supernet.choicesInPlace) }
            }
            // The first half of the deciding is the way to the balance.
            if 2 * (loop.step - 1) >= boundaries.deciding + boundaries.settling { majority.add(supernet.indicatorsInPlace) }
        }
    }

    /// Looks for what the deciding came to, where that is not known yet: of the candidates those of least loss, by what they
    /// inherit from the warm-up, and of these the one that trains best from there.
    ///
    /// - Throws: what `comparing` throws; `TrainingError.diverged`.
    func settle() throws {
        guard !isSettled else { return }
        let layers = supernet.space.searchableLayers, worths = majority.worths(of: layers)
        func choices(_ network: [Int]) -> [LayerChoice] { zip(layers, network).map { $0.choices[$1] } }
        // All cost as much: what the targets ask, or what stood most of the time does, which λ has led to.
        let first = stoodMost(worths)
        let limits = constraints.isEmpty
            ? [Constraint(target: CostTarget(.latency, atMost: latencies.value(of: first)), costs: latencies)]
            : constraints
        let images = training.spread(Self.candidateImages)
        var random = RandomSource(seed: configuration.seed, stream: RandomStream.candidates)
        var done = 0
        if configuration.candidates > 1 { try comparing(0, configuration.candidates) }
        let best = try Candidates(worths: worths, constraints: limits).best(
            of: configuration.candidates, from: first, random: &random
        ) { network in
            if done == comparison.inherited.count {
                let loss = try asWarmedUp {
                    try inheritedAccuracy(of: choices(network), on: images, batches: Self.candidateBatches).crossEntropy
                }
                comparison.inherited.append(loss.isFinite ? loss : .infinity)
            }
            done += 1
            try comparing(done, configuration.candidates)
            return comparison.inherited[done - 1]
        }
        // There were no more.
        if done > 0, done < configuration.candidates { try comparing(done, done) }
        // What is larger inherits less than it is worth, and shows it as soon as it trains.
        var found = (network: best[0], half: Double.infinity, whole: Double.infinity)
        for (tried, network) in best.enumerated() where best.count > 1 {
            if tried == comparison.halves.count {
                let loss = try asWarmedUp {
                    try trial(of: choices(network), rival: found.half) { try trying(Double(tried) + $0, best.count) }
                }
                comparison.halves.append(loss.half)
                comparison.wholes.append(loss.whole ?? .infinity)
            }
            let whole = comparison.wholes[tried]
            if whole < found.whole { found = (network, comparison.halves[tried], whole) }
        }
        if best.count > 1 { try trying(Double(best.count), best.count) }
        supernet.select(choices(found.network))
        compared = max(done, 1)
        comparison = Comparison()
    }

    /// What `body` makes of the search with the averages of its warm-up: while it decides, what it selects learns more
    /// than what it does not, and would win by that.
    private func asWarmedUp<Result>(_ body: () throws -> Result) rethrows -> Result {
        warmUpSteps > 0 ? try warm.inPlace(body) : try body()
    }

    /// The mean cross-entropies of a network in its first steps of training from what it inherits; over all of them only
    /// where it is below a rival's after half of them. The search is left as it was.
    ///
    /// - Parameter report: called before every step with the part that is done; what it throws ends the trial.
    private func trial(
        of choices: [LayerChoice], rival: Double, report: (Double) throws -> Void
    ) throws -> (half: Double, whole: Double?) {
        try withAverages {
            supernet.select(choices)
            return try loop.trial(steps: stepsPerTrial, rival: rival) { step in
                try report(Double(step) / Double(stepsPerTrial))
                supernet.selectAgain()
                return try computeGradients(phase: .settling).crossEntropy
            }
        }
    }

    /// What stood most of the time or, with targets, what stood most of the time among all that keep them; as an index into
    /// each layer's choices.
    private func stoodMost(_ worths: [[Double]]) -> [Int] {
        guard !constraints.isEmpty else {
            return zip(supernet.space.searchableLayers, majority.indicators).map { layer, indicators in
                layer.choices.firstIndex(of: indicators.choice(in: layer)) ?? 0
            }
        }
        guard let best = ConstrainedSelection(constraints: constraints).best(worths: worths) else {
            // The constructor has found a network that keeps them.
            preconditionFailure("Search: no network of \(supernet.space.name) keeps the targets")
        }
        return best
    }

    /// Draws which indicators a step of the warm-up, from 0, keeps.
    private func drawKept(step: Int) {
        for layer in kept.indices { kept[layer].fill(1) }
        if step % configuration.fullNetworkInterval == 0 { return }
        func draw() -> Double { drops.uniform() < configuration.keepProbability ? 1 : 0 }
        for (layer, superkernel) in supernet.superkernels.enumerated() {
            for index in kept[layer].kernel.indices { kept[layer].kernel[index] = draw() }
            for index in kept[layer].expansion.indices where index > 0 || superkernel.layer.maySkip {
                kept[layer].expansion[index] = draw()
            }
        }
    }

    /// Puts a batch of training images, the same for the same number, into the network; the loop loads its own before it
    /// goes on.
    func loadForStatistics(batch: Int) { loop.load(step: batch % loop.steps) }

    /// What `body` makes of the supernet with the averaged weights, under the indicators as they stand.
    func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let indicators = supernet.indicators
        defer { if isSettled { supernet.select(indicators) } else { supernet.decide() } }
        return try loop.withAverages {
            // The averaged kernels could decide otherwise; what was found is what the indicators say.
            supernet.select(indicators)
            return try body()
        }
    }
}
