import ArgumentParser
import Datasets
import Exporter

/// What images are normalised with, where a model or its weights do not say.
struct NormalizationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The mean to subtract from images of 0 to 1, one number or one for each channel, where the model or \
            its weights do not say it: 0.485,0.456,0.406 for weights of timm.
            """, valueName: "numbers"), transform: Self.numbers)
    var imageMean: [Double]?

    @Option(
        help: ArgumentHelp(
            "The std to divide by afterwards, in the same form: 0.229,0.224,0.225 for weights of timm.", valueName: "numbers"),
        transform: Self.numbers)
    var imageStd: [Double]?

    /// nil where nothing was given.
    var statistics: ChannelStatistics? {
        guard let imageMean, let imageStd else { return nil }
        return ChannelStatistics(mean: imageMean.map(Float.init), standardDeviation: imageStd.map(Float.init))
    }

    /// Weights that say how images are normalised, where they do not and it was given.
    ///
    /// - Throws: `ValidationError` for numbers of another number of channels than the network reads, and for some beside those
    ///   of the weights, of which one would not count.
    func completed(_ file: WeightsFile) throws -> WeightsFile {
        guard let imageMean, let imageStd else { return file }
        guard file.statistics == nil else {
            throw ValidationError(
                "--image-mean, --image-std: expected weights that do not say how images are normalised, found some that do")
        }
        let channels = file.weights.architecture.input.channels
        func all(_ numbers: [Double], _ option: String) throws -> [Double] {
            if numbers.count == 1 { return [Double](repeating: numbers[0], count: channels) }
            guard numbers.count == channels else {
                throw ValidationError("\(option): expected one number, or \(channels), one a channel, found \(numbers.count)")
            }
            return numbers
        }
        return WeightsFile(
            file.weights, imageMean: try all(imageMean, "--image-mean"), imageDeviation: try all(imageStd, "--image-std"),
            classNames: file.classNames, provenance: file.provenance)
    }

    /// The error that an option needs images normalised, and nothing says how.
    static func missing(for option: String) -> ValidationError {
        ValidationError(
            "\(option): expected weights that say how images are normalised, or --image-mean and --image-std, found neither")
    }

    func validate() throws {
        guard (imageMean == nil) == (imageStd == nil) else {
            let found = imageMean == nil ? "--image-std" : "--image-mean"
            throw ValidationError("expected --image-mean and --image-std together, found \(found) alone")
        }
        func check(_ option: String, _ numbers: [Double]?, in range: ClosedRange<Double>) throws {
            if let number = numbers?.first(where: { !range.contains($0) }) {
                throw ValidationError(
                    "\(option): expected numbers from \(range.lowerBound) to \(range.upperBound), found \(number)")
            }
        }
        try check("--image-mean", imageMean, in: ImageNormalization.means)
        try check("--image-std", imageStd, in: ImageNormalization.deviations)
    }

    @Sendable private static func numbers(_ text: String) throws -> [Double] {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard [1, 3].contains(numbers.count), numbers.allSatisfy({ $0?.isFinite ?? false }) else {
            throw ValidationError("expected one number or three, separated by commas, found \"\(text)\"")
        }
        return numbers.compactMap(\.self)
    }
}

extension WeightsFile {
    /// What images are normalised with; nil where the file does not say it.
    var statistics: ChannelStatistics? {
        guard let imageMean, let imageDeviation else { return nil }
        return ChannelStatistics(mean: imageMean.map(Float.init), standardDeviation: imageDeviation.map(Float.init))
    }
}
