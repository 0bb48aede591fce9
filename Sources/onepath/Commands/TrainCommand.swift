import Architectures
import ArgumentParser
import Datasets
import Exporter
import Files
import Glibc
import Runs
import Training

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains a network, from scratch or from the weights that a search left.",
        discussion: """
            Tells after every epoch how the averaged weights classify the test images, which are never trained on. \
            Writes config.json, metrics.jsonl, architecture.json, weights.safetensors and result.json into the output \
            directory, and checkpoints to go on from.
            """)

    private static let defaults = TrainingConfiguration()

    @Option(help: "The architecture: a name, or the path of a JSON file or of an exported Python file.")
    var architecture: String?

    @Option(help: "What to begin with: weights.safetensors, or the directory of the run that left it.")
    var inherit: String?

    @Option(help: "Learning rate at the start, for 256 images a step (default: \(defaults.learningRatePer256)).")
    var learningRate: Double?

    @Option(
        help: "How the rate falls: exponential or cosine (default: \(defaults.learningRateSchedule.rawValue)).",
        transform: { text in
            guard let kind = LearningRateSchedule.Kind(rawValue: text) else {
                throw ValidationError("expected exponential or cosine, found \(text)")
            }
            return kind
        })
    var learningRateSchedule: LearningRateSchedule.Kind?

    @Option(help: "Weight decay (default: \(defaults.optimizer.weightDecay)).")
    var weightDecay: Float?

    @Option(help: "Part of the average that a step leaves (default: \(defaults.movingAverageDecay)).")
    var movingAverageDecay: Float?

    @Option(help: "Dropout before the classifier (default: \(defaults.dropout)).")
    var dropout: Float?

    @Option(help: "Label smoothing (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Float?

    @Option(help: "Largest shift of an image, in pixels (default: \(defaults.augmentation.maximumShift)).")
    var maximumShift: Int?

    @Option(help: "Side of the square that is erased in an image (default: \(defaults.augmentation.erasedSide)).")
    var erasedSide: Int?

    @Flag(inversion: .prefixedNo, help: "Whether images are mirrored half of the time (default: --mirror).")
    var mirror: Bool?

    @OptionGroup var options: RunOptions

    func validate() throws {
        try options.checkGiven([("architecture", architecture), ("data", options.data)])
        try RunOptions.check { () throws(ConfigurationError) in try applied(to: Self.defaults).check() }
    }

    /// The settings with those replaced that were given.
    private func applied(to configuration: TrainingConfiguration) -> TrainingConfiguration {
        var configuration = configuration
        options.apply(to: &configuration)
        if let learningRate { configuration.learningRatePer256 = learningRate }
        if let learningRateSchedule { configuration.learningRateSchedule = learningRateSchedule }
        if let weightDecay { configuration.optimizer.weightDecay = weightDecay }
        if let movingAverageDecay { configuration.movingAverageDecay = movingAverageDecay }
        if let dropout { configuration.dropout = dropout }
        if let labelSmoothing { configuration.labelSmoothing = labelSmoothing }
        if let maximumShift { configuration.augmentation.maximumShift = maximumShift }
        if let erasedSide { configuration.augmentation.erasedSide = erasedSide }
        if let mirror { configuration.augmentation.mirror = mirror }
        return configuration
    }

    func run() throws {
        let old = options.resume ? try TrainingPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        let source = old?.architectureSource ?? architecture ?? "", data = old?.data ?? options.data ?? ""
        let inherit = old == nil ? inherit : old?.inherit
        let path = try Catalogue.architectures.path(of: source)
        let architecture = try Catalogue.architecture(named: source)
        let weightsPath = inherit.map(Self.weightsPath)
        let weights = try weightsPath.map { try WeightsFile(contentsOf: $0, for: architecture).weights }
        let images = try ImageDataSource(named: data, classes: architecture.classes)
        try Trainer.check(images.test, fits: architecture)
        let trainingImages = try options.training(images, count: old?.trainingImages)
        let configuration = old?.configuration ?? applied(to: Self.defaults)
        if let old, let result = try options.finishedResult(old.provenance) { return show(result) }
        let memory = TrainingMemory(training: architecture, batch: configuration.batch)
        try options.checkFit(memory.total, batch: configuration.batch, of: trainingImages)
        func trainer() throws -> Trainer {
            try Trainer(
                of: architecture, inheriting: weights, trainingImages: trainingImages, testImages: images.test,
                configuration: configuration)
        }
        if options.dryRun {
            // Of what is resident before there is a trainer, which is what `memory` counts.
            let peak = RunOptions.peak(with: memory.total)
            return try dryRun(trainer(), images: images, trainingImages: trainingImages.count, memory: memory, peak: peak)
        }
        let provenance =
            try old?.provenance
            ?? Provenance(
                command: CommandLine.arguments.joined(separator: " "), seed: configuration.seed,
                files: [path] + (weightsPath.map { [$0] } ?? []) + images.files)
        let plan = TrainingPlan(
            architecture: architecture.name, architectureSource: source, inherit: inherit, data: data,
            trainingImages: trainingImages.count, configuration: configuration,
            checkpointInterval: options.checkpointInterval(old?.checkpointInterval), provenance: provenance)
        try show(train(trainer(), plan: plan))
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
            weights: try trainer.averagedWeights, statistics: trainer.statistics, provenance: plan.provenance)
        try ExportedRun().write(network, in: driver.directory)
        let result = trainer.evaluate()
        try driver.directory.record(result, provenance: plan.provenance)
        return result
    }

    /// Prints what the run in the directory came to.
    private func show(_ result: Evaluation) {
        let weights = RunDirectory.weightsPath(in: options.output)
        if options.json {
            let document: JSON = ["weights": .string(weights), "result": result.json]
            print(document.text(pretty: true))
        } else {
            print(
                """
                \(result.sentence.wrapped(columns: TextTable.columns))
                The weights are in \(weights).
                """)
        }
    }

    /// - Parameter peak: resident at the most, in bytes.
    private func dryRun(
        _ trainer: Trainer, images: ImageDataSource, trainingImages: Int, memory: TrainingMemory, peak: Int
    ) throws {
        try RunDirectory.checkCreatable(options.output)
        let configuration = trainer.configuration
        let timing = try TrainingTiming(trainer, testImages: images.test, memory: memory, report: DryRun.showTiming)
        DryRun(
            subject: [
                ("train", trainer.network.architecture.name), ("from", inherit ?? "scratch"),
                ("seed", "\(configuration.seed)"),
                ("data", options.subject(images, trainingImages: trainingImages)), ("output", options.output),
            ], length: .init(steps: trainer.steps, configuration), phases: timing.phases,
            memory: peak, secondsPerStep: timing.secondsPerStep
        ).show(asJSON: options.json)
    }

    /// Checks that nothing was given that the run to resume has otherwise.
    private func checkSame(as plan: TrainingPlan) throws {
        try options.checkSame("architecture", architecture, as: plan.architectureSource)
        try options.checkSame("inherit", inherit, as: plan.inherit)
        try options.checkSame(
            data: plan.data, trainingImages: plan.trainingImages, settings: applied(to: plan.configuration).json,
            as: plan.configuration.json)
    }

    /// The file of weights that is meant: in the directory of a run, the one that the run left.
    private static func weightsPath(_ path: String) -> String {
        var status = stat()
        let isDirectory = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        return isDirectory ? RunDirectory.weightsPath(in: path) : path
    }
}

extension Evaluation {
    /// For people.
    var sentence: String {
        "\((100 * accuracy).fixed(2)) % of \(count.grouped) test images are classified as labelled, "
            + "\((100 * accuracyAmongFive).fixed(2)) % among the first five; cross-entropy \(crossEntropy.fixed(4))."
    }
}
