import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Reports how well a trained network classifies the test images.",
        discussion: """
            The network is that of a finished run, an architecture with its weights, or an ONNX model that \
            `onepath export` wrote. Images are normalised as the file of weights says; where it does not say, by the \
            training images' mean and std.
            """)

    @Option(name: .customLong("run"), help: "The folder of a finished search or training.", completion: .directory)
    var directory: String?

    @Option(
        help: "The architecture: a name, or the path of a JSON file or of an exported Python file.",
        completion: .architectures)
    var architecture: String?

    @Option(
        help: "The weights: a safetensors file of a run, or in the names of timm's EfficientNet.",
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    @Option(
        help: "An ONNX model that `onepath export` wrote, instead of an architecture and weights.",
        completion: .file(extensions: ["onnx"]))
    var onnx: String?

    @Option(
        help: "The images: fashion-mnist, or a folder of four IDX files (default: those of the run).",
        completion: .dataSets)
    var data: String?

    @Option(name: .customLong("threads"), help: "How many threads to use (default: all cores).")
    var givenThreads: Int?

    private var threads: Int { givenThreads ?? ThreadPool.availableCores }

    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Print the result as one JSON document instead of tables.")
    var json = false

    func validate() throws {
        if onnx == nil {
            try NetworkFiles.check(run: directory, architecture: architecture, weights: weights, or: ", or --onnx")
        } else if directory != nil || architecture != nil || weights != nil {
            throw ValidationError("--onnx: expected no other network beside it, found another")
        }
        if directory == nil, data == nil { throw ValidationError("expected --data, the images to classify") }
        if !(1...256).contains(threads) {
            throw ValidationError("--threads: expected a number from 1 to 256, found \(threads)")
        }
    }

    func run() throws {
        let (file, inputs, known) = try trained()
        let weights = file.weights, architecture = weights.architecture
        let images = try ImageDataSource(
            named: data ?? known ?? "", classes: architecture.classes, classesIn: inputs[0])
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
                    provenance: provenanceOptions.provenance(files: inputs + images.files)
                ).text(pretty: true) + "\n" : report.text, terminator: "")
    }

    /// The weights that are asked for, the files that they are from, and what they were trained on, where that is known.
    private func trained() throws -> (file: WeightsFile, inputs: [String], data: String?) {
        if let onnx { return (try ONNXFile(contentsOf: onnx).weights, [onnx], nil) }
        let network = try NetworkFiles(run: directory, architecture: architecture, weights: weights)
        let path = network.architecturePath, weights = network.weightsPath ?? ""
        let file = try WeightsFile(contentsOf: weights, for: ArchitectureDocument(exported: path).architecture)
        return (file, [path, weights], network.data)
    }
}
