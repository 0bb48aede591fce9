import Architectures
import Datasets
import Engine
import Exporter
import Files
import Glibc
import Training

/// A trained network from its files, which tells what is on pictures.
struct EvaluatedNetwork {
    /// A class that may be on a picture.
    struct Answer {
        let label: Int
        let name: String
        /// From 0 to 1: the softmax of its logit.
        let probability: Double
    }

    let network: ConvNet
    let statistics: ChannelStatistics
    /// nil where the weights do not name them.
    let classNames: [String]?
    /// Of the weights, for messages.
    private let weightsPath: String

    /// - Parameters:
    ///   - normalization: what images are normalised with where the weights do not say it; nil where that cannot be given.
    ///   - resolution: the shorter side of the images that it reads; nil for what the run was trained at, or the input.
    ///   - batch: images together.
    /// - Throws: `FileError`, also where the weights do not say how images are normalised.
    init(
        _ files: NetworkFiles, normalization: NormalizationOptions? = nil, resolution: Int?, batch: Int, threads: Int
    ) throws {
        let path = files.weightsPath ?? ""
        weightsPath = path
        let given = try files.trained()
        let file = try normalization?.completed(given) ?? given
        guard let statistics = file.statistics else {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected weights that say how images are normalised, as onepath writes them, found some that do not"
                    + (normalization == nil ? "" : "; give --image-mean and --image-std"))
        }
        self.statistics = statistics
        classNames = file.classNames
        network = try ConvNet(
            evaluating: file.weights, resolution: resolution ?? files.trainResolution, batch: batch, threads: threads)
    }

    /// What is on a picture, the most likely first.
    ///
    /// - Throws: `FileError` where it cannot be read.
    func answer(_ path: String, top: Int) throws(FileError) -> [Answer] {
        let shape = ImageShape(network.architecture.input)
        var answers: [Answer] = [], isFinite = true
        try network.forEachLogits(of: ImageDataset(LooseImages([path]), shape: shape), statistics: statistics) { logits, _ in
            let largest = Double(logits.max() ?? 0)
            let weights = logits.map { exp(Double($0) - largest) }, sum = weights.reduce(0, +)
            isFinite = isFinite && sum.isFinite
            answers = weights.enumerated().sorted { $0.element > $1.element }.prefix(top).map { label, weight in
                Answer(label: label, name: classNames?[label] ?? "class \(label)", probability: weight / sum)
            }
        }
        guard isFinite else { throw Self.notFinite(weightsPath) }
        return answers
    }

    /// The error that weights give values that are not finite.
    static func notFinite(_ path: String) -> FileError {
        .invalid(
            path: path, place: "", problem: "expected weights that give every image finite values, found some that do not")
    }
}

extension ConvNet {
    /// A network with these weights, for images of another size than its input where that is asked.
    ///
    /// - Parameter resolution: the shorter side of the images; nil for the input.
    /// - Throws: `TrainingError.cannotTrain` where the Engine does not have all of its operators.
    convenience init(evaluating weights: TrainedWeights, resolution: Int?, batch: Int, threads: Int) throws {
        try ConvNet.check(weights.architecture)
        let architecture = weights.architecture.resized(to: resolution)
        var random = RandomSource(seed: 0)
        self.init(architecture, batch: batch, random: &random, context: ExecutionContext(threads: threads))
        load(weights.adopted(by: architecture))
    }
}
