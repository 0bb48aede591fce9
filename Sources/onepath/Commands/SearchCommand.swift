import ArgumentParser
import Files
import Runs
import SupernetSearch
import Training

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Searches a space for the most accurate network that a device runs in time.",
        discussion: """
            Trains one supernet, in which gradient descent learns what each part is worth against its latency on the device: \
            a warm-up, the search with a comparison of candidates at its end, a fine-tune phase. Writes config.json, \
            metrics.jsonl and the same for TensorBoard, architecture.json, the inherited weights as weights.safetensors, \
            result.json, and checkpoints to resume from.
            """)

    private static let defaults = SearchConfiguration()

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String?

    @Option(
        help: """
            The device profile: a name, or a path. With several --device, targets are kept on all of them, and the first \
            one's latency is what is shown.
            """, completion: .devices)
    var device: [String] = []

    @Option(
        help: """
            Weight of log(latency) in the loss: the larger, the faster the network that is found (default: \
            \(defaults.lambda)).
            """)
    var lambda: Double?

    @OptionGroup var deviceThreads: DeviceThreads
    @OptionGroup var targets: TargetOptions
    @OptionGroup var candidates: CandidateOptions
    @OptionGroup var options: RunOptions

    func validate() throws {
        if lambda != nil, !targets.given.isEmpty {
            throw ValidationError(
                "--lambda: with targets, the search adjusts λ itself; expected --lambda or targets, found both")
        }
        try options.checkGiven([("space", space), ("device", device.first), ("data", options.data)])
        if device.count > 1, targets.given.isEmpty, !options.resume {
            throw ValidationError("--device: expected targets that several devices are to keep, or one device, found \(device.count)")
        }
        // A name and a path may be those of one file; what is no file is refused where it is read.
        let files = device.map { AbsolutePath.of((try? Catalogue.devices.path(of: $0)) ?? $0) }
        if Set(files).count < files.count {
            throw ValidationError("--device: expected different devices, found one twice: \(device.joined(separator: ", "))")
        }
        try RunOptions.check { () throws(ConfigurationError) in try applied(to: Self.defaults).check() }
    }

    /// The settings with those replaced that were given.
    private func applied(to configuration: SearchConfiguration, on inputs: SearchInputs? = nil) -> SearchConfiguration {
        var configuration = configuration
        if let lambda { configuration.lambda = lambda }
        candidates.apply(to: &configuration)
        if !targets.given.isEmpty {
            configuration.targets = inputs.map {
                targets.kept(on: [$0.costModel] + $0.others.map(\.costModel), for: $0.space)
            } ?? targets.given
        }
        options.apply(to: &configuration.training)
        return configuration
    }

    func run() throws {
        let old = options.resume ? try SearchPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        var inputs = try SearchInputs(
            .init(old, space: space, devices: device, deviceThreads: deviceThreads, data: options.data), options: options,
            resuming: old?.images)
        if let old {
            try options.checkSame(deviceThreads, as: inputs)
            // With a confidence the targets follow from the devices.
            if targets.confidence != nil { try checkSettings(as: old, on: inputs) }
        }
        let configuration = old?.configuration ?? applied(to: inputs.suited(Self.defaults, options: options), on: inputs)
        if let old, let result = try options.finishedResult(old.provenance, inputs: inputs.provenanceInputs) {
            return try show(result, of: inputs, configuration, images: old.images)
        }
        if old == nil, let explanation = targets.explanation(of: configuration.targets) {
            writeError("onepath: \(explanation)\n")
        }
        ThreadsOption.warn(of: configuration.threads)
        let memory = inputs.memory(configuration)
        try options.checkFit(
            memory.total, batch: configuration.batch, of: inputs.trainingImages, holdingOut: inputs.heldOut)
        try Search.check(configuration.targets, space: inputs.space, costModel: inputs.costModel, others: inputs.others)
        try options.checkCreatable(before: inputs.images)
        if options.dryRun {
            try inputs.leaveOutBroken(options.photos)
            return try dryRun(configuration, of: inputs, memory: memory)
        }

        try inputs.cacheImages(options.photos, for: configuration, resuming: old?.images)
        let plan = try inputs.plan(configuration, options: options, old: old)
        let (driver, log) = try options.driver(
            of: inputs.search(configuration), configuration: plan.json, checkpointEvery: plan.checkpointInterval)
        try options.session(of: "search").run(driver) { $1.show($0) }
        let result = try driver.directory.recordFound(
            by: driver.run, plan: plan, testImages: inputs.testImages, export: ExportedRun(), log: log)
        try show(result, of: inputs, configuration, images: plan.images)
    }

    /// Prints what the run in the directory came to.
    ///
    /// - Parameter images: of the run.
    private func show(
        _ result: Evaluation, of inputs: SearchInputs, _ configuration: SearchConfiguration, images: RunImages
    ) throws {
        let report = try SearchReport(
            run: options.output, inputs: inputs, configuration: configuration, supernet: result)
        if options.json { return print(report.json.text(pretty: true)) }
        print(report.text, terminator: "")
        let run = options.output
        print(
            NextCommand.line(
                ["train", "--architecture", run, "--inherit", run, "--data", inputs.dataAsGiven]
                    + NextCommand.options(of: images, resolution: configuration.training.trainResolution)
                    + ["--output", run + "-trained"]))
    }

    private func dryRun(_ configuration: SearchConfiguration, of inputs: SearchInputs, memory: TrainingMemory) throws {
        let peak = RunOptions.peak(with: memory.total)
        DryRun(
            subject: [("search", inputs.space.name)] + inputs.deviceFacts + configuration.facts
                + [("data", options.subject(training: inputs.trainingImages, test: inputs.testImages)), ("output", options.output)],
            timing: try inputs.timing(configuration), memory: peak
        ).show(asJSON: options.json)
    }

    /// Checks that nothing was given that the run to resume has otherwise.
    private func checkSame(as plan: SearchPlan) throws {
        try options.checkSame("space", space, as: plan.space.source, source: Catalogue.spaces.source)
        let devices = [plan.device.source] + plan.otherDevices.map(\.source)
        if !device.isEmpty, device.count != devices.count {
            try options.checkSame("device", device.joined(separator: ", "), as: devices.joined(separator: ", "))
        }
        for (given, had) in zip(device, devices) {
            try options.checkSame("device", given, as: had, source: Catalogue.devices.source)
        }
        if targets.confidence == nil { try checkSettings(as: plan, on: nil) }
    }

    private func checkSettings(as plan: SearchPlan, on inputs: SearchInputs?) throws {
        try options.checkSame(
            plan.images, settings: applied(to: plan.configuration, on: inputs).json, as: plan.configuration.json)
    }
}

extension SearchConfiguration {
    /// What a dry run shows of it, beside how long it trains.
    var facts: [(name: String, value: String)] {
        let aims = targets.isEmpty
            ? [("lambda", "\(lambda)")]
            : [("targets", targets.map { "\($0.quantity.text($0.limit)) of \($0.quantity.rawValue)" }.joined(separator: ", "))]
        return aims + [("candidates", "\(candidates)"), ("seed", "\(training.seed)")]
    }
}
