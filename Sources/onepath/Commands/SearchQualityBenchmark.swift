import Architectures
import ArgumentParser
import Benchmarks
import Datasets
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

struct SearchQualityBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search-quality",
        abstract: "Compares networks found by searches with random and uniform ones of the same latency.",
        usage: "onepath benchmark search-quality [<options>] --output <output>",
        discussion: """
            For each target latency, the networks that searches of several seeds find, random networks within 3 % of the \
            target and uniform ones near it are trained alike, from weights that they inherit from separate warm-ups, and \
            compared on the test images. The accuracy that the random networks inherit from a warm-up is also compared \
            with what they reach when trained. Results are kept in the output folder; the same command resumes there.
            """)

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space = "fashion-mnist"

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device = "pixel1"

    @Option(help: "The images: fashion-mnist, or a folder of four IDX files.", completion: .dataSets)
    var data = "fashion-mnist"

    @Option(help: "The folder for the results.", completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp("The target latencies.", valueName: "ms,ms,…"),
        transform: { try NumberList(argument: $0).numbers })
    var targetLatencies = [1.4, 1.9, 2.4]

    @Option(help: ArgumentHelp("Random networks for each target.", valueName: "N"))
    var random = 20

    @Option(help: ArgumentHelp("Searches for each target.", valueName: "N"))
    var seeds = 5

    @Option(help: "Epochs of every search.")
    var searchEpochs = SearchConfiguration().epochs

    @Option(help: "Epochs of every training.")
    var trainEpochs = 1

    @Option(help: ArgumentHelp("Trainings of every network, each from another warm-up.", valueName: "N"))
    var trainings = 3

    @OptionGroup var candidates: CandidateOptions

    @OptionGroup var threads: ThreadsOption

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        let numbers = [
            ("random", random, 0...10_000), ("seeds", seeds, 0...10_000), ("search-epochs", searchEpochs, 1...10_000),
            ("train-epochs", trainEpochs, 1...10_000), ("trainings", trainings, 1...10_000),
        ]
        for (flag, value, range) in numbers { try range.check(value, of: flag) }
        if let target = targetLatencies.first(where: { $0 == 0 }) {
            throw ValidationError("--target-latencies: expected positive numbers, found \(target)")
        }
    }

    func run() throws {
        let spacePath = try Catalogue.spaces.path(of: space)
        let space = try SearchSpace(contentsOf: spacePath)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        try device.checkTables(of: space)
        let images = try ImageDataSource(named: data, classes: space.classes, classesIn: spacePath)
        var search = SearchConfiguration(), training = TrainingConfiguration()
        search.epochs = searchEpochs
        search.threads = threads.announced()
        candidates.apply(to: &search)
        training.epochs = trainEpochs
        // A short training is at its best only where the rate comes down to nothing.
        training.learningRateSchedule = .cosine
        training.threads = threads.count
        let comparison = try QualityComparison(
            SearchTask(
                space: space, costModel: CostModel(device: device), trainingImages: images.training, testImages: images.test),
            search: search, training: training, trainings: trainings, path: output) { writeError($0 + "\n") }
        var report = QualityReport()
        for target in targetLatencies {
            let result = try comparison.compare(target: target, random: random, seeds: seeds)
            report.targets.append((result, try comparison.rank(of: result)))
        }
        try report.json.write(to: output + "/result.json")
        print(json ? report.json.text(pretty: true) + "\n" : report.text, terminator: "")
    }
}
