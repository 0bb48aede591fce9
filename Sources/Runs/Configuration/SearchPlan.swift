import Files
import SupernetSearch
import Training

/// Everything that determines a search: what `config.json` holds.
///
///     let plan = try SearchPlan(run: "runs/one")
///     let space = try SearchSpace(contentsOf: path(of: plan.spaceSource))
public struct SearchPlan: Sendable {
    /// The name of the search space, and the name or the path that it was given by.
    public let space: String
    public let spaceSource: String
    /// The name of the device profile, and the name or the path that it was given by.
    public let device: String
    public let deviceSource: String
    /// With how many threads the device computes; nil for as many as its profile says.
    public var deviceThreads: Int?
    /// The name of the data set, or the path of its directory.
    public let data: String
    /// How many of its images are trained on: the first.
    public let trainingImages: Int
    public let configuration: SearchConfiguration
    /// A checkpoint is kept every so many steps.
    public let checkpointInterval: Int
    public let provenance: Provenance

    public init(
        space: String, spaceSource: String, device: String, deviceSource: String, data: String, trainingImages: Int,
        configuration: SearchConfiguration, checkpointInterval: Int, provenance: Provenance
    ) {
        self.space = space
        self.spaceSource = spaceSource
        self.device = device
        self.deviceSource = deviceSource
        self.data = data
        self.trainingImages = trainingImages
        self.configuration = configuration
        self.checkpointInterval = checkpointInterval
        self.provenance = provenance
    }

    /// The plan of a search that differs in its settings.
    func with(_ configuration: SearchConfiguration) -> SearchPlan {
        var plan = SearchPlan(
            space: space, spaceSource: spaceSource, device: device, deviceSource: deviceSource, data: data,
            trainingImages: trainingImages, configuration: configuration, checkpointInterval: checkpointInterval,
            provenance: provenance)
        plan.deviceThreads = deviceThreads
        return plan
    }

    public var json: JSON {
        let threads = deviceThreads.map { [JSON.Member(key: Self.deviceThreadsField, value: .integer($0))] } ?? []
        return .object(
            [
                .init(key: "schema", value: .string(RunKind.search.schema)), .init(key: "space", value: .string(space)),
                .init(key: "space_source", value: .string(spaceSource)), .init(key: "device", value: .string(device)),
                .init(key: "device_source", value: .string(deviceSource)),
            ] + threads + [
                .init(key: "data", value: .string(data)), .init(key: "train_examples", value: .integer(trainingImages)),
                .init(key: "configuration", value: configuration.json),
                .init(key: "checkpoint_every", value: .integer(checkpointInterval)),
                .init(key: "provenance", value: provenance.json),
            ])
    }

    private static let deviceThreadsField = "device_threads"

    /// Reads how many threads the device of a search computes with, where its configuration says.
    static func deviceThreads(_ fields: inout JSONFields) throws(FileError) -> Int? {
        guard let node = fields.optionalNode(deviceThreadsField) else { return nil }
        return try node.integer(in: 1...1024)
    }

    /// Reads the plan of the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(run path: String) throws {
        try self.init(json: RunKind.search.configuration(ofRunIn: path))
    }

    /// Reads what `json` makes, strictly.
    ///
    /// - Throws: `FileError.invalid`.
    init(json node: JSONNode) throws {
        self = try node.object { fields in
            try fields.schema(RunKind.search.schema)
            let images = try fields.integer("train_examples", in: 1...1 << 40)
            var plan = SearchPlan(
                space: try fields.string("space"), spaceSource: try fields.string("space_source"),
                device: try fields.string("device"), deviceSource: try fields.string("device_source"),
                data: try fields.string("data"), trainingImages: images,
                configuration: try fields.node("configuration").settings { node in
                    let configuration = try SearchConfiguration(json: node)
                    try configuration.training.check(images: images)
                    return configuration
                },
                checkpointInterval: try fields.integer("checkpoint_every", in: 1...1 << 40),
                provenance: try Provenance(json: fields.node("provenance")))
            plan.deviceThreads = try Self.deviceThreads(&fields)
            return plan
        }
    }
}
