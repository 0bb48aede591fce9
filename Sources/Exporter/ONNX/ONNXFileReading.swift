import Architectures
import Files

extension ONNXFile {
    /// Reads a model that `write` made, and no other: architecture and normalisation are in its metadata, weights have
    /// the names with which they were written. Folded convolutions get a batch normalisation that adds their bias and
    /// changes nothing else.
    ///
    /// - Throws: `FileError`, also for a model that another program made or changed.
    public init(contentsOf path: String) throws {
        let model = try ONNXModelProto(contentsOf: path)
        var texts: [String: String] = [:]
        for entry in model.metadataProps { texts[entry.key] = entry.value }
        func problem(_ place: String, _ problem: String) -> FileError {
            .invalid(path: path, place: place, problem: problem)
        }
        if texts[ONNXModelProto.metadataPrefix + "schema"] == QuantizedONNXFile.schema {
            throw problem(
                "metadata_props",
                "expected a model on float32, found one of integers, which is not run here: export it with --format tflite "
                    + "--int8 (onepath evaluate --tflite), or run it in ONNX Runtime")
        }
        guard model.producerName == "onepath", texts[ONNXModelProto.metadataPrefix + "schema"] == Self.schema,
            let text = texts[ONNXModelProto.metadataPrefix + "architecture"],
            let folding = texts[ONNXModelProto.metadataPrefix + "batch_normalization"]
        else {
            throw problem(
                "metadata_props",
                "expected a model that onepath export wrote, found another; its costs can be estimated (onepath "
                    + "estimate --onnx), but it cannot be run")
        }
        func node(_ key: String, _ text: String) throws -> JSONNode {
            let place = "metadata_props \(ONNXModelProto.metadataPrefix)\(key)"
            guard text.utf8.count <= Self.textLimit else {
                throw problem(place, "expected at most \(Self.textLimit) bytes, found \(text.utf8.count)")
            }
            do {
                return JSONNode(try JSON(parsing: text, path: path), path: path, pointer: place)
            } catch {
                throw problem(place, "expected a JSON text, found another")
            }
        }
        let architecture = try Architecture(json: node("architecture", text))
        let isFolded = folding == "folded"

        var initializers: [String: ONNXTensorProto] = [:]
        for tensor in model.graph.initializer { initializers[tensor.name] = tensor }
        func values(_ name: String, sides: [Int]) throws(FileError) -> [Float]? {
            guard let tensor = initializers[name] else { return nil }
            let place = "initializer \"\(name)\""
            guard tensor.dataType == ONNXDataType.float, tensor.dims == sides.map(Int64.init), tensor.dataLocation != 1
            else {
                throw problem(place, "expected float32 values of the sides \(sides), found others")
            }
            try tensor.checkSize(count: sides.reduce(1, *), place: place, path: path)
            return tensor.floats
        }
        let weights: TrainedWeights
        do {
            weights = try TrainedWeights(for: architecture) { tensor in
                try Self.values(of: tensor, isFolded: isFolded, values).map { (tensor.shape, $0) }
            }
        } catch let error as WeightsError {
            throw problem("initializer \"\(error.tensor.name)\"", error.problem)
        }
        let digest = texts[ONNXModelProto.digestKey]
        guard try digest == model.digest() else {
            throw problem(
                "metadata_props \(ONNXModelProto.digestKey)",
                "expected the SHA-256 digest of the model, found \(digest == nil ? "none" : "another"): something "
                    + "changed the model after onepath export wrote it")
        }
        func numbers(_ key: String, in range: ClosedRange<Double>) throws -> [Double]? {
            try texts[ONNXModelProto.metadataPrefix + key].map {
                try ImageNormalization.numbers(at: node(key, $0), channels: architecture.input.channels, in: range)
            }
        }
        let provenance = try texts[ONNXModelProto.metadataPrefix + "weights_provenance"].map {
            try Provenance(json: node("weights_provenance", $0))
        }
        let mean = try numbers("image_mean", in: ImageNormalization.means)
        let deviation = try numbers("image_deviation", in: ImageNormalization.deviations)
        let takesBytes = texts[ONNXModelProto.metadataPrefix + "input"] == "bytes"
        guard !takesBytes || mean != nil && deviation != nil else {
            throw problem("metadata_props", "expected the mean and std of images, which the graph takes as bytes, found none")
        }
        self.init(
            WeightsFile(
                weights, imageMean: mean, imageDeviation: deviation,
                classNames: try texts[ONNXModelProto.metadataPrefix + "class_names"].map {
                    try node("class_names", $0).classNames(count: architecture.classes)
                },
                provenance: provenance),
            isFolded: isFolded, takesBytes: takesBytes,
            answersProbabilities: texts[ONNXModelProto.metadataPrefix + "output"] == "probabilities")
        guard graph.node == model.graph.node else {
            throw problem("graph", "its operators are not those that onepath export wrote: something changed the model")
        }
    }

    /// The longest JSON text of the metadata: twice that of a network of a thousand layers.
    private static let textLimit = 1 << 20

    /// The values of a tensor, in its own layout.
    ///
    /// - Parameter values: returns the values of an initializer with a name and a shape.
    private static func values(
        of tensor: WeightTensor, isFolded: Bool, _ values: (String, [Int]) throws(FileError) -> [Float]?
    ) throws(FileError) -> [Float]? {
        if tensor.name == "classifier.weights" { return try values(tensor.name, tensor.shape) }
        switch tensor.layout {
        case .convolution, .depthwise:
            return try values("\(tensor.name).weights", tensor.channelsFirstShape).map(tensor.channelsLast)
        case .matrix:
            return try values("\(tensor.operatorName).weights", tensor.channelsFirstShape).map(tensor.channelsLast)
        case .vector:
            guard isFolded else { return try values(tensor.name, tensor.shape) }
            switch tensor.role {
            case .weight, .bias: return try values(tensor.name, tensor.shape)
            case .normalizationWeight: return Array(repeating: 1, count: tensor.count)
            case .normalizationBias: return try values("\(tensor.operatorName).bias", tensor.shape)
            case .runningMean: return Array(repeating: 0, count: tensor.count)
            case .runningVar: return Array(repeating: Float(1 - Architecture.normalizationEpsilon), count: tensor.count)
            }
        }
    }
}
