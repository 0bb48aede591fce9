import Architectures
import Files

/// An architecture with its weights as an ONNX model, opset 17.
///
/// Input "image" [batch, channels, height, width], output "logits" [batch, classes], both float32, the batch symbolic.
/// Every convolution, batch normalisation and activation is a separate node with the name of its layer; a folded batch
/// normalisation is part of the convolution's weights and bias. A digest in the metadata detects a model that was
/// changed later.
public struct ONNXFile: Sendable {
    public let weights: WeightsFile
    /// Whether batch normalisation is folded into the convolutions.
    public let isFolded: Bool

    public init(_ weights: WeightsFile, isFolded: Bool) {
        self.weights = weights
        self.isFolded = isFolded
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
        ]
        let fromWeights = weights.metadata.filter { $0.key != "schema" && $0.key != "architecture" }
            .map { (key: $0.key == "provenance" ? "weights_provenance" : $0.key, value: $0.value) }
        var model = ONNXModelProto(
            ONNXGraphWriter(weights.weights, isFolded: isFolded).graph, metadata: own + fromWeights + metadata)
        try model.addDigest()
        return try model.fileBytes()
    }
}
