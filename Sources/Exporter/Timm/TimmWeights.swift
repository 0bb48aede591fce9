import Architectures
import Files

extension WeightsFile {
    /// Replaces the file at `path` with one in timm's names and layouts, for `load_state_dict` of the network that
    /// `TimmNetwork` writes.
    ///
    /// - Throws: `FileError.cannotWrite`, or what `TimmNetwork` throws; what was at `path` is then untouched.
    public func writeForTimm(to path: String) throws {
        let names = try TimmNames(weights.architecture)
        let tensors = weights.architecture.weightTensors.map { tensor in
            NamedTensor(
                name: names[tensor], shape: names.shape(of: tensor), values: tensor.channelsFirst(weights[tensor.name]))
        }
        let texts = metadata.map { (key: $0.key, value: $0.key == "schema" ? Self.timmSchema : $0.value) }
        try SafetensorsFile.write(
            tensors, metadata: texts + [(Self.epsilonKey, "\(Architecture.normalizationEpsilon)")],
            to: path)
    }

    /// Reads weights in timm's names and layouts.
    ///
    /// Batch normalisation here has a fixed ε. If the file's ε differs, the scales are multiplied by
    /// √((variance + ε) / (variance + file's ε)), which gives the same function. A file without an ε in its metadata
    /// has PyTorch's, 1e-5.
    init(timm file: SafetensorsFile, for architecture: Architecture) throws {
        let names = try TimmNames(architecture)
        let known = Set(architecture.weightTensors.map { names[$0] })
        for entry in file.entries where !known.contains(entry.name) {
            guard entry.name.hasSuffix(TimmNames.ignoredSuffix) else {
                throw file.problem(of: entry.name, "\(architecture.name) as a timm network has no such tensor")
            }
        }
        let epsilon = try Self.epsilon(of: file)
        let read = try Self.checked(file) {
            try TrainedWeights(for: architecture) { tensor in
                guard let found = try file.tensor(names[tensor]) else {
                    throw file.problem(of: names[tensor], "expected shape \(names.shape(of: tensor)), found none")
                }
                guard found.shape == names.shape(of: tensor) else {
                    throw file.problem(
                        of: found.name, "expected shape \(names.shape(of: tensor)), found \(found.shape)")
                }
                return (tensor.shape, tensor.channelsLast(found.values))
            }
        }
        let variances = Dictionary(
            uniqueKeysWithValues: architecture.weightTensors.filter { $0.role == .runningVar }.map {
                ($0.operatorName, read[$0.name])
            })
        let weights =
            try epsilon == Architecture.normalizationEpsilon
            ? read
            : Self.checked(file) {
                try TrainedWeights(for: architecture) { tensor in
                    let values = read[tensor.name]
                    guard tensor.role == .normalizationWeight, let variances = variances[tensor.operatorName] else {
                        return (tensor.shape, values)
                    }
                    return (
                        tensor.shape,
                        zip(values, variances).map { scale, variance in
                            Float(
                                Double(scale)
                                    * ((Double(variance) + Architecture.normalizationEpsilon)
                                    / (Double(variance) + epsilon)).squareRoot())
                        }
                    )
                }
            }
        let own = file.metadata["schema"] == Self.timmSchema
        self.init(
            weights,
            imageMean: own ? try file.imageMean(channels: architecture.input.channels) : nil,
            imageDeviation: own ? try file.imageDeviation(channels: architecture.input.channels) : nil,
            classNames: own ? try file.classNames(count: architecture.classes) : nil,
            provenance: own ? try file.provenance() : nil)
    }

    private static let timmSchema = "onepath.timm_weights/1"
    private static let epsilonKey = "normalization_epsilon"

    private static func epsilon(of file: SafetensorsFile) throws -> Double {
        guard let text = file.metadata[epsilonKey] else { return 1e-5 }
        guard let value = Double(text), (1e-12...1).contains(value) else {
            throw FileError.invalid(
                path: file.path, place: "/\(SafetensorsFile.metadataName)/\(epsilonKey)",
                problem: "expected a number from 1e-12 to 1, found \(text.named)")
        }
        return value
    }
}
