import Architectures
import Files

/// An architecture with its weights as an ONNX model, opset 17.
///
/// Input "image" [batch, channels, height, width], output "logits" [batch, classes], both float32, the batch symbolic. The
/// input can be bytes of 0 to 255, which the graph normalises, and the output "probabilities", the softmax of the logits.
/// Every convolution, batch normalisation and activation is a separate node with the name of its layer; a folded batch
/// normalisation is part of the convolution's weights and bias. A digest in the metadata detects a model that was
/// changed later.
public struct ONNXFile: Sendable {
    public let weights: WeightsFile
    /// Whether batch normalisation is folded into the convolutions.
    public let isFolded: Bool
    /// Whether the graph takes bytes of 0 to 255 and normalises them itself.
    public let takesBytes: Bool
    /// Whether the graph ends with a softmax.
    public let answersProbabilities: Bool

    /// - Parameter takesBytes: needs weights that say how images are normalised.
    public init(
        _ weights: WeightsFile, isFolded: Bool, takesBytes: Bool = false, answersProbabilities: Bool = false
    ) {
        precondition(
            !takesBytes || weights.imageMean != nil && weights.imageDeviation != nil,
            "ONNXFile: a graph that takes bytes needs the mean and std of images")
        self.weights = weights
        self.isFolded = isFolded
        self.takesBytes = takesBytes
        self.answersProbabilities = answersProbabilities
    }

    /// The graph of the model.
    var graph: ONNXGraphProto {
        var bytes: (mean: [Double], std: [Double])?
        if takesBytes, let mean = weights.imageMean, let std = weights.imageDeviation { bytes = (mean, std) }
        return ONNXGraphWriter(
            weights.weights, isFolded: isFolded, bytes: bytes, answersProbabilities: answersProbabilities
        ).graph
    }

    static let schema = "onepath.onnx/1"

    /// Replaces the file at `path` atomically.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - metadata: more texts for the model's metadata, such as how the architecture came about.
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String, metadata: [(key: String, value: String)] = []) throws {
        try AtomicFile.write(bytes(metadata: metadata), to: path)
    }

    /// The model in the form of the file.
    func bytes(metadata: [(key: String, value: String)]) throws -> [UInt8] {
        let architecture = weights.weights.architecture
        let own = [
            ("schema", Self.schema), ("architecture", architecture.json().text(pretty: false)),
            ("batch_normalization", isFolded ? "folded" : "kept"),
        ] + (takesBytes ? [("input", "bytes")] : []) + (answersProbabilities ? [("output", "probabilities")] : [])
        let fromWeights = weights.metadata.filter { $0.key != "schema" && $0.key != "architecture" }
            .map { (key: $0.key == "provenance" ? "weights_provenance" : $0.key, value: $0.value) }
        var model = ONNXModelProto(graph, metadata: own + fromWeights + metadata)
        try model.addDigest()
        return try model.fileBytes()
    }
}
