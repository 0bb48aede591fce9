import Datasets
import Files
import Glibc
import TFLite
import Training

/// A TensorFlow Lite model of any program that tells what is on images.
struct TFLiteClassifier {
    let name: String
    let classNames: [String]?
    private let path: String
    /// The name of a file of labels that the metadata speak of, and that is not there or cannot be read; nil for none.
    private let missingLabels: String?
    private let answers: ImageAnswers

    /// Of the images that it reads.
    var shape: ImageShape { answers.shape }

    /// - Parameter normalization: what images are normalised with, where the model does not say; nil where it was not given.
    /// - Throws: `FileError`, also where nothing says how images are normalised, or two say it.
    init(_ path: String, normalization: ChannelStatistics?) throws {
        try self.init(TFLiteModel(contentsOf: path), path: path, normalization: normalization)
    }

    /// - Parameter classNames: by which the classes of images are found; nil for those of the model.
    init(_ model: TFLiteModel, path: String, normalization: ChannelStatistics?, classNames given: [String]? = nil) throws {
        let evaluation = try TFLiteEvaluation(model, path: path), description = model.described
        self.path = path
        name = model.name.isEmpty || model.name == "main" ? path : model.name
        classNames = given ?? model.classNames
        missingLabels = classNames == nil ? description?.labelFile : nil
        func problem(_ place: String, _ text: String) -> FileError { .invalid(path: path, place: place, problem: text) }
        if let classNames, classNames.count != evaluation.classes {
            throw problem(
                "labels", "expected the names of \(evaluation.classes) classes, as the output has, found \(classNames.count)")
        }
        /// One number a channel.
        func spread(_ numbers: [Float], _ what: String) throws -> [Float] {
            if numbers.count == 1 { return Array(repeating: numbers[0], count: evaluation.channels) }
            guard numbers.count == evaluation.channels else {
                throw problem("metadata", "expected 1 or \(evaluation.channels) numbers as \(what), found \(numbers.count)")
            }
            return numbers
        }
        let isSaid = evaluation.takesBytes || description.map { !$0.mean.isEmpty && !$0.std.isEmpty } ?? false
        if normalization != nil, isSaid {
            throw problem(
                "metadata",
                "expected a model that does not say how images are normalised, for --image-mean and --image-std, found one that "
                    + (evaluation.takesBytes ? "takes bytes" : "does"))
        }
        let statistics: ChannelStatistics
        if evaluation.takesBytes {
            statistics = ChannelStatistics(
                mean: try spread([0], "mean"), standardDeviation: try spread([1], "std"))
        } else if let normalization {
            statistics = ChannelStatistics(
                mean: try spread(normalization.mean, "mean"),
                standardDeviation: try spread(normalization.standardDeviation, "std"))
        } else if let description, !description.mean.isEmpty, !description.std.isEmpty {
            let mean = try spread(description.mean, "mean"), std = try spread(description.std, "std")
            guard (mean + std).allSatisfy(\.isFinite), std.allSatisfy({ $0 > 0 }) else {
                throw problem("metadata", "expected a finite mean and a std above 0, found \(mean) and \(std)")
            }
            statistics = ChannelStatistics(mean: mean.map { $0 / 255 }, standardDeviation: std.map { $0 / 255 })
        } else {
            throw problem(
                "metadata",
                "expected what images are normalised with, found nothing; --image-mean 0.5 --image-std 0.5 would say it")
        }
        let least = evaluation.leastProbability
        answers = ImageAnswers(
            shape: ImageShape(height: evaluation.height, width: evaluation.width, channels: evaluation.channels),
            classes: evaluation.classes, statistics: statistics
        ) { image in
            let values = evaluation.answer(image)
            // The logarithms of probabilities are logits. One that integers round to 0 is at most half a step of them.
            return least.map { least in values.map { log(max($0, least)) } } ?? values
        }
    }

    /// - Parameter images: of the data; their classes are found in the model's list by their names, where both have names.
    /// - Throws: `FileError`, also for images that the model does not fit, and for classes that it does not know.
    func classify(_ images: ImageDataset, classNames names: [String]?, threads: Int) throws -> Classification {
        var labels: [Int]?
        if names != nil, let missingLabels {
            // Their order may be another one.
            throw FileError.invalid(
                path: path, place: "labels",
                problem: "expected the names of its classes in \(missingLabels), of which its metadata speak, to find those of the images "
                    + "by, found no such file in it that can be read")
        }
        if let names, let classNames, names != classNames {
            var places: [String: Int] = [:], repeated: Set<String> = []
            for (place, name) in classNames.enumerated() where places.updateValue(place, forKey: name) != nil {
                repeated.insert(name)
            }
            if let twice = names.first(where: repeated.contains) {
                throw FileError.invalid(
                    path: path, place: "labels",
                    problem: "expected the class \"\(twice)\" of the images once in its list, found it twice")
            }
            let found = names.map { places[$0] }
            if let missing = found.firstIndex(of: nil) {
                throw FileError.invalid(
                    path: path, place: "labels",
                    problem: "expected the classes of the images, \"\(names[missing])\" among them, found \(classNames.count) "
                        + "others: \(classNames.prefix(3).joined(separator: ", "))" + (classNames.count > 3 ? ", …" : ""))
            }
            labels = found.compactMap(\.self)
        } else if images.classes != answers.classes {
            throw FileError.invalid(
                path: path, place: "output",
                problem: "expected values for the \(images.classes) classes of the images, found \(answers.classes)")
        }
        guard images.isResizable ? [1, 3].contains(answers.shape.channels) : images.shape == answers.shape else {
            throw FileError.invalid(
                path: path, place: "input",
                problem: "expected images of \(images.isResizable ? "1 or 3 channels" : "\(images.shape)"), as the data "
                    + "has, found \(answers.shape)")
        }
        return try answers.classify(images, labels: labels, threads: threads)
    }
}
