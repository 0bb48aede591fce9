import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import Runs
import Training

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains a network, from scratch or from the weights of a run.",
        discussion: """
            The network must have ReLU or ReLU6 alone, no squeeze-excite, and a head. Reports after every epoch how the EMA \
            of the weights (their moving average) classifies the test images, which are never trained on. Writes config.json, \
            metrics.jsonl, architecture.json, weights.safetensors, result.json, and checkpoints to resume from.
            """)

    private static let defaults = TrainingConfiguration()

    @Option(
        help: "The architecture: a name, the path of a JSON or exported Python file, or the folder of a run.",
        completion: .architectures)
    var architecture: String?

    @Option(
        help: """
            Initial weights: the path of a safetensors file, or the folder of a run; with other classes, all but the \
            classifier's.
            """, completion: .file())
    var inherit: String?

    @Option(
        help: "Optimiser: rmsprop, or sgd with Nesterov momentum (default: \(defaults.optimizer.kind.rawValue)).",
        transform: OptimizerConfiguration.Kind.named)
    var optimizer: OptimizerConfiguration.Kind?

    @Option(
        help: """
            Initial learning rate per 256 images; sgd takes \(TrainingConfiguration.usualLearningRatePer256(of: .sgd)) \
            unless told (default: \(defaults.learningRatePer256)).
            """)
    var learningRate: Double?

    @Option(
        help: """
            Learning-rate schedule: exponential or cosine; sgd takes \
            \(TrainingConfiguration.usualLearningRateSchedule(of: .sgd).rawValue) unless told \
            (default: \(defaults.learningRateSchedule.rawValue)).
            """,
        transform: LearningRateSchedule.Kind.named)
    var learningRateSchedule: LearningRateSchedule.Kind?

    @Option(
        help: """
            Weight decay; sgd takes \(OptimizerConfiguration(.sgd).weightDecay) unless told \
            (default: \(defaults.optimizer.weightDecay)).
            """)
    var weightDecay: Float?

    @Option(
        help: """
            Decay of the weights' EMA in a step; in step n at most (1 + n) / (10 + n), so that a short run forgets its \
            beginning (default: \(defaults.movingAverageDecay)).
            """)
    var movingAverageDecay: Float?

    @Option(help: "Dropout before the classifier (default: \(defaults.dropout)).")
    var dropout: Float?

    @Option(help: "Label smoothing (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Float?

    @Option(
        help: ArgumentHelp(
            """
            Leave the inherited stem and all layers up to this stage as they are: stem, a stage such as stage3, a layer \
            such as stage3.2, or head for all but the classifier.
            """, valueName: "stage"))
    var freeze: String?

    @Option(
        help: ArgumentHelp(
            """
            Multiply the learning rate by this once for the head, twice for the last block, once more for each block \
            before it, and for the stem; never for the classifier (default: \(defaults.depthDecay)).
            """, valueName: "factor"))
    var depthDecay: Double?

    @Option(
        help: ArgumentHelp(
            "Round weights and maps as int8 will, in this many epochs at the end (default: \(defaults.quantizationAwareEpochs)).",
            valueName: "epochs"))
    var quantizationAware: Int?

    @OptionGroup var options: RunOptions

    func validate() throws {
        try options.checkGiven([("architecture", architecture), ("data", options.data)])
        try RunOptions.check { () throws(ConfigurationError) in
            var usual = Self.defaults
            // A run that is resumed has epochs of its own, which are looked at when it is read.
            if options.resume { usual.epochs = 10_000 }
            let configuration = applied(to: usual)
            try configuration.check()
            if !options.resume { try configuration.check(inherits: inherit != nil) }
        }
    }

    /// The settings with those replaced that were given.
    private func applied(to configuration: TrainingConfiguration) -> TrainingConfiguration {
        var configuration = configuration
        options.apply(to: &configuration)
        if let optimizer, optimizer != configuration.optimizer.kind {
            configuration.takeUsual(optimizer)
        }
        if let learningRate { configuration.learningRatePer256 = learningRate }
        if let learningRateSchedule { configuration.learningRateSchedule = learningRateSchedule }
        if let weightDecay { configuration.optimizer.weightDecay = weightDecay }
        if let movingAverageDecay { configuration.movingAverageDecay = movingAverageDecay }
        if let dropout { configuration.dropout = dropout }
        if let labelSmoothing { configuration.labelSmoothing = labelSmoothing }
        if let freeze { configuration.freeze = freeze }
        if let depthDecay { configuration.depthDecay = depthDecay }
        if let quantizationAware { configuration.quantizationAwareEpochs = quantizationAware }
        return configuration
    }

    func run() throws {
        let old = options.resume ? try TrainingPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        let source = old?.architecture.source ?? architecture ?? "", data = old?.images.data ?? options.data ?? ""
        let network = try NetworkFiles(
            run: nil, architecture: source, weights: old == nil ? inherit : old?.inherit)
        var architecture = try Catalogue.architecture(named: source)
        let inherited = try network.weightsPath.map { try WeightsFile(contentsOf: $0, forAnyClassesOf: architecture) }
        let frozen = try frozenPart(of: architecture, resuming: old?.configuration)
        let images = try options.images(
            data, classes: architecture.classes, classesIn: network.architecturePath, resuming: old?.images)
        if images.folder != nil { architecture.classes = images.training.classes }
        try Trainer.check(images.test, fits: architecture)
        let hasOtherClasses = inherited?.hasOtherClasses(than: images) ?? false
        if let inherited, let path = network.weightsPath {
            let taken = "the other \(architecture.featureTensors.count) tensors are taken, and the classifier is new"
            let classes = inherited.weights.architecture.classes
            if classes != architecture.classes {
                RunOptions.warn(
                    "\(path): its classifier has \(classes.grouped) classes and the data \(architecture.classes.grouped): \(taken)")
            } else if hasOtherClasses {
                RunOptions.warn("\(path): its classifier was trained with other classes than those of the data: \(taken)")
            }
        }
        var trainingImages = try options.training(images, count: old?.images.count), testImages = images.test
        var suited = Self.defaults
        suited.augmentation = options.usualAugmentation(of: images, input: architecture.input)
        let configuration = old?.configuration ?? applied(to: suited)
        let inputs: [Provenance.Input] = try .files([network.architecturePath] + [network.weightsPath].compactMap(\.self))
            + images.provenanceInputs
        if let old, let result = try options.finishedResult(old.provenance, inputs: inputs) {
            return show(result, frozen: frozen, of: architecture)
        }
        ThreadsOption.warn(of: configuration.threads)
        var trained = architecture
        trained.input = configuration.trainedInput(of: architecture.input)
        let memory = TrainingMemory(
            training: trained, batch: configuration.batch, optimizer: configuration.optimizer.kind, frozen: frozen,
            roundsToEightBits: configuration.quantizationAwareEpochs > 0)
        try options.checkFit(memory.total, batch: configuration.batch, of: trainingImages)
        func trainer(_ configuration: TrainingConfiguration) throws -> Trainer {
            try Trainer(
                of: architecture, inheriting: inherited?.weights, trainingImages: trainingImages, testImages: testImages,
                configuration: configuration, drawsClassifier: hasOtherClasses)
        }
        try options.checkCreatable(before: images)
        if options.dryRun {
            (trainingImages, testImages) = try options.photos.planned(training: trainingImages, test: testImages, of: images)
            // Of what is resident before there is a trainer, which is what `memory` counts.
            let peak = RunOptions.peak(with: memory.total)
            let timing = try TrainingTiming(
                configuration, testImages: testImages, memory: memory, report: DryRun.showTiming, make: trainer)
            let frozen = frozen.map { [("frozen", $0.text(of: architecture))] } ?? []
            return DryRun(
                subject: [
                    ("train", architecture.name), ("from", inherit ?? "scratch"), ("seed", "\(configuration.seed)"),
                    ("optimizer", Self.text(of: configuration)),
                    ("data", options.subject(training: trainingImages, test: testImages)), ("output", options.output),
                ] + frozen, length: .init(steps: timing.steps, configuration), phases: timing.phases, memory: peak,
                secondsPerStep: timing.secondsPerStep
            ).show(asJSON: options.json)
        }
        let shape = ImageShape(trained.input)
        let trainingCount = trainingImages.count, skipped: [String]
        (trainingImages, testImages, skipped) = try options.photos.prepared(
            training: trainingImages, test: testImages, of: images, shape: shape,
            augmentation: configuration.augmentation, resuming: old?.images)
        var plan = TrainingPlan(
            architecture: RunInput(name: architecture.name, source: try Catalogue.architectures.source(of: source)),
            inherit: network.weightsPath.map(AbsolutePath.of),
            images: options.runImages(images, data: data, count: trainingCount),
            configuration: configuration, checkpointInterval: options.checkpointInterval(old?.checkpointInterval),
            provenance: options.provenance(old?.provenance, seed: configuration.seed, inputs: inputs))
        plan.images.prepared(trainingImages, of: trainingCount, skipped: skipped)
        try show(train(trainer(configuration), plan: plan), frozen: frozen, of: architecture)
    }

    /// What the settings freeze of the network; nil for nothing.
    ///
    /// - Parameter old: of the run that is resumed.
    /// - Throws: `ConfigurationError`; `FileError.invalid` where a run has another stage than its network.
    private func frozenPart(of architecture: Architecture, resuming old: TrainingConfiguration?) throws -> FrozenPart? {
        do throws(ConfigurationError) {
            return try (old ?? applied(to: Self.defaults)).frozenPart(of: architecture)
        } catch {
            guard old != nil else { throw error }
            throw FileError.invalid(
                path: RunDirectory.configurationPath(in: options.output), place: "/configuration/\(error.setting)",
                problem: "expected \(error.expected), found \(error.found)")
        }
    }

    /// Trains, and writes what came of it.
    ///
    /// - Returns: how the averaged weights classify the test images.
    private func train(_ trainer: Trainer, plan: TrainingPlan) throws -> Evaluation {
        let (driver, _) = try options.driver(
            of: trainer, configuration: plan.json, checkpointEvery: plan.checkpointInterval)
        var tested = ""
        try options.session(of: "train").run(driver) { event, display in
            guard let step = event.finishedStep else { return }
            if let evaluation = step.evaluation { tested = "  test \((100 * evaluation.accuracy).fixed(2)) %" }
            display.showStep(step.step, isMilestone: step.evaluation != nil, step.figures + tested)
        }
        let network = FinishedNetwork(
            weights: try trainer.averagedWeights, statistics: trainer.statistics, classNames: plan.images.classNames,
            provenance: plan.provenance)
        return try driver.directory.tellingWhatIsKept {
            try ExportedRun().write(network, in: driver.directory)
            let result = try trainer.evaluate()
            try driver.directory.record(result, provenance: plan.provenance)
            return result
        }
    }

    /// Prints what the run in the directory came to.
    ///
    /// - Parameters:
    ///   - frozen: what was not trained of it; nil for nothing.
    ///   - architecture: the network.
    private func show(_ result: Evaluation, frozen: FrozenPart?, of architecture: Architecture) {
        let run = options.output, weights = RunDirectory.weightsPath(in: run)
        if options.json {
            let document: JSON = [
                "weights": .string(weights), "frozen": frozen?.json(of: architecture) ?? .null, "result": result.json,
            ]
            print(document.text(pretty: true))
        } else {
            let still = frozen.map { "Frozen: \($0.text(of: architecture))." }
            print(
                """
                \(result.sentence(classes: architecture.classes).wrapped(columns: TextTable.columns))
                \(still.map { $0.wrapped(columns: TextTable.columns) + "\n" } ?? "")The weights are in \(weights).
                \(NextCommand.line("export", "--run", run, "--format", "onnx", "--output", run + ".onnx"))
                """)
        }
    }

    /// The optimiser, for people: "sgd, learning rate 0.1 per 256 images, cosine, weight decay 0.0005".
    private static func text(of configuration: TrainingConfiguration) -> String {
        "\(configuration.optimizer.kind.rawValue), learning rate \(configuration.learningRatePer256) per 256 images, "
            + "\(configuration.learningRateSchedule.rawValue), weight decay \(configuration.optimizer.weightDecay)"
    }

    /// Checks that nothing was given that the run to resume has otherwise.
    private func checkSame(as plan: TrainingPlan) throws {
        try options.checkSame(
            "architecture", architecture, as: plan.architecture.source, source: Catalogue.architectures.source)
        try options.checkSame("inherit", inherit, as: plan.inherit) { try AbsolutePath.of(Catalogue.weightsPath(of: $0)) }
        try options.checkSame(plan.images, settings: applied(to: plan.configuration).json, as: plan.configuration.json)
    }
}

extension RawRepresentable<String> where Self: CaseIterable {
    /// The case of that name.
    ///
    /// - Throws: `ValidationError`, which names all of them.
    fileprivate static func named(_ text: String) throws -> Self {
        guard let found = Self(rawValue: text) else {
            throw ValidationError("expected \(allCases.map(\.rawValue).joined(separator: " or ")), found \(text)")
        }
        return found
    }
}

extension FrozenPart {
    /// For people: "stem to stage2.2, 5 of 11 layers with 1,204 of 9,340 weights".
    fileprivate func text(of architecture: Architecture) -> String {
        let range = layers.count > 1 ? "\(layers[0]) to \(layers[layers.count - 1])" : layers.joined()
        return "\(range), \(layers.count) of \(layersOfNetwork) layers with \(parameters.grouped) of "
            + "\(architecture.network.parameters.grouped) weights"
    }

    fileprivate func json(of architecture: Architecture) -> JSON {
        [
            "layers": .array(layers.map(JSON.string)), "parameters": .integer(parameters),
            "parameters_of_network": .integer(architecture.network.parameters),
        ]
    }
}
