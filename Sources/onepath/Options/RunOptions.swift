import ArgumentParser
import Datasets
import Exporter
import Files
import HardwareProfiles
import SupernetSearch

/// What the runs that train have in common on the command line.
struct RunOptions: ParsableArguments {
    @Option(help: "The images: fashion-mnist, or a directory of four IDX files.")
    var data: String?

    @Option(
        name: .customLong("output"),
        help: "A directory for the results; it must not hold another run, unless --resume is given.")
    var directory: String?

    @Option(
        help: """
            How many times every image is seen (default: \(SearchConfiguration().epochs) to search, \
            \(TrainingConfiguration().epochs) to train).
            """)
    var epochs: Int?

    @Option(help: "Images a step (default: \(TrainingConfiguration().batch)).")
    var batch: Int?

    @Option(
        help: "Seed of all random numbers (default: \(TrainingConfiguration().seed)).", transform: Seed.init(argument:))
    var seed: Seed?

    @Option(help: "Threads to compute with (default: all cores).")
    var threads: Int?

    @Option(help: ArgumentHelp("Train on the first N images only.", valueName: "N"))
    var trainExamples: Int?

    @Option(
        help: ArgumentHelp(
            "Keep a checkpoint every N steps (default: \(Self.defaultCheckpointInterval), or as the run that is gone on with).",
            valueName: "N"))
    var checkpointEvery: Int?

    @Flag(help: "Go on with the run in --output, which was stopped; its config.json says how.")
    var resume = false

    @Flag(help: "Print what would run, its memory and its time, and write nothing.")
    var dryRun = false

    @Flag(help: "Print the result as one JSON document instead of a table.")
    var json = false

    /// The directory for the results; it is checked to be given.
    var output: String { directory ?? "" }

    private static let defaultCheckpointInterval = 200

    /// How many steps are between two checkpoints.
    ///
    /// - Parameter had: of the run that is gone on with.
    func checkpointInterval(_ had: Int?) -> Int { checkpointEvery ?? had ?? Self.defaultCheckpointInterval }

    func validate() throws {
        if let directory, directory.isEmpty { throw ValidationError("--output: expected a directory, found nothing") }
        if let checkpointEvery, !(1...1_000_000_000).contains(checkpointEvery) {
            throw ValidationError("--checkpoint-every: expected a number from 1, found \(checkpointEvery)")
        }
        if resume && dryRun {
            throw ValidationError(
                "--resume goes on with a run, --dry-run begins none: expected one of them, found both")
        }
    }

    /// Replaces what was given.
    func apply(to configuration: inout TrainingConfiguration) {
        if let epochs { configuration.epochs = epochs }
        if let batch { configuration.batch = batch }
        if let seed { configuration.seed = seed.value }
        if let threads { configuration.threads = threads }
    }

    /// Checks that a new run has what it needs; a resumed one finds all but its directory in its configuration.
    ///
    /// - Throws: `ValidationError`.
    func checkGiven(_ inputs: [(flag: String, value: String?)]) throws {
        let needed = (resume ? [] : inputs) + [("output", directory)]
        let missing = needed.filter { $0.value == nil }.map { "--\($0.flag)" }
        guard missing.isEmpty else {
            let way = resume ? "of the run to go on with" : "or --resume to go on with the run in --output"
            throw ValidationError("expected \(missing.joined(separator: " and ")), \(way)")
        }
    }

    /// Checks the settings of a run.
    ///
    /// - Throws: `ValidationError` in the words of the flags.
    static func check(_ body: () throws(ConfigurationError) -> Void) throws {
        do throws(ConfigurationError) {
            try body()
        } catch {
            throw ValidationError(sentence(of: error))
        }
    }

    /// What is wrong with a setting, in the words of the flags.
    static func sentence(of error: ConfigurationError) -> String {
        "--\(flag(of: error.setting)): expected \(error.expected), found \(error.found)"
    }

    /// Checks that a flag that is given with --resume says what the run has.
    ///
    /// - Throws: `ValidationError`.
    func checkSame(_ flag: String, _ given: String?, as had: String?) throws {
        guard let given, given != had else { return }
        throw ValidationError(
            "--\(flag): the run in \(output) has \(had ?? "none"), found \(given); leave it out to go on with that run, "
                + "or begin another in another --output")
    }

    /// Checks that the images and settings that are given with --resume are those that the run has.
    ///
    /// - Parameters:
    ///   - data: the run's images.
    ///   - trainingImages: how many of them it trains on.
    ///   - given: the run's settings with the flags applied, as an object.
    ///   - had: the run's settings.
    /// - Throws: `ValidationError`.
    func checkSame(data: String, trainingImages: Int, settings given: JSON, as had: JSON) throws {
        try checkSame("data", self.data, as: data)
        try checkSame("train-examples", trainExamples.map(String.init), as: String(trainingImages))
        guard case .object(let members) = given else { return }
        for member in members where had[member.key] != member.value {
            try checkSame(
                Self.flag(of: member.key), member.value.text(pretty: false), as: had[member.key]?.text(pretty: false))
        }
    }

    /// The first images, if not all are to be trained on.
    func training(_ images: ImageDataSource, count: Int?) throws -> ImageDataset {
        try (count ?? trainExamples).map { try images.training.prefix($0) } ?? images.training
    }

    /// Checks that there are images for a batch, and that a run fits into the memory that is free.
    ///
    /// - Parameter memory: that it takes, in bytes.
    /// - Throws: `DatasetError`, `ValidationError`.
    func checkFit(_ memory: Int, batch: Int, of images: ImageDataset) throws {
        try BatchSampler.check(batch: batch, of: images)
        guard let available = ProcessMemory.available, memory > available else { return }
        func gibibytes(_ bytes: Int) -> String { "\((Double(bytes) / 1_073_741_824).fixed(1)) GiB" }
        throw ValidationError(
            "--batch: expected so many images a step as fit into the \(gibibytes(available)) of memory that are free, "
                + "found more, which take \(gibibytes(memory))")
    }

    /// What will be resident at the most, in bytes, once so many are added to this process.
    static func peak(with memory: Int) -> Int { (ProcessMemory.resident ?? 0) + memory }

    /// How long it takes to classify images, in seconds, from classifying the first of them.
    static func evaluationSeconds(_ images: ImageDataset, _ classify: (ImageDataset) throws -> Void) throws -> Double {
        let count = min(images.count, 1000)
        let sample = try images.prefix(count)
        let time = try ContinuousClock().measure { try classify(sample) }
        return time / .seconds(1) * Double(images.count) / Double(count)
    }

    /// What is trained and tested on, for a dry run.
    func subject(_ images: ImageDataSource, trainingImages: Int) -> String {
        "\(data ?? ""): \(trainingImages.grouped) images to train on, \(images.test.count.grouped) to test on"
    }

    /// The directory of a new run, or of the one to go on with.
    ///
    /// - Parameter configuration: of a new run.
    func runDirectory(for run: some ResumableRun, configuration: JSON) throws -> RunDirectory {
        resume
            ? try Self.resumed(output, run: run) : try RunDirectory(creating: output, configuration: configuration)
    }

    /// The directory of a run that was stopped, to go on in; it is told where its newest checkpoint does not serve.
    static func resumed(_ path: String, run: some ResumableRun) throws -> RunDirectory {
        try RunDirectory(resuming: path, run: run) { writeError("onepath: \($0)\n") }
    }

    /// The file of the run's figures for TensorBoard; one more where the run is gone on with.
    func events(of run: some ResumableRun, in directory: RunDirectory) throws -> EventFile {
        resume
            ? try EventFile(resuming: directory.path, after: run.step) : try EventFile(creating: directory.path)
    }

    /// The result of the run that is to be gone on with, if it is finished, which is told.
    func finishedResult() throws -> Evaluation? {
        guard let result = try RunDirectory.result(ofRunIn: output) else { return nil }
        writeError("onepath: the run in \(output) is finished already\n")
        return result
    }

    /// Lets a run go on to its end, shows how far it is, and stops it with a checkpoint when that is asked for.
    ///
    /// - Parameters:
    ///   - events: take the logged steps.
    ///   - command: the command that goes on with it.
    ///   - interval: a checkpoint is kept every so many steps.
    ///   - end: the step after which it is done for now; nil for its last.
    ///   - isMilestone: whether a step is shown in any case.
    ///   - figures: of a step; asked for every one.
    /// - Throws: `Interruption` where it was stopped.
    func carry<Run: ResumableRun>(
        _ run: Run, in directory: RunDirectory, events: EventFile, command: String, checkpointEvery interval: Int,
        until end: Int? = nil, isMilestone: (Run.Step) -> Bool = { _ in false }, figures: (Run.Step) -> String
    ) throws {
        let end = end ?? run.steps
        guard run.step < end else { return }
        func fraction() -> Double { Double(run.step) / Double(end) }
        var display = ProgressDisplay(from: fraction())
        Interruption.listen()
        let isAtEnd: Bool
        do {
            isAtEnd = try directory.carry(
                run, checkpointEvery: interval, isToStop: { Interruption.isRequested || run.step == end },
                report: { step in
                    if step.isLogged { try events.append(metrics: run.line(of: step)) }
                    let figures = figures(step)
                    display.show(fraction: fraction(), isMilestone: isMilestone(step), figures)
                })
        } catch {
            display.finish()
            // Not after a step, but while networks were compared.
            if error is Interruption { try directory.keep(run) }
            throw error
        }
        guard isAtEnd || run.step == end else {
            display.finish()
            throw Interruption(
                description: "interrupted after step \(run.step) of \(run.steps); go on with\n"
                    + "    onepath \(command) --resume --output \(output)")
        }
    }

    /// Shows how far a search is when it compares networks, and lets it be interrupted there.
    func showComparing(of search: Search, command: String) {
        // Their times begin before the first network.
        lazy var comparing = ProgressDisplay()
        lazy var trying = ProgressDisplay()
        search.comparing = { done, count in
            comparing.show(fraction: Double(done) / Double(count), "comparing networks  \(done)/\(count)")
            try checkInterruption(command: command)
        }
        search.trying = { done, count in
            trying.show(fraction: done / Double(count), "trying networks  \(Int(done))/\(count)")
            try checkInterruption(command: command)
        }
    }

    /// Called between two networks that are compared.
    ///
    /// - Throws: `Interruption` where that was asked for.
    func checkInterruption(command: String) throws {
        guard Interruption.isRequested else { return }
        throw Interruption(
            description: "interrupted while networks were compared; go on with\n"
                + "    onepath \(command) --resume --output \(output)")
    }

    /// The flag that gives a setting.
    private static func flag(of setting: String) -> String {
        let target = CostQuantity.allCases.first { SearchConfiguration.setting(of: $0) == setting }
        if let target { return "target-\(target.rawValue)" }
        return setting == "learning_rate_per_256" ? "learning-rate" : setting.replacing("_", with: "-")
    }
}
