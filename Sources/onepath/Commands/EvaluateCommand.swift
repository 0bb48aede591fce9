import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Tells how well a trained network classifies the test images.",
        discussion: """
            The network is an architecture with its weights, or an ONNX model that `onepath export` wrote. Images are \
            normalised as the file of weights says; where it does not say, by the training images' mean and deviation.
            """)

    @Option(help: "The architecture: a name, or the path of a JSON file or of an exported Python file.")
    var architecture: String?

    @Option(help: "The weights: a safetensors file of a run, or in the names of timm's EfficientNet.")
    var weights: String?

    @Option(help: "An ONNX model that `onepath export` wrote, instead of an architecture and weights.")
    var onnx: String?

    @Option(help: "The images: fashion-mnist, or a directory of four IDX files.")
    var data: String

    @Option(name: .customLong("threads"), help: "Threads to compute with (default: all cores).")
    var givenThreads: Int?

    private var threads: Int { givenThreads ?? ThreadPool.availableCores }

    @Flag(help: "Print the result as one JSON document instead of tables.")
    var json = false

    func validate() throws {
        guard onnx == nil ? architecture != nil && weights != nil : architecture == nil && weights == nil else {
            throw ValidationError("expected either --architecture and --weights, or --onnx")
        }
        if !(1...256).contains(threads) {
            throw ValidationError("--threads: expected a number from 1 to 256, found \(threads)")
        }
    }

    func run() throws {
        let (file, inputs) = try trained()
        let weights = file.weights, architecture = weights.architecture
        let images = try ImageDataSource(named: data, classes: architecture.classes, classesIn: inputs[0])
        try Trainer.check(images.test, fits: architecture)
        var random = RandomSource(seed: 0)
        let network = ConvNet(
            architecture, batch: min(images.test.count, 100), random: &random,
            context: ExecutionContext(threads: threads))
        network.load(weights)
        var statistics = images.training.channelStatistics
        if let mean = file.imageMean, let deviation = file.imageDeviation {
            statistics = ChannelStatistics(mean: mean.map(Float.init), standardDeviation: deviation.map(Float.init))
        }
        let classification = network.classify(images.test, statistics: statistics)
        guard classification.evaluation.crossEntropy.isFinite else {
            throw FileError.invalid(
                path: inputs[inputs.count - 1], place: "",
                problem: "expected weights that give every image finite values, found some that do not")
        }
        let report = EvaluationReport(
            name: architecture.name, classification: classification, classNames: images.classNames)
        print(
            json
                ? try report.json(
                    provenance: Provenance(
                        command: CommandLine.arguments.joined(separator: " "), seed: nil, files: inputs + images.files)
                ).text(pretty: true) + "\n" : report.text, terminator: "")
    }

    /// The weights that are asked for, and the files that they are from.
    private func trained() throws -> (file: WeightsFile, inputs: [String]) {
        if let onnx { return (try ONNXFile(contentsOf: onnx).weights, [onnx]) }
        let architecture = self.architecture ?? "", weights = self.weights ?? ""
        let file = try WeightsFile(contentsOf: weights, for: Catalogue.architecture(named: architecture))
        return (file, [try Catalogue.architectures.path(of: architecture), weights])
    }
}
