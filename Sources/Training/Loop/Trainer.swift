import Architectures
import Datasets
import Engine
import Files

/// The training of one network, from scratch or from given weights, such as those that it inherits from the supernet.
///
///     let trainer = try Trainer(
///         of: architecture, inheriting: weights, trainingImages: data.training, testImages: data.test,
///         configuration: TrainingConfiguration())
///     while case .step(let step) = try trainer.next() { print(step.crossEntropy, step.evaluation?.accuracy ?? "") }
///     let weights = try trainer.averagedWeights
///
/// It can stop between any two steps; a resumed training has the same bits.
public final class Trainer: ResumableRun {
    /// The network that is trained.
    public let architecture: Architecture
    /// The network with the input that it is trained on at present.
    public var network: ConvNet { loop.network }
    public let configuration: TrainingConfiguration
    /// What stays as it was inherited; nil where all is trained.
    public let frozen: FrozenPart?
    /// Optimiser steps of the whole run.
    public var steps: Int { loop.steps }
    /// The number of finished steps.
    public var step: Int { loop.step }
    /// Mean and std for the normalisation of images.
    public let statistics: ChannelStatistics

    /// The loop at the present size of images; nil only while another is made, so that never two are in memory.
    private var current: TrainingLoop?
    private var loop: TrainingLoop { current! }
    private let inherits: Bool
    private let trainingImages: ImageDataset
    private let testImages: ImageDataset
    private let settings: JSON

    private static let kind = "training"
    private static let advice = "a smaller learning rate, a larger batch or another seed"

    /// - Parameters:
    ///   - weights: the initial weights, also those of the architecture with other classes, of which the classifier is then
    ///     drawn; nil to draw them all.
    ///   - trainingImages: the images to train on.
    ///   - testImages: images for the evaluation after every epoch.
    ///   - drawsClassifier: whether the classifier is drawn also where the weights are of as many classes, as they are others.
    /// - Throws: `ConfigurationError`; `TrainingError.cannotTrain` or `.imagesDoNotFit`; `DatasetError` where there are
    ///   fewer images than a batch; `FileError` where an image cannot be read.
    public init(
        of architecture: Architecture, inheriting weights: TrainedWeights? = nil, trainingImages: ImageDataset,
        testImages: ImageDataset, configuration: TrainingConfiguration, drawsClassifier: Bool = false
    ) throws {
        try configuration.check()
        try Self.check(trainingImages, fits: architecture)
        try Self.check(testImages, fits: architecture)
        try configuration.check(input: architecture.input)
        try configuration.check(reading: trainingImages, for: architecture.input)
        try configuration.check(inherits: weights != nil)
        frozen = try configuration.frozenPart(of: architecture)
        self.configuration = configuration
        self.architecture = architecture
        self.trainingImages = trainingImages.framed(configuration.trainedInput(of: architecture.input))
        self.testImages = testImages
        inherits = weights != nil
        // At the largest size, whatever the present one is: the network's statistics are those of the whole run.
        statistics = try self.trainingImages.channelStatistics
        settings = .object([
            .init(
                key: "architecture",
                value: .string(FileDigest.sha256(ofText: architecture.json().text(pretty: false)))),
            .init(key: "train_examples", value: .integer(trainingImages.count)),
            .init(key: "configuration", value: configuration.json),
        ] + Self.settings(of: frozen, in: weights))
        current = try makeLoop(epoch: 0, weights: weights, drawsClassifier: drawsClassifier)
    }

    /// A loop for images of the size of an epoch.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - weights: the initial weights, also those of the architecture with other classes; nil to draw them.
    ///   - drawsClassifier: whether all weights but those of the classifier are taken.
    private func makeLoop(
        epoch: Int, weights: TrainedWeights?, drawsClassifier: Bool = false
    ) throws -> TrainingLoop {
        var trained = architecture
        trained.input = configuration.trainedInput(of: architecture.input, epoch: epoch)
        let sampler = try BatchSampler(
            dataset: trainingImages.framed(trained.input), batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: statistics)
        var random = RandomSource(seed: configuration.seed, stream: RandomStream.weights)
        let network = ConvNet(
            trained, batch: configuration.batch, regularization: configuration.regularization, random: &random,
            context: ExecutionContext(threads: configuration.threads))
        network.dropout.random = RandomSource(seed: configuration.seed, stream: RandomStream.dropout)
        if let weights {
            if weights.architecture.classes == trained.classes, !drawsClassifier {
                network.load(weights.adopted(by: trained))
            } else {
                network.loadFeatures(weights)
            }
        }
        network.freeze(frozen)
        network.setLearningRates(decayByDepth: configuration.depthDecay)
        return TrainingLoop(
            network, parameters: network.trainedParameters, sampler: sampler, statistics: statistics,
            takesStatisticsAnew: !inherits, configuration: configuration)
    }

    /// Goes on with images of the size of an epoch, counted from 0, if that is not the present one.
    private func useImages(ofEpoch epoch: Int) throws {
        guard configuration.trainedInput(of: architecture.input, epoch: epoch) != network.architecture.input else { return }
        var state = StateWriter()
        try loop.exchangeState(&state)
        let checkpoint = Checkpoint(kind: Self.kind, step: step, settings: settings, state: state)
        // What is frozen is in no checkpoint.
        let weights = try network.weights
        current = nil
        current = try makeLoop(epoch: epoch, weights: weights)
        try take(checkpoint)
    }

    /// What tells the frozen weights from others: a checkpoint has only what changes.
    private static func settings(of frozen: FrozenPart?, in weights: TrainedWeights?) -> [JSON.Member] {
        guard let frozen, let weights else { return [] }
        let digest = FileDigest.sha256 { add in
            for tensor in frozen.tensors { weights[tensor.name].withUnsafeBytes(add) }
        }
        return [.init(key: "frozen_weights", value: .string(digest))]
    }

    /// Checks that the Engine supports an architecture, and that images have its input shape and classes.
    ///
    /// - Throws: `TrainingError.cannotTrain` or `.imagesDoNotFit`.
    public static func check(_ images: ImageDataset, fits architecture: Architecture) throws(TrainingError) {
        try ConvNet.check(architecture)
        try images.checkFit(
            input: architecture.input, classes: architecture.classes, of: "the architecture \(architecture.name)")
    }

    /// Trains a step; nil after the last.
    ///
    /// - Throws: `TrainingError.diverged` where the loss or a trained value stops being a finite number; `FileError` where
    ///   an image cannot be read.
    public func next() throws -> TrainingEvent? {
        guard loop.step < loop.steps else { return nil }
        try useImages(ofEpoch: loop.step / loop.stepsPerEpoch)
        let firstRounded = (configuration.epochs - configuration.quantizationAwareEpochs) * loop.stepsPerEpoch
        network.roundsToEightBits = loop.step >= firstRounded
        // Averages of thousands of steps would hardly change in a few epochs.
        if loop.step == firstRounded { loop.beginAverages() }
        try loop.load()
        network.forward(training: true)
        let crossEntropy = Double(network.loss.evaluate(labels: loop.labels, second: loop.secondLabels))
        try loop.check(loss: crossEntropy, advice: Self.advice)
        network.backward()
        let rate = loop.update()
        let isLogged = isLogged(loop.step)
        if isLogged { try loop.checkParameters(advice: Self.advice) }
        let throughput = loop.throughput(isLogged: isLogged)
        return .step(TrainingStep(
            step: loop.step, steps: loop.steps, epoch: loop.epoch, epochs: configuration.epochs,
            crossEntropy: crossEntropy, learningRate: Double(rate), imagesPerSecond: throughput,
            evaluation: endsEpoch(loop.step) ? try evaluate() : nil, isLogged: isLogged))
    }

    public func share(ofSteps count: Int) -> Double { configuration.share(ofSteps: count, of: steps) }

    public func isLogged(_ step: Int) -> Bool { loop.isLogged(step) || endsEpoch(step) }

    private func endsEpoch(_ step: Int) -> Bool { step % loop.stepsPerEpoch == 0 }

    public func line(of step: TrainingStep) -> JSON { step.json }

    /// The evaluation of the EMA weights on the test images.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    public func evaluate() throws -> Evaluation {
        try loop.withAverages { try network.evaluate(testImages, statistics: statistics) }
    }

    /// The averages of all weights and running statistics.
    public var averagedWeights: TrainedWeights {
        get throws { try loop.withAverages { try network.weights.adopted(by: architecture) } }
    }

    /// The complete state after the last step.
    ///
    /// - Throws: `TrainingError.diverged` where a trained value is not a finite number.
    public func checkpoint() throws -> Checkpoint {
        try loop.checkParameters(advice: Self.advice)
        var writer = StateWriter()
        try loop.exchangeState(&writer)
        return Checkpoint(kind: Self.kind, step: step, settings: settings, state: writer)
    }

    /// Resumes from the checkpoint of a training of the same network, images, settings and frozen weights.
    ///
    /// - Throws: `FileError.invalid` where the checkpoint is of another run; do not use this training after that.
    public func restore(_ checkpoint: Checkpoint) throws {
        try checkpoint.check(
            kind: Self.kind, settings: settings, later: TrainingConfiguration.laterSettings)
        guard checkpoint.step <= steps else {
            throw checkpoint.problem("/step", "expected at most \(steps), found \(checkpoint.step)")
        }
        try useImages(ofEpoch: max(0, checkpoint.step - 1) / loop.stepsPerEpoch)
        try take(checkpoint)
    }

    private func take(_ checkpoint: Checkpoint) throws {
        var reader = StateReader(checkpoint)
        try loop.exchangeState(&reader)
        try reader.finish()
        loop.resume(step: checkpoint.step)
    }
}
