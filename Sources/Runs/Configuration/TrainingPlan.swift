import Files
import Training

/// Everything that determines a training: what `config.json` holds.
public struct TrainingPlan: Sendable {
    /// The name of the architecture, and the name or the path that it was given by.
    public let architecture: String
    public let architectureSource: String
    /// The weights that it begins with: the path of a file, or of the directory of a run; nil where they were drawn.
    public let inherit: String?
    /// The name of the data set, or the path of its directory.
    public let data: String
    /// How many of its images are trained on: the first.
    public let trainingImages: Int
    public let configuration: TrainingConfiguration
    /// A checkpoint is kept every so many steps.
    public let checkpointInterval: Int
    public let provenance: Provenance

    public init(
        architecture: String, architectureSource: String, inherit: String?, data: String, trainingImages: Int,
        configuration: TrainingConfiguration, checkpointInterval: Int, provenance: Provenance
    ) {
        self.architecture = architecture
        self.architectureSource = architectureSource
        self.inherit = inherit
        self.data = data
        self.trainingImages = trainingImages
        self.configuration = configuration
        self.checkpointInterval = checkpointInterval
        self.provenance = provenance
    }

    public var json: JSON {
        [
            "schema": .string(RunKind.training.schema), "architecture": .string(architecture),
            "architecture_source": .string(architectureSource), "inherit": inherit.map(JSON.string) ?? .null,
            "data": .string(data), "train_examples": .integer(trainingImages), "configuration": configuration.json,
            "checkpoint_every": .integer(checkpointInterval), "provenance": provenance.json,
        ]
    }

    /// Reads the plan of the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(run path: String) throws {
        let node = try RunKind.training.configuration(ofRunIn: path)
        self = try node.object { fields in
            try fields.schema(RunKind.training.schema)
            let inherit = try fields.node("inherit")
            let images = try fields.integer("train_examples", in: 1...1 << 40)
            return TrainingPlan(
                architecture: try fields.string("architecture"),
                architectureSource: try fields.string("architecture_source"),
                inherit: inherit.isNull ? nil : try inherit.string(), data: try fields.string("data"),
                trainingImages: images,
                configuration: try fields.node("configuration").settings { node in
                    let configuration = try node.object { try TrainingConfiguration(json: &$0) }
                    try configuration.check(images: images)
                    return configuration
                }, checkpointInterval: try fields.integer("checkpoint_every", in: 1...1 << 40),
                provenance: try Provenance(json: fields.node("provenance")))
        }
    }
}
