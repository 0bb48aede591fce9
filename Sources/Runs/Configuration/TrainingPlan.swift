import Files
import Training

/// Everything that determines a training: the content of `config.json`.
public struct TrainingPlan: Sendable {
    public let architecture: RunInput
    /// The initial weights: the path of a file, or of the directory of a run; nil where they are drawn.
    public let inherit: String?
    public var images: RunImages
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
        .object([
            .init(key: "schema", value: .string(RunKind.training.schema)),
            .init(key: "architecture", value: .string(architecture.name)),
            .init(key: "architecture_source", value: .string(architecture.source)),
            .init(key: "inherit", value: inherit.map(JSON.string) ?? .null),
        ] + images.members + [
            .init(key: "configuration", value: configuration.json),
            .init(key: "checkpoint_every", value: .integer(checkpointInterval)),
            .init(key: "provenance", value: provenance.json),
        ])
    }

    /// Reads the plan of the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(run path: String) throws {
        let node = try RunKind.training.configuration(ofRunIn: path)
        self = try node.object { fields in
            try fields.schema(RunKind.training.schema)
            let inherit = try fields.node("inherit")
            let images = try RunImages(&fields)
            return TrainingPlan(
                architecture: RunInput(
                    name: try fields.string("architecture"), source: try fields.string("architecture_source")),
                inherit: inherit.isNull ? nil : try inherit.string(),
                images: images,
                configuration: try fields.node("configuration").settings { node in
                    let configuration = try node.object { try TrainingConfiguration(json: &$0) }
                    try configuration.check(images: images.trained)
                    try configuration.check(inherits: !inherit.isNull)
                    return configuration
                }, checkpointInterval: try fields.integer("checkpoint_every", in: 1...1 << 40),
                provenance: try Provenance(json: fields.node("provenance")))
        }
    }
}
