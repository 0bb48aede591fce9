import Architectures
import ArgumentParser
import Datasets
import Exporter
import Files
import HardwareProfiles
import SupernetSearch

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Searches a space for the network to run on a device.",
        discussion: """
            Trains one supernet on the images and lets it decide its own sizes against the device's latencies. Writes \
            config.json, metrics.jsonl, the same for TensorBoard, architecture.json, the found network's inherited \
            weights, weights.safetensors, and result.json into the output directory, and checkpoints to go on from.
            """)

    private static let defaults = SearchConfiguration()

    @Option(help: "The search space: a name, or a path.")
    var space: String?

    @Option(help: "The device profile: a name, or a path.")
    var device: String?

    @Option(
        help: """
            Weight of the latency's logarithm in the loss: the larger, the faster the network found (default: \
            \(defaults.lambda)).
            """)
    var lambda: Double?

    @OptionGroup var targets: TargetOptions
    @OptionGroup var candidates: CandidateOptions
    @OptionGroup var options: RunOptions

    func validate() throws {
        if lambda != nil, !targets.given.isEmpty {
            throw ValidationError(
                "--lambda: the search finds the λ that keeps its targets; expected --lambda or targets, found both")
        }
        try options.checkGiven([("space", space), ("device", device), ("data", options.data)])
        try RunOptions.check { () throws(ConfigurationError) in try applied(to: Self.defaults).check() }
    }

    /// The settings with those replaced that were given.
    private func applied(to configuration: SearchConfiguration) -> SearchConfiguration {
        var configuration = configuration
        if let lambda { configuration.lambda = lambda }
        candidates.apply(to: &configuration)
        if !targets.given.isEmpty { configuration.targets = targets.given }
        options.apply(to: &configuration.training)
        return configuration
    }

    func run() throws {
        let old = options.resume ? try SearchPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        let spaceSource = old?.spaceSource ?? space ?? "", deviceSource = old?.deviceSource ?? device ?? ""
        let data = old?.data ?? options.data ?? ""
        let spacePath = try Catalogue.spaces.path(of: spaceSource)
        let space = try SearchSpace(contentsOf: spacePath)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: deviceSource))
        try device.checkTables(of: space)
        let costModel = CostModel(device: device)
        let images = try ImageDataSource(named: data, classes: space.classes, classesIn: spacePath)
        try Search.check(images.test, fits: space)
        let training = try options.training(images, count: old?.trainingImages)
        let configuration = old?.configuration ?? applied(to: Self.defaults)

        if let old {
            try old.provenance.checkInputs(of: "run in \(options.output)")
            if let result = try options.finishedResult() {
                return try show(result, targets: old.configuration.targets, space: space, costModel: costModel)
            }
        }
        let memory = TrainingMemory(
            searching: space, batch: configuration.batch, candidates: configuration.candidates,
            trainingImages: training.count)
        try options.checkFit(memory.total, batch: configuration.batch, of: training)
        func search(_ configuration: SearchConfiguration) throws -> Search {
            try Search(space: space, costModel: costModel, training: training, configuration: configuration)
        }
        if options.dryRun {
            try RunDirectory.checkCreatable(options.output)
            let peak = RunOptions.peak(with: memory.total)
            return try dryRun(
                configuration, make: search, device: device.name, images: images, trainingImages: training.count,
                memory: peak)
        }
        let provenance =
            try old?.provenance
            ?? Provenance(
                command: CommandLine.arguments.joined(separator: " "), seed: configuration.seed,
                files: [spacePath] + device.inputs + images.files)
        let plan = SearchPlan(
            space: space.name, spaceSource: spaceSource, device: device.name, deviceSource: deviceSource, data: data,
            trainingImages: training.count, configuration: configuration,
            checkpointInterval: options.checkpointInterval(old?.checkpointInterval), provenance: provenance)
        try show(
            find(search(configuration), plan: plan, test: images.test), targets: configuration.targets, space: space,
            costModel: costModel)
    }

    /// Searches, and writes what is found.
    ///
    /// - Returns: how the supernet, as it decided, classifies the test images.
    private func find(_ search: Search, plan: SearchPlan, test: ImageDataset) throws -> Evaluation {
        let directory = try options.runDirectory(for: search, configuration: plan.json)
        let events = try options.events(of: search, in: directory)
        options.showComparing(of: search, command: "search")
        try options.carry(
            search, in: directory, events: events, command: "search", checkpointEvery: plan.checkpointInterval,
            figures: \.figures)
        return try directory.recordFound(by: search, plan: plan, test: test, events: events)
    }

    /// Prints what the run in the directory came to.
    private func show(
        _ result: Evaluation, targets: [CostTarget], space: SearchSpace, costModel: CostModel
    ) throws {
        let path = RunDirectory.architecturePath(in: options.output)
        let report = SearchReport(
            path: path, space: space, costModel: costModel, architecture: try Architecture(contentsOf: path),
            targets: targets, supernet: result, decision: try RunDirectory.decision(ofRunIn: options.output))
        print(options.json ? report.json.text(pretty: true) + "\n" : report.text, terminator: "")
    }

    /// - Parameter make: a search of these settings.
    private func dryRun(
        _ configuration: SearchConfiguration, make: (SearchConfiguration) throws -> Search, device: String,
        images: ImageDataSource, trainingImages: Int, memory: Int
    ) throws {
        let timing = try SearchTiming(configuration, test: images.test, make: make)
        DryRun(
            subject: [("search", timing.search.supernet.space.name), ("device", device)] + configuration.facts
                + [("data", options.subject(images, trainingImages: trainingImages)), ("output", options.output)],
            timing: timing, memory: memory, seconds: timing.whole
        ).show(asJSON: options.json)
    }

    /// Checks that nothing was given that the run to go on with has otherwise.
    private func checkSame(as plan: SearchPlan) throws {
        try options.checkSame("space", space, as: plan.spaceSource)
        try options.checkSame("device", device, as: plan.deviceSource)
        try options.checkSame(
            data: plan.data, trainingImages: plan.trainingImages, settings: applied(to: plan.configuration).json,
            as: plan.configuration.json)
    }
}

extension SearchConfiguration {
    /// What a dry run tells of it, beside how long it trains.
    var facts: [(name: String, value: String)] {
        let aims = targets.isEmpty
            ? [("lambda", "\(lambda)")]
            : [("targets", targets.map { "\($0.quantity.text($0.limit)) of \($0.quantity.rawValue)" }.joined(separator: ", "))]
        return aims + [("candidates", "\(candidates)"), ("seed", "\(training.seed)")]
    }
}

extension SearchStep {
    /// How far the search is and how it goes.
    var figures: String {
        "epoch \(epoch)/\(epochs)  step \(step)/\(steps)  \(imagesPerSecond.fixed(0)) img/s  "
            + "CE \(crossEntropy.fixed(3))  \(runtimeMs.fixed(3)) ms"
    }
}
