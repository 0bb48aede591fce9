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

    @OptionGroup var network: NetworkOptions

    @Option(
        help: "An ONNX model that `onepath export` wrote, instead of an architecture and weights.",
        completion: .file(extensions: ["onnx"]))
    var onnx: String?

    @Option(
        help: "The images: fashion-mnist, or a folder of images or of IDX files (default: those of the run).",
        completion: .dataSets)
    var data: String?

    @Option(name: .customLong("threads"), help: "How many threads to use (default: all cores).")
    var givenThreads: Int?

    private var threads: Int { givenThreads ?? ThreadPool.availableCores }

    @OptionGroup var resolution: ResolutionOption
    @OptionGroup var photos: PhotoOptions
    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Print the result as one JSON document instead of tables.")
    var json = false

    func validate() throws {
        if onnx == nil {
            try network.check(or: ", or --onnx")
        } else if !network.isEmpty {
            throw ValidationError("--onnx: expected no other network beside it, found another")
        }
        if network.directory == nil, data == nil { throw ValidationError("expected --data, the images to classify") }
        if !(1...256).contains(threads) {
            throw ValidationError("--threads: expected a number from 1 to 256, found \(threads)")
        }
    }

    func run() throws {
        let (file, inputs, files) = try found()
        let weights = file.weights, architecture = weights.architecture
        let images = try ImageDataSource(
            named: data ?? files?.data ?? "", classes: architecture.classes, classesIn: inputs[0],
            holdout: (data == nil ? files?.holdout : nil) ?? photos.split.share)
        try Trainer.check(images.test, fits: architecture)
        let sound = try photos.evaluated(
            images.test, of: images, without: data == nil ? files?.skipped ?? [] : [])
        let trained = try ConvNet(
            evaluating: weights, resolution: resolution.resolution ?? files?.trainResolution,
            batch: min(sound.count, 100), threads: threads)
        let shape = ImageShape(trained.architecture.input)
        let testImages = try photos.cached(sound, shape: shape, .none)
        let statistics =
            if let mean = file.imageMean, let deviation = file.imageDeviation {
                ChannelStatistics(mean: mean.map(Float.init), standardDeviation: deviation.map(Float.init))
            } else {
                try images.training.framed(shape).channelStatistics
            }
        let classification = try trained.classify(testImages, statistics: statistics)
        guard classification.evaluation.crossEntropy.isFinite else {
            throw FileError.invalid(
                path: inputs[inputs.count - 1], place: "",
                problem: "expected weights that give every image finite values, found some that do not")
        }
        let report = EvaluationReport(
            name: architecture.name, classification: classification, classNames: images.classNames ?? file.classNames)
        print(
            json
                ? try report.json(
                    provenance: provenanceOptions.provenance(inputs: .files(inputs) + images.provenanceInputs)
                ).text(pretty: true) + "\n" : report.text, terminator: "")
    }

    /// The weights that are asked for, the files that they are from, and what they were trained on, where that is known.
    private func found() throws -> (file: WeightsFile, inputs: [String], files: NetworkFiles?) {
        if let onnx { return (try ONNXFile(contentsOf: onnx).weights, [onnx], nil) }
        let files = try network.files
        let path = files.architecturePath, weights = files.weightsPath ?? ""
        let file = try WeightsFile(contentsOf: weights, for: ArchitectureDocument(exported: path).architecture)
        return (file, [path, weights], files)
    }
}
