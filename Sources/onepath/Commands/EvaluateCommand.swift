import Architectures
import ArgumentParser
import Datasets
import Exporter
import Files
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Reports how well a trained network classifies the test images.",
        discussion: """
            The network is that of a finished run, an architecture with its weights, an ONNX model that `onepath export` \
            wrote, or a TensorFlow Lite model of any program. Images are normalised as the file of weights or the model \
            says; where weights do not say, by the training images' mean and std. The classes of a TensorFlow Lite model \
            are found by their names, where it and the images have names.
            """)

    @OptionGroup var network: NetworkOptions

    @Option(
        help: "An ONNX model that `onepath export` wrote, instead of an architecture and weights.",
        completion: .file(extensions: ["onnx"]))
    var onnx: String?

    @Option(
        help: "A TensorFlow Lite model that classifies images, float32 or of integers, instead of an architecture and weights.",
        completion: .file(extensions: ["tflite"]))
    var tflite: String?

    @OptionGroup var normalization: NormalizationOptions

    @Option(
        help: "The images: fashion-mnist, or a folder of images or of IDX files (default: those of the run).",
        completion: .dataSets)
    var data: String?

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var resolution: ResolutionOption
    @OptionGroup var photos: PhotoOptions
    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Print the result as one JSON document instead of tables.")
    var json = false

    func validate() throws {
        if onnx == nil, tflite == nil {
            try network.check(or: ", or --onnx, or --tflite")
        } else if !network.isEmpty || onnx != nil && tflite != nil {
            throw ValidationError("\(onnx != nil ? "--onnx" : "--tflite"): expected no other network beside it, found another")
        }
        if tflite != nil, resolution.resolution != nil {
            throw ValidationError("--resolution: a TensorFlow Lite model has one size of images, which cannot be changed")
        }
        if network.directory == nil, data == nil { throw ValidationError("expected --data, the images to classify") }
    }

    func run() throws {
        if let tflite { try runModel(tflite) } else { try runNetwork() }
    }

    private func runModel(_ path: String) throws {
        let classifier = try TFLiteClassifier(path, normalization: normalization.statistics)
        let images = try ImageDataSource(named: data ?? "", holdout: photos.split.share)
        let sound = try photos.withoutBroken(images.test, as: .validation, of: images)
        let testImages = try photos.cached(sound, shape: classifier.shape, .none)
        let classification = try classifier.classify(testImages, classNames: images.classNames, threads: threads.announced())
        try report(
            name: classifier.name, classification, classNames: classifier.classNames ?? images.classNames, inputs: [path],
            images: images)
    }

    private func runNetwork() throws {
        let (given, inputs, found) = try self.found()
        let files = found?.reading(data)
        let file = try normalization.completed(given)
        let weights = file.weights, architecture = weights.architecture
        let name = data ?? files?.data ?? ""
        let images = try ImageDataSource(
            named: name, classes: architecture.classes, classesIn: inputs[0],
            holdout: photos.split.share(of: files?.holdout))
        try Trainer.check(images.test, fits: architecture)
        try file.checkClasses(of: images, at: name)
        let skipped = files?.skipped ?? []
        let sound = try photos.withoutBroken(images.test, as: .validation, of: images, without: skipped)
        let trained = try ConvNet(
            evaluating: weights, resolution: resolution.resolution ?? files?.trainResolution,
            batch: min(sound.count, 100), threads: threads.announced())
        try images.test.checkSize(for: trained.architecture.input, setting: "resolution")
        let shape = ImageShape(trained.architecture.input)
        let testImages = try photos.following(files).cached(sound, shape: shape, .none)
        let statistics = try file.statistics
            ?? photos.withoutBroken(images.training, as: .training, of: images, without: skipped).framed(shape)
            .channelStatistics
        let classification = try trained.classify(testImages, statistics: statistics)
        try report(
            name: architecture.name, classification, classNames: images.classNames ?? file.classNames, inputs: inputs,
            images: images)
    }

    /// Prints how well the images are classified.
    ///
    /// - Parameter inputs: the files of the network; the last has its weights.
    private func report(
        name: String, _ classification: Classification, classNames: [String]?, inputs: [String], images: ImageDataSource
    ) throws {
        guard classification.evaluation.crossEntropy.isFinite else {
            throw EvaluatedNetwork.notFinite(inputs[inputs.count - 1])
        }
        let report = EvaluationReport(name: name, classification: classification, classNames: classNames)
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
        return (try files.trained(), [files.architecturePath, files.weightsPath ?? ""], files)
    }
}
