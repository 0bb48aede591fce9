import Architectures
import Files

/// The file `weights.safetensors` of a search or a training: the weights of an architecture with the names and layouts
/// of its `weightTensors`, and their provenance as metadata.
///
/// Metadata: "schema" is "onepath.weights/1", "architecture" the architecture's name, "provenance" a JSON text;
/// "image_mean" and "image_deviation" are JSON lists of one number for each channel: mean and std for the normalisation
/// of images (bytes divided by 255); "class_names" is a JSON list of the names of the classes.
public struct WeightsFile: Sendable {
    public var weights: TrainedWeights
    /// Mean and std for the normalisation of images, one value for each channel; nil where the file has none.
    public let imageMean: [Double]?
    public let imageDeviation: [Double]?
    /// The names of the classes, in the order of their labels; nil where the file has none.
    public var classNames: [String]?
    public var provenance: Provenance?

    static let schema = "onepath.weights/1"

    public init(
        _ weights: TrainedWeights, imageMean: [Double]? = nil, imageDeviation: [Double]? = nil,
        classNames: [String]? = nil, provenance: Provenance?
    ) {
        self.weights = weights
        self.imageMean = imageMean
        self.imageDeviation = imageDeviation
        self.classNames = classNames
        self.provenance = provenance
    }

    /// Reads the weights of `architecture` from the file at `path`: one that `write` made, or one with timm's names,
    /// such as that of spnasnet_100; a tensor "conv_stem.weight" identifies the latter.
    ///
    /// - Throws: `FileError`, also where a tensor is missing, is left over, or has another shape.
    public init(contentsOf path: String, for architecture: Architecture) throws {
        let file = try SafetensorsFile(path: path)
        if file.entries.contains(where: { $0.name == TimmNames.stem }) {
            try self.init(timm: file, for: architecture)
            return
        }
        let weights = try Self.checked(file) {
            try TrainedWeights(for: architecture) { tensor in try file.tensor(tensor.name).map { ($0.shape, $0.values) }
            }
        }
        let known = Set(architecture.weightTensors.map(\.name))
        if let unknown = file.entries.first(where: { !known.contains($0.name) }) {
            throw file.problem(of: unknown.name, "\(architecture.name) has no such tensor")
        }
        if let schema = file.metadata["schema"], schema != Self.schema {
            throw FileError.invalid(
                path: path, place: "/\(SafetensorsFile.metadataName)/schema",
                problem: "expected \"\(Self.schema)\", found \"\(schema)\"")
        }
        self.init(
            weights, imageMean: try file.imageMean(channels: architecture.input.channels),
            imageDeviation: try file.imageDeviation(channels: architecture.input.channels),
            classNames: try file.classNames(count: architecture.classes), provenance: try file.provenance())
    }

    /// Reads the weights of `architecture` as `init(contentsOf:for:)` does, and also those of the architecture with another
    /// number of classes, which is that of the file's classifier.
    ///
    /// - Throws: `FileError`, likewise.
    public init(contentsOf path: String, forAnyClassesOf architecture: Architecture) throws {
        var architecture = architecture
        // The name is the same in timm.
        let bias = try SafetensorsFile(path: path).entries.first { $0.name == "classifier.bias" }
        if let shape = bias?.shape, shape.count == 1, shape[0] > 0 { architecture.classes = shape[0] }
        try self.init(contentsOf: path, for: architecture)
    }

    /// Replaces the file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String) throws(FileError) {
        let tensors = weights.architecture.weightTensors.map { tensor in
            NamedTensor(name: tensor.name, shape: tensor.shape, values: weights[tensor.name])
        }
        try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    }

    /// The metadata of the file.
    var metadata: [(key: String, value: String)] {
        var texts = [("schema", Self.schema), ("architecture", weights.architecture.name)]
        func list(_ values: [Double]) -> String { JSON.array(values.map(JSON.number)).text(pretty: false) }
        if let imageMean { texts.append(("image_mean", list(imageMean))) }
        if let imageDeviation { texts.append(("image_deviation", list(imageDeviation))) }
        if let classNames {
            texts.append(("class_names", JSON.array(classNames.map(JSON.string)).text(pretty: false)))
        }
        if let provenance { texts.append(("provenance", provenance.json.text(pretty: false))) }
        return texts.map { (key: $0.0, value: $0.1) }
    }

    /// Runs `body` to make weights, and turns a `WeightsError` into an error of the file.
    static func checked(_ file: SafetensorsFile, _ body: () throws -> TrainedWeights) throws -> TrainedWeights {
        do {
            return try body()
        } catch let error as WeightsError {
            throw file.problem(of: error.tensor.name, error.problem)
        }
    }
}

extension SafetensorsFile {
    /// A JSON text of the metadata.
    fileprivate func metadataNode(_ key: String) throws -> JSONNode? {
        guard let text = metadata[key] else { return nil }
        let pointer = "/\(Self.metadataName)/\(key)"
        do {
            return JSONNode(try JSON(parsing: text, path: path), path: path, pointer: pointer)
        } catch {
            throw FileError.invalid(path: path, place: pointer, problem: "expected a JSON text, found another")
        }
    }

    /// The provenance of the tensors; nil where the file has none.
    func provenance() throws -> Provenance? {
        try metadataNode("provenance").map { try Provenance(json: $0) }
    }

    /// What images were normalised with; nil where the file does not say.
    func imageMean(channels: Int) throws -> [Double]? {
        try metadataNode("image_mean").map {
            try ImageNormalization.numbers(at: $0, channels: channels, in: ImageNormalization.means)
        }
    }

    /// What images were normalised with; nil where the file does not say.
    func imageDeviation(channels: Int) throws -> [Double]? {
        try metadataNode("image_deviation").map {
            try ImageNormalization.numbers(at: $0, channels: channels, in: ImageNormalization.deviations)
        }
    }

    /// The names of the classes; nil where the file does not say.
    func classNames(count: Int) throws -> [String]? { try metadataNode("class_names")?.classNames(count: count) }
}

extension JSONNode {
    /// The names of so many classes.
    ///
    /// - Throws: `FileError.invalid`.
    func classNames(count: Int) throws -> [String] {
        let names = try array { try $0.string() }
        guard names.count == count else {
            throw problem("expected the names of \(count) classes, found \(names.count)")
        }
        return names
    }
}
