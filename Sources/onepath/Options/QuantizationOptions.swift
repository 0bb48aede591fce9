import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import Quantization
import Training

/// Whether and how a network is exported with integers of eight bits.
struct QuantizationOptions: ParsableArguments {
    @Flag(help: "Quantise the network: its weights and maps become integers of eight bits.")
    var int8 = false

    @Option(
        help: ArgumentHelp(
            "How many training images, evenly spaced, --int8 takes the ranges of maps from (default: \(usualImages), or all).",
            valueName: "images"))
    var calibrationImages: Int?

    @Option(
        help: ArgumentHelp(
            "What --int8 chooses the range of a map by: squared_error, entropy or extremes (default: \(usualRule.rawValue)).",
            valueName: "rule"))
    var rangeRule: RangeRule?

    @Flag(help: "With --int8: do not scale channels against each other so that one scale suits a whole map.")
    var noEqualization = false

    @Flag(help: "With --int8: do not correct the mean error that rounded weights cause.")
    var noBiasCorrection = false

    @Option(
        help: ArgumentHelp(
            """
            The size of the images that the network reads, along the shorter side (default: the network's input; with --int8, \
            of a run, what it was trained at).
            """, valueName: "pixels"))
    var resolution: Int?

    private static let usualImages = PostTrainingQuantization.usualImages
    private static let usualRule = RangeRule.squaredError

    func validate() throws {
        if !int8 {
            let given = [
                (calibrationImages != nil, "--calibration-images"), (rangeRule != nil, "--range-rule"),
                (noEqualization, "--no-equalization"), (noBiasCorrection, "--no-bias-correction"),
            ].first(where: \.0)
            if let given { throw ValidationError("\(given.1): expected --int8, which it is for, found none") }
        }
        try (1...100_000).check(calibrationImages, of: "calibration-images")
        try ResolutionOption.sides.check(resolution, of: "resolution")
    }

    /// A network before and after it was quantised.
    struct Outcome {
        let float32: FoldedNetwork
        let int8: QuantizedNetwork
        /// Those that were quantised, of the architecture with the input that they were quantised for.
        let weights: TrainedWeights
        let statistics: ChannelStatistics
        let classNames: [String]?
        let inputs: [Provenance.Input]
        let testImages: ImageDataset
        fileprivate let context: ExecutionContext

        /// Classifies the test images with both: "top-1: float32 92.31 %, int8 92.24 % of 10,000 test images".
        ///
        /// - Throws: `FileError` where an image cannot be read.
        func accuracy() throws -> String {
            let share = try [NetworkEvaluation(float32, context: context), NetworkEvaluation(int8, context: context)]
                .map { try (100 * $0.classify(testImages, statistics: statistics).evaluation.accuracy).fixed(2) }
            return "top-1: float32 \(share[0]) %, int8 \(share[1]) % of \(testImages.count.grouped) test images"
        }
    }

    /// Quantises a trained network.
    ///
    /// - Parameters:
    ///   - data: the images that calibrate and test it; nil for those of the run.
    ///   - photos: how they are read.
    /// - Throws: `FileError`, `TrainingError.imagesDoNotFit` and `QuantizationError`.
    func quantize(
        _ file: WeightsFile, of files: NetworkFiles, data: String?, photos: PhotoOptions,
        threads: Int = ThreadPool.availableCores
    ) throws -> Outcome {
        guard let name = data ?? files.data else {
            throw ValidationError("--int8: expected --data, the images that it needs, or --run, found neither")
        }
        let files = files.reading(data)
        let architecture = file.weights.architecture.resized(to: resolution ?? files.trainResolution)
        // Before the images are looked at: no image helps a network that cannot be quantised.
        let weights = file.weights.adopted(by: architecture)
        let network = try FoldedNetwork(weights)
        guard let statistics = file.statistics else {
            throw NormalizationOptions.missing(for: "--int8")
        }
        let images = try ImageDataSource(
            named: name, classes: architecture.classes, classesIn: files.architecturePath,
            holdout: photos.split.share(of: files.holdout))
        try images.test.checkFit(
            input: file.weights.architecture.input, classes: architecture.classes, of: "the architecture \(architecture.name)")
        try file.checkClasses(of: images, at: name)
        try images.test.checkSize(for: architecture.input, setting: "resolution")
        let shape = ImageShape(architecture.input)
        let training = try photos.withoutBroken(images.training, as: .training, of: images, without: files.skipped)
        let test = try photos.following(files).cached(
            photos.withoutBroken(images.test, as: .validation, of: images, without: files.skipped), shape: shape, .none)
        let context = ExecutionContext(threads: threads)
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = calibrationImages ?? min(Self.usualImages, training.count)
        if let rangeRule { quantization.rule = rangeRule }
        quantization.equalizes = !noEqualization
        quantization.correctsBias = !noBiasCorrection
        return Outcome(
            float32: network, int8: try quantization.quantize(network, images: training, statistics: statistics),
            weights: weights, statistics: statistics, classNames: images.classNames ?? file.classNames,
            inputs: try images.provenanceInputs, testImages: test, context: context)
    }
}

extension RangeRule: ExpressibleByArgument {}
