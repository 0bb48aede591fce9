import Files
import Training

/// Everything that determines a training: the content of `config.json`.
public struct TrainingPlan: Sendable {
    public let architecture: RunInput
    /// The initial weights: the path of a file, or of the directory of a run; nil where they are drawn.
    public let inherit: String?
    public let images: RunImages
    public let configuration: TrainingConfiguration
    /// The number of steps between checkpoints.
    public let checkpointInterval: Int
    public let provenance: Provenance

    public init(
        architecture: RunInput, inherit: String?, images: RunImages, configuration: TrainingConfiguration,
        checkpointInterval: Int, provenance: Provenance
    ) {
        self.architecture = architecture
        self.inherit = inherit
        self.images = images
        self.configuration = configuration
        self.checkpointInterval = checkpointInterval
        self.provenance = provenance
    }

    public var json: JSON {
        [
            "schema": .string(RunKind.training.schema), "architecture": .string(architecture.name),
            "architecture_source": .string(architecture.source), "inherit": inherit.map(JSON.string) ?? .null,
            "data": .string(images.data), "train_examples": .integer(images.count), "configuration": configuration.json,
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
                architecture: RunInput(
                    name: try fields.string("architecture"), source: try fields.string("architecture_source")),
                inherit: inherit.isNull ? nil : try inherit.string(),
                images: RunImages(data: try fields.string("data"), count: images),
                configuration: try fields.node("configuration").settings { node in
                    let configuration = try node.object { try TrainingConfiguration(json: &$0) }
                    try configuration.check(images: images)
                    return configuration
                }, checkpointInterval: try fields.integer("checkpoint_every", in: 1...1 << 40),
                provenance: try Provenance(json: fields.node("provenance")))
        }
    }
}
