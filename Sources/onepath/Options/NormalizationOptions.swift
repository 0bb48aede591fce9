import ArgumentParser
import Datasets

/// What images are normalised with, where a model does not say.
struct NormalizationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What is subtracted from images of 0 to 1, for all channels or each, if the model does not say (tflite).",
            valueName: "numbers"), transform: Self.numbers)
    var imageMean: [Float]?

    @Option(
        help: ArgumentHelp("What images are then divided by (tflite).", valueName: "numbers"), transform: Self.numbers)
    var imageStd: [Float]?

    /// nil where nothing was given.
    var statistics: ChannelStatistics? {
        guard let imageMean, let imageStd else { return nil }
        return ChannelStatistics(mean: imageMean, standardDeviation: imageStd)
    }

    func validate() throws {
        guard (imageMean == nil) == (imageStd == nil) else {
            throw ValidationError("expected --image-mean and --image-std together, found one of them")
        }
        if let imageStd, !imageStd.allSatisfy({ $0 > 0 }) {
            throw ValidationError("--image-std: expected numbers above 0, found others")
        }
    }

    @Sendable private static func numbers(_ text: String) throws -> [Float] {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
        guard [1, 3].contains(numbers.count), numbers.allSatisfy({ $0?.isFinite ?? false }) else {
            throw ValidationError("expected one number or three, separated by commas, found \"\(text)\"")
        }
        return numbers.compactMap(\.self)
    }
}
