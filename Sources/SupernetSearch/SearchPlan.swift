import JSONDocuments

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
    /// The name of the data set, or the path of its directory.
    public let data: String
    /// How many of its images are trained on: the first.
    public let trainingImages: Int
    public let configuration: SearchConfiguration
    public let provenance: Provenance

    static let schema = "onepath.run/1"

    public init(
        space: String, spaceSource: String, device: String, deviceSource: String, data: String, trainingImages: Int,
        configuration: SearchConfiguration, provenance: Provenance
    ) {
        self.space = space
        self.spaceSource = spaceSource
        self.device = device
        self.deviceSource = deviceSource
        self.data = data
        self.trainingImages = trainingImages
        self.configuration = configuration
        self.provenance = provenance
    }

    public var json: JSON {
        [
            "schema": .string(Self.schema), "space": .string(space), "space_source": .string(spaceSource),
            "device": .string(device), "device_source": .string(deviceSource), "data": .string(data),
            "train_examples": .integer(trainingImages), "configuration": configuration.json,
            "provenance": provenance.json,
        ]
    }

    /// Reads the plan of the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`; `ConfigurationError` for settings that no run can have.
    public init(run path: String) throws {
        let node = try JSONNode(
            contentsOf: path + "/" + RunDirectory.configurationName,
            what: "search to go on with (its \(RunDirectory.configurationName))")
        self = try node.object { fields in
            try fields.schema(Self.schema)
            return SearchPlan(
                space: try fields.string("space"), spaceSource: try fields.string("space_source"),
                device: try fields.string("device"), deviceSource: try fields.string("device_source"),
                data: try fields.string("data"), trainingImages: try fields.integer("train_examples", in: 1...1 << 40),
                configuration: try SearchConfiguration(json: fields.node("configuration")),
                provenance: try Provenance(json: fields.node("provenance")))
        }
    }
}
