import Architectures
import Files
import TFLite

/// An architecture with its weights as a TensorFlow Lite model on float32, with all that an app needs to know in it: how
/// images are normalised, and what the classes are called, as the TensorFlow Lite Task Library reads it.
///
///     try TFLiteFile(weights, takesBytes: true, answersProbabilities: true).write(to: "network.tflite")
public struct TFLiteFile: Sendable {
    public let weights: WeightsFile
    /// Whether the graph takes bytes of 0 to 255 and normalises them itself.
    public let takesBytes: Bool
    /// Whether the graph ends with a softmax.
    public let answersProbabilities: Bool
    /// The model in memory.
    public let model: TFLiteModel

    /// - Parameters:
    ///   - takesBytes: needs weights that say how images are normalised.
    ///   - metadata: more texts for the model, such as how the architecture came about; their keys get a prefix.
    public init(
        _ weights: WeightsFile, takesBytes: Bool = false, answersProbabilities: Bool = false,
        metadata: [(key: String, value: String)] = []
    ) {
        self.weights = weights
        self.takesBytes = takesBytes
        self.answersProbabilities = answersProbabilities
        var input = TFLiteNetwork.Input.normalized
        if takesBytes {
            guard let mean = weights.imageMean, let std = weights.imageDeviation else {
                preconditionFailure("TFLiteFile: a graph that takes bytes needs the mean and std of images")
            }
            input = .bytes(mean: mean, std: std)
        }
        var model = TFLiteNetwork(
            weights.weights, input: input, output: answersProbabilities ? .probabilities : .logits
        ).model
        model.describe(weights, takesBytes: takesBytes)
        for (key, value) in metadata {
            model.metadata.append(TFLiteMetadata(name: "onepath.\(key)", bytes: Array(value.utf8)[...]))
        }
        self.model = model
    }

    /// Replaces the file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String) throws(FileError) { try model.write(to: path) }
}

extension TFLiteModel {
    /// Adds what an app needs to know of a network with these weights.
    ///
    /// - Parameter takesBytes: whether the graph normalises images itself.
    public mutating func describe(_ weights: WeightsFile, takesBytes: Bool) {
        let architecture = weights.weights.architecture, size = architecture.input
        var description = TFLiteDescription(
            name: architecture.name, description: "Tells \(architecture.classes) classes of images apart.",
            width: size.width, height: size.height, channels: size.channels)
        description.author = "onepath"
        description.version = "1"
        let colours = size.channels == 3 ? "red, green and blue" : size.channels == 1 ? "grey" : "\(size.channels) channels"
        description.input.name = inputs.first.map { tensors[$0].name } ?? TFLiteNetwork.inputName
        description.output.name = outputs.first.map { tensors[$0].name } ?? ""
        description.output.description =
            description.output.name == "probabilities"
            ? "The probability of every class." : "A value for every class; the greatest is that of the answer."
        let shape = "An image of \(size.width)x\(size.height) pixels, \(colours)"
        if takesBytes {
            description.input.description = "\(shape), as bytes of 0 to 255."
            (description.least, description.greatest) = ([0], [255])
        } else if let mean = weights.imageMean, let std = weights.imageDeviation {
            description.input.description = "\(shape), normalised: (byte - mean) / std."
            description.mean = mean.map { Float(255 * $0) }
            description.std = std.map { Float(255 * $0) }
            description.least = zip(mean, std).map { Float(-$0 / $1) }
            description.greatest = zip(mean, std).map { Float((1 - $0) / $1) }
        } else {
            description.input.description = "\(shape), normalised as in training."
        }
        describe(description, classNames: weights.classNames)
    }
}
