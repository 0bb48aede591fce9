import Architectures
import ArgumentParser
import Benchmarks
import Datasets
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch

struct KnownAnswersBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "known-answers",
        abstract: "Compares what searches find with networks whose accuracy is known.",
        usage: """
            onepath benchmark known-answers [<options>]
              --known <known> --data <data> --output <output>
            """,
        discussion: """
            benchmarks/nas-bench-macro.csv has all networks of the space nas-bench-macro; others have trained each alone on \
            CIFAR-10. For each budget of multiply-accumulates this tells how many of the networks that use 97 to 100 % of it, \
            in per cent, are worse than the found ones, and how the loss that networks inherit from a warm-up ranks them, \
            and what a search would have found if it had ended earlier. Results are kept in the output folder; the same command resumes there.
            """)

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space = "nas-bench-macro"

    @Option(help: "The networks of the space whose accuracy is known, a CSV file.", completion: .file(extensions: ["csv"]))
    var known: String

    @Option(help: "The images that they were trained on: a folder with one sub-folder for each class.", completion: .dataSets)
    var data: String

    @Option(help: "The folder for the results.", completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp("The budgets, in millions of multiply-accumulates.", valueName: "M,M,…"),
        transform: { try NumberList(argument: $0).numbers })
    var budgets = [50.0, 60, 70, 80]

    @Option(help: ArgumentHelp("Searches for each budget.", valueName: "N"))
    var seeds = 3

    @Option(help: "Epochs of every search.")
    var epochs = SearchConfiguration().epochs

    @OptionGroup var candidates: CandidateOptions

    @Option(help: ArgumentHelp("Networks whose inherited loss is compared with their accuracy: evenly spaced ones of all.", valueName: "N"))
    var ranked = 300

    @Option(help: ArgumentHelp("Test images on which they are evaluated.", valueName: "N"))
    var images = 1000

    @OptionGroup var threads: ThreadsOption

    @OptionGroup var photos: PhotoOptions

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        let numbers = [
            ("seeds", seeds, 0...10_000), ("epochs", epochs, 1...10_000), ("ranked", ranked, 0...1_000_000),
            ("images", images, 1...1_000_000),
        ]
        for (flag, value, range) in numbers { try range.check(value, of: flag) }
    }

    func run() throws {
        let spacePath = try Catalogue.spaces.path(of: space)
        let space = try SearchSpace(contentsOf: spacePath)
        let known = try KnownAnswers(contentsOf: known, space: space)
        let source = try ImageDataSource(
            named: data, classes: space.classes, classesIn: spacePath, holdout: photos.split.share)
        let shape = ImageShape(space.input)
        var search = SearchConfiguration()
        search.epochs = epochs
        search.threads = threads.announced()
        candidates.apply(to: &search)
        search.augmentation = source.usualAugmentation(ofFrames: min(shape.height, shape.width))
        let training = try photos.cached(
            photos.withoutBroken(source.training.framed(shape), as: .training, of: source), shape: shape, search.augmentation)
        let test = try photos.cached(
            photos.withoutBroken(source.test.framed(shape), as: .validation, of: source), shape: shape, .none)
        let comparison = try KnownAnswersComparison(
            SearchTask(
                space: space, costModel: CostModel(device: try Catalogue.device(named: "pixel1")), trainingImages: training,
                testImages: test),
            known: known, search: search, path: output) { writeError($0 + "\n") }
        let report = try KnownAnswersReport(
            of: known, comparison: comparison, budgets: budgets.map { 1e6 * $0 }, seeds: (0..<seeds).map(UInt64.init),
            comparesCandidates: search.comparesCandidates, ranked: (ranked, test.spread(images)))
        try report.json.write(to: output + "/result.json")
        print(json ? report.json.text(pretty: true) + "\n" : report.text, terminator: "")
    }
}
