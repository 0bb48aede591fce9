import Architectures
import ArgumentParser
import Datasets
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// What the runs that train have in common on the command line.
struct RunOptions: ParsableArguments {
    @Option(
        help: """
            The images: fashion-mnist, a folder of JPEG or PNG images with one sub-folder for each class, or one of four IDX \
            files.
            """,
        completion: .dataSets)
    var data: String?

    @Option(
        name: .customLong("output"),
        help: "The folder for the results; without --resume it must not hold a run.", completion: .directory)
    var directory: String?

    @Option(
        help: """
            How many epochs to train (default: \(SearchConfiguration().epochs) in a search, \
            \(TrainingConfiguration().epochs) in a training).
            """)
    var epochs: Int?

    @Option(help: "Images per step (default: \(TrainingConfiguration().batch)).")
    var batch: Int?

    @Option(
        help: "Seed of all random numbers (default: \(TrainingConfiguration().seed)).", transform: Seed.init(argument:))
    var seed: Seed?

    @Option(help: "How many threads train (default: all cores of this machine).")
    var threads: Int?

    @Option(help: ArgumentHelp("Train on N images only: the first, or of a folder evenly spaced ones.", valueName: "N"))
    var trainExamples: Int?

    @Option(
        help: ArgumentHelp(
            """
            Train on images with this many pixels along the shorter side; 96-160 begins with 96 and ends with 160 (default: \
            the network's input). Latencies stay those of the network's input.
            """,
            valueName: "pixels"),
        transform: { text in
            guard let resolution = TrainResolution(text) else {
                throw ValidationError("expected a number of pixels, or two such as 96-160, found \(text)")
            }
            return resolution
        })
    var trainResolution: TrainResolution?

    @OptionGroup var photos: PhotoOptions
    @OptionGroup var augmentation: AugmentationOptions

    @Option(
        help: ArgumentHelp(
            "Write a checkpoint every N steps (default: \(Self.defaultCheckpointInterval); of a resumed run, as before).",
            valueName: "N"))
    var checkpointEvery: Int?

    @Flag(help: "Resume the run in --output, with the settings in its config.json.")
    var resume = false

    @Flag(help: "Print what would run, how long each phase takes and its memory; write nothing.")
    var dryRun = false

    @Flag(help: "Print the result as one JSON document instead of a table.")
    var json = false

    @OptionGroup var provenanceOptions: ProvenanceOptions

    /// The directory for the results; it is checked to be given. It does not end with a slash, so that the names of other
    /// files can begin with it.
    var output: String {
        var path = (directory ?? "")[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

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
                "--resume resumes a run, --dry-run starts none: expected one of them, found both")
        }
    }

    /// Replaces what was given.
    func apply(to configuration: inout TrainingConfiguration) {
        if let epochs { configuration.epochs = epochs }
        if let batch { configuration.batch = batch }
        if let seed { configuration.seed = seed.value }
        if let threads { configuration.threads = threads }
        if let trainResolution { configuration.trainResolution = trainResolution }
        configuration.augmentation = augmentation.applied(to: configuration.augmentation)
    }

    /// Checks that a new run has what it needs; a resumed one finds all but its directory in its configuration.
    ///
    /// - Throws: `ValidationError`.
    func checkGiven(_ inputs: [(flag: String, value: String?)]) throws {
        let needed = (resume ? [] : inputs) + [("output", directory)]
        let missing = needed.filter { $0.value == nil }.map { "--\($0.flag)" }
        guard missing.isEmpty else {
            let way = resume ? "the folder of the run to resume" : "or --resume to resume the run in --output"
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
    /// - Parameter source: how a run keeps what is given; older runs have paths as they were given.
    /// - Throws: `ValidationError`.
    func checkSame(
        _ flag: String, _ given: String?, as had: String?, source: (String) throws -> String = { $0 }
    ) throws {
        // What is not there any more is the same only by its name.
        func kept(_ text: String) -> String { (try? source(text)) ?? AbsolutePath.of(text) }
        guard let given, given != had, kept(given) != had.map(kept) else { return }
        throw ValidationError(
            "--\(flag): the run in \(output) has \(had ?? "none"), found \(given); leave it out to resume that run, or "
                + "start another run in another --output")
    }

    /// Checks that the devices' threads that are given with --resume are those that the run has.
    ///
    /// - Throws: `ValidationError`.
    func checkSame(_ given: DeviceThreads, as inputs: SearchInputs) throws {
        guard let count = try given.given else { return }
        for device in [inputs.device] + inputs.otherDevices {
            try checkSame("device-threads", String(count.number(on: device)), as: String(device.runtime.threads))
        }
    }

    /// Checks that the images and settings that are given with --resume are those that the run has.
    ///
    /// - Parameters:
    ///   - images: the run's.
    ///   - given: the run's settings with the flags applied, as an object.
    ///   - had: the run's settings.
    /// - Throws: `ValidationError`.
    func checkSame(_ images: RunImages, settings given: JSON, as had: JSON) throws {
        try checkSame("data", data, as: images.data, source: Catalogue.dataSource)
        try checkSame("train-examples", trainExamples.map(String.init), as: String(images.count))
        guard case .object(let members) = given, case .object(let others) = had else { return }
        for member in members where had[member.key] != member.value {
            let value = Self.text(of: member.key, member.value), old = had[member.key].map { Self.text(of: member.key, $0) }
            try checkSame(Self.flag(of: member.key), value, as: old)
        }
        // What has no say is left out of settings.
        for other in others where given[other.key] == nil {
            try checkSame(Self.flag(of: other.key), "none", as: Self.text(of: other.key, other.value))
        }
    }

    /// The images that were given, or those of the run that is resumed.
    ///
    /// - Parameters:
    ///   - data: their name, or the path of their folder.
    ///   - classes: of the space or architecture, for data that do not decide on them.
    ///   - path: where that number stands.
    ///   - old: of the run that is resumed.
    /// - Throws: `FileError`, also where a folder has other classes than the run; `ValidationError` where the run reads decoded
    ///   copies, and none are wanted now.
    func images(
        _ data: String, classes: Int, classesIn path: String, resuming old: RunImages?
    ) throws -> ImageDataSource {
        let images = try ImageDataSource(
            named: data, classes: classes, classesIn: path,
            holdout: photos.split.share(of: old?.holdout))
        if let names = old?.classNames, names != images.classNames {
            let found = images.classNames ?? [], same = zip(names, found).prefix { $0 == $1 }.count
            throw FileError.invalid(
                path: data, place: "",
                problem: names.count == found.count
                    ? "class \(same): expected \"\(names[same])\", with which the run in \(output) began, found \"\(found[same])\""
                    : "expected the \(names.count) classes with which the run in \(output) began, found "
                        + (found.isEmpty ? "images without names of classes" : "\(found.count)"))
        }
        // The pixels of the files may be others.
        if photos.avoidsCache, images.folder != nil, let old, !old.isUncached {
            try checkSame("no-cache", "none", as: "decoded copies of the images")
        }
        for line in images.folder?.leftOut ?? [] { Self.warn("\(data): left out \(line)") }
        if let folder = images.folder {
            Self.warn(ofClasses: folder.classesWithoutTraining, without: "image for training", in: data)
            Self.warn(ofClasses: folder.classesWithoutValidation, without: "image for validation", in: data)
            for names in folder.similarClasses.prefix(4) {
                Self.warn("\(data): the classes \(names.quoted) have nearly the same name; put their images into one folder, "
                    + "if they are one class")
            }
        }
        return images
    }

    /// Says that classes lack something, if any do.
    ///
    /// - Parameters:
    ///   - names: of the classes.
    ///   - what: that they lack: "image for validation".
    ///   - data: that they are of.
    static func warn(ofClasses names: [String], without what: String, in data: String) {
        if names.isEmpty { return }
        warn(
            "\(data): no \(what) of \(names.count) class\(names.count == 1 ? "" : "es"): "
                + names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : ""))
    }

    /// The augmentation that suits images, as they are read in the first epoch.
    ///
    /// - Parameter input: of the network.
    func usualAugmentation(of images: ImageDataSource, input: FeatureShape) -> Augmentation {
        images.usualAugmentation(ofFrames: trainResolution?.first ?? min(input.height, input.width))
    }

    /// How a run's configuration refers to images.
    func runImages(_ images: ImageDataSource, data: String, count: Int) -> RunImages {
        RunImages(
            data: Catalogue.dataSource(of: data), count: count,
            holdout: images.folder.flatMap { $0.validationFolder == nil ? $0.holdout : nil },
            classNames: images.classNames)
    }

    /// The first images, if not all are to be trained on.
    ///
    /// - Parameter count: of the run that is gone on with.
    /// - Throws: `DatasetError`; `FileError.invalid` where such a run has more images than there are.
    func training(_ images: ImageDataSource, count: Int?) throws -> ImageDataset {
        if let count, count > images.training.count {
            // Images that were removed are likelier than another number in the file.
            throw FileError.invalid(
                path: images.training.name, place: "",
                problem: "expected at least \(count.grouped) images, the train_examples of "
                    + "\(RunDirectory.configurationPath(in: output)), found \(images.training.count.grouped)")
        }
        let wanted = count ?? trainExamples
        return try wanted.map { try images.training.prefix($0) } ?? images.training
    }

    /// Checks that there are images for a batch, and that a run fits into the memory that is free.
    ///
    /// - Parameters:
    ///   - memory: that it takes, in bytes.
    ///   - heldOut: how many of the images are not trained on.
    /// - Throws: `ValidationError`.
    func checkFit(_ memory: Int, batch: Int, of images: ImageDataset, holdingOut heldOut: Int = 0) throws {
        do {
            try BatchSampler.check(batch: batch, of: images, holdingOut: heldOut)
        } catch {
            throw ValidationError("--batch: \(error)")
        }
        guard let available = ProcessMemory.available, memory > available else { return }
        func gibibytes(_ bytes: Int) -> String { "\((Double(bytes) / 1_073_741_824).fixed(1)) GiB" }
        throw ValidationError(
            "--batch: expected a batch that fits into the \(gibibytes(available)) of free memory, found one that takes "
                + gibibytes(memory))
    }

    /// Checks that a new run can be made before its images are read, which takes long where they are in a folder.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func checkCreatable(before images: ImageDataSource) throws {
        if !resume, dryRun || images.folder != nil { try RunDirectory.checkCreatable(output) }
    }

    /// What will be resident at the most, in bytes, once so many are added to this process.
    static func peak(with memory: Int) -> Int { (ProcessMemory.resident ?? 0) + memory }

    /// How a run came about.
    ///
    /// - Parameter old: of the run that is resumed.
    func provenance(_ old: Provenance?, seed: UInt64, inputs: [Provenance.Input]) -> Provenance {
        old.map(provenanceOptions.shown) ?? provenanceOptions.provenance(seed: seed, inputs: inputs)
    }

    /// What is trained and tested on, for a dry run.
    func subject(training: ImageDataset, test: ImageDataset) -> String {
        "\(data ?? ""): \(training.count.grouped) training images, \(test.count.grouped) test images"
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
    /// - Parameters:
    ///   - provenance: of the run.
    ///   - inputs: its inputs, which must still be what they were.
    func finishedResult(_ provenance: Provenance, inputs: [Provenance.Input]) throws -> Evaluation? {
        try provenance.checkInputs(inputs, of: "run in \(output)")
        guard let result = try RunDirectory.result(ofRunIn: output) else { return nil }
        try RunDirectory.checkNetwork(ofRunIn: output)
        Self.warn("the run in \(output) is finished already")
        return result
    }

    /// The flag that gives a setting.
    private static func flag(of setting: String) -> String {
        if let target = target(of: setting) { return "target-\(target.rawValue)" }
        return shorterFlags[setting] ?? setting.replacing("_", with: "-")
    }

    /// The quantity whose target a setting is.
    private static func target(of setting: String) -> CostQuantity? {
        CostQuantity.allCases.first { SearchConfiguration.setting(of: $0) == setting }
    }

    /// The value of a setting, in the unit of its flag.
    private static func text(of setting: String, _ value: JSON) -> String {
        guard let target = target(of: setting) else { return value.text(pretty: false) }
        return switch value {
        case .integer(let limit): target.text(Double(limit))
        case .number(let limit): target.text(limit)
        default: value.text(pretty: false)
        }
    }

    /// Flags that are shorter than the settings that they give.
    private static let shorterFlags = [
        "learning_rate_per_256": "learning-rate", "quantization_aware_epochs": "quantization-aware",
    ]
}
