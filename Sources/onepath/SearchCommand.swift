import ArgumentParser
import Architectures
import Datasets
import Exporter
import HardwareProfiles
import JSONDocuments
import SupernetSearch

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Searches a space for the network to run on a device.",
        discussion: """
            Trains one supernet on the images and lets it decide its own sizes against the device's latencies. Writes \
            config.json, metrics.jsonl, the same for TensorBoard, architecture.json, the found network's inherited \
            weights, weights.safetensors, and result.json into the output directory.
            """)

    private static let defaults = SearchConfiguration()

    @Option(help: "The search space: a name, or a path.")
    var space: String

    @Option(help: "The device profile: a name, or a path.")
    var device: String

    @Option(help: "The images: fashion-mnist, or a directory of four IDX files.")
    var data: String

    @Option(help: "A directory for the results; it must not hold another run.")
    var output: String

    @Option(help: "Weight of the latency's logarithm in the loss: the larger, the faster the network found.")
    var lambda = defaults.lambda

    @Option(help: "How many times every image is seen.")
    var epochs = defaults.epochs

    @Option(help: "Images a step.")
    var batch = defaults.batch

    @Option(help: "Seed of all random numbers.")
    var seed = defaults.seed

    @Option(help: "Threads to compute with.")
    var threads = defaults.threads

    @Option(help: ArgumentHelp("Train on the first N images only.", valueName: "N"))
    var trainExamples: Int?

    @Flag(help: "Print the result as one JSON document instead of a table.")
    var json = false

    func validate() throws {
        func check(_ holds: Bool, _ name: String, _ expected: String, _ found: String) throws {
            if !holds { throw ValidationError("--\(name): expected \(expected), found \(found)") }
        }
        try check(lambda.isFinite && lambda >= 0, "lambda", "a number that is not negative", "\(lambda)")
        try check((1...10_000).contains(epochs), "epochs", "a number from 1 to 10000", "\(epochs)")
        try check((2...65_536).contains(batch), "batch", "a number from 2 to 65536", "\(batch)")
        try check(seed <= UInt64(Int.max), "seed", "a number up to \(Int.max)", "\(seed)")
        try check((1...256).contains(threads), "threads", "a number from 1 to 256", "\(threads)")
    }

    func run() throws {
        let spacePath = try Catalogue.spaces.path(of: space)
        let space = try SearchSpace(contentsOf: spacePath)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        try device.checkTables(of: space)
        let costModel = CostModel(device: device)
        let images = try ImageDataSource(named: data, classes: space.classes)
        try Search.check(images.test, fits: space)
        let training = try trainExamples.map { try images.training.prefix($0) } ?? images.training

        var configuration = Self.defaults
        configuration.lambda = lambda
        configuration.epochs = epochs
        configuration.batch = batch
        configuration.seed = seed
        configuration.threads = threads
        let search = try Search(space: space, costModel: costModel, training: training, configuration: configuration)
        let provenance = try Provenance(
            command: CommandLine.arguments.joined(separator: " "), seed: seed,
            files: [spacePath] + device.inputs + images.files)
        let directory = try RunDirectory(
            creating: output, space: space.name, device: device.name, data: data, trainingImages: training.count,
            configuration: configuration, provenance: provenance)

        let events = try EventFile(creating: directory.path)
        try train(search, into: directory, events: events)
        let found = search.foundNetwork(name: "\(space.name)-\(device.name)")
        let architecture = found.architecture
        let weights = WeightsFile(
            try found.weights, imageMean: search.statistics.mean.map(Double.init),
            imageDeviation: search.statistics.standardDeviation.map(Double.init), provenance: provenance)
        try weights.write(to: directory.weightsPath)
        try ArchitectureDocument(architecture, provenance: provenance).write(to: directory.architecturePath)
        let supernet = try search.evaluate(images.test)
        try directory.record(supernet, provenance: provenance)
        try events.append(step: search.steps, scalars: [("test_accuracy", supernet.accuracy)])
        let report = SearchReport(
            path: directory.architecturePath, space: space, costModel: costModel, architecture: architecture,
            supernet: supernet)
        print(json ? report.json.text(pretty: true) + "\n" : report.text, terminator: "")
    }

    private func train(_ search: Search, into directory: RunDirectory, events: EventFile) throws {
        let layers = search.supernet.space.searchableLayers
        var display = ProgressDisplay()
        Interruption.listen()
        do {
            try search.run { step in
                if step.isLogged {
                    try directory.log(step, layers: layers)
                    try events.append(metrics: step.json(layers: layers))
                }
                display.show(fraction: step.fraction, step.figures)
                if Interruption.isRequested {
                    throw Interruption(
                        description: "interrupted after step \(step.step); configuration and metrics up to there are in "
                            + directory.path)
                }
            }
        } catch {
            display.finish()
            throw error
        }
    }
}

extension SearchStep {
    /// Of the whole search.
    fileprivate var fraction: Double { Double(step) / Double(steps) }

    /// How far the search is and how it goes.
    fileprivate var figures: String {
        "epoch \(epoch)/\(epochs)  step \(step)/\(steps)  \(imagesPerSecond.fixed(0)) img/s  "
            + "CE \(crossEntropy.fixed(3))  \(runtimeMs.fixed(3)) ms"
    }
}
