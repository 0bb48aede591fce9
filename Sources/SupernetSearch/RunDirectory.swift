import Architectures
import Glibc
import JSONDocuments

/// The directory of one run: what determines it, how it went, and what came out.
///
/// - `config.json`: everything that determines the run.
/// - `metrics.jsonl`: one line a logged step.
/// - `architecture.json`: what was found, written at the end by whoever knows how to export it.
/// - `weights.safetensors`: the weights of what was found, likewise.
/// - `result.json`: how the supernet, as it decided, classifies the test images.
///
/// `RunRecord` reads what stands in it.
public final class RunDirectory {
    public let path: String
    private let metrics: JSONLines

    public var configurationPath: String { path + "/" + Self.configurationName }
    public var metricsPath: String { path + "/" + Self.metricsName }
    public var architecturePath: String { path + "/" + Self.architectureName }
    public var weightsPath: String { path + "/" + Self.weightsName }
    public var resultPath: String { path + "/" + Self.resultName }

    static let configurationName = "config.json"
    static let metricsName = "metrics.jsonl"
    static let architectureName = "architecture.json"
    private static let weightsName = "weights.safetensors"
    static let resultName = "result.json"
    static let schema = "onepath.run/1"
    static let resultSchema = "onepath.result/1"

    /// Makes the directory, and those above it, where they do not exist, and writes the configuration.
    ///
    /// - Parameters:
    ///   - space: the name of the search space.
    ///   - device: the name of the device profile.
    ///   - data: the name of the data set, or the path of its directory.
    ///   - trainingImages: how many images are trained on.
    /// - Throws: `FileError.cannotWrite` where that is not possible, and where the directory holds a run already,
    ///   which is left as it is.
    public init(
        creating path: String, space: String, device: String, data: String, trainingImages: Int,
        configuration: SearchConfiguration, provenance: Provenance
    ) throws(FileError) {
        self.path = path
        try Self.makeDirectories(path)
        for name in [
            Self.configurationName, Self.metricsName, Self.architectureName, Self.weightsName, Self.resultName,
        ] where access(path + "/" + name, F_OK) == 0 {
            throw .cannotWrite(
                path: path, reason: "it holds another run (\(name)); give a new directory or remove that one")
        }
        metrics = try JSONLines(creating: path + "/" + Self.metricsName)
        let document: JSON = [
            "schema": .string(Self.schema), "space": .string(space), "device": .string(device), "data": .string(data),
            "train_examples": .integer(trainingImages), "configuration": configuration.json,
            "provenance": provenance.json,
        ]
        try document.write(to: path + "/" + Self.configurationName)
    }

    /// Adds a step to the metrics.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public func log(_ step: SearchStep, layers: [SearchSpace.Layer]) throws(FileError) {
        try metrics.append(step.json(layers: layers))
    }

    /// Writes how the supernet, as it decided, classifies the test images.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public func record(_ result: Evaluation, provenance: Provenance) throws(FileError) {
        let head = JSON.Member(key: "schema", value: .string(Self.resultSchema))
        let tail = JSON.Member(key: "provenance", value: provenance.json)
        try JSON.object([head] + result.members + [tail]).write(to: resultPath)
    }

    /// Reads what `record` wrote; nil where the run is not finished.
    ///
    /// - Throws: `FileError`.
    static func result(ofRunIn path: String) throws -> Evaluation? {
        let result = path + "/" + resultName
        if access(result, F_OK) != 0 { return nil }
        return try JSONNode(contentsOf: result, what: "result").object { fields in
            try fields.schema(resultSchema)
            let evaluation = try Evaluation(json: &fields)
            _ = try Provenance(json: fields.node("provenance"))
            return evaluation
        }
    }

    private static func makeDirectories(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o777) != 0, errno != EEXIST {
                throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotWrite(path: path, reason: "it is not a directory")
        }
    }
}
