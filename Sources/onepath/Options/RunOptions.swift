import ArgumentParser
import Datasets
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

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

    @Option(help: "Seed of all random numbers (default: \(TrainingConfiguration().seed)).")
    var seed: UInt64?

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
        if let seed { configuration.seed = seed }
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
    ///
    /// - Parameter count: of the run that is gone on with.
    /// - Throws: `DatasetError`; `FileError.invalid` where such a run has more images than there are.
    func training(_ images: ImageDataSource, count: Int?) throws -> ImageDataset {
        if let count, count > images.training.count {
            throw FileError.invalid(
                path: RunDirectory.configurationPath(in: output), place: "/train_examples",
                problem: "expected at most \(images.training.count), the images that there are, found \(count)")
        }
        return try (count ?? trainExamples).map { try images.training.prefix($0) } ?? images.training
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

    /// What is trained and tested on, for a dry run.
    func subject(_ images: ImageDataSource, trainingImages: Int) -> String {
        "\(data ?? ""): \(trainingImages.grouped) images to train on, \(images.test.count.grouped) to test on"
    }

    /// The directory of a new run, or of the one that is resumed.
    ///
    /// - Parameter configuration: of a new run.
    private func runDirectory(for run: some ResumableRun, configuration: JSON) throws -> RunDirectory {
        resume
            ? try RunDirectory(resuming: output, run: run, telling: Self.warn)
            : try RunDirectory(creating: output, configuration: configuration)
    }

    static func warn(_ sentence: String) { writeError("onepath: \(sentence)\n") }

    /// A driver of a new run, or of the one that is resumed, with where its logged steps go besides.
    ///
    /// - Parameters:
    ///   - configuration: of a new run.
    ///   - interval: a checkpoint is kept every so many steps.
    func driver<Run: ResumableRun>(
        of run: Run, configuration: JSON, checkpointEvery interval: Int
    ) throws -> (driver: RunDriver<Run>, log: any StepLog) {
        let directory = try runDirectory(for: run, configuration: configuration)
        let log = try ExportedRun().stepLog(in: output, resumingAfter: resume ? run.step : nil)
        return (RunDriver(run, in: directory, checkpointEvery: interval, log: log), log)
    }

    /// Where runs of a command go on.
    func session(of command: String) -> RunSession { RunSession(command: command, output: output) }


    /// The result of the run that is to be resumed, if it is finished.
    ///
    /// - Parameter provenance: of its inputs, which must still be the same.
    func finishedResult(_ provenance: Provenance) throws -> Evaluation? {
        try provenance.checkInputs(of: "run in \(output)")
        guard let result = try RunDirectory.result(ofRunIn: output) else { return nil }
        Self.warn("the run in \(output) is finished already")
        return result
    }

    /// The flag that gives a setting.
    private static func flag(of setting: String) -> String {
        let target = CostQuantity.allCases.first { SearchConfiguration.setting(of: $0) == setting }
        if let target { return "target-\(target.rawValue)" }
        return setting == "learning_rate_per_256" ? "learning-rate" : setting.replacing("_", with: "-")
    }
}
