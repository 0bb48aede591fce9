import Files

extension SearchSpace {
    static let schema = "onepath.space/1"

    /// Reads the search space file at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "search space"))
    }

    /// Reads a search space strictly, `node` being the whole document.
    ///
    /// - Throws: `FileError.invalid`, also for a space whose largest network makes a feature map of more than 2³¹−1
    ///   values or takes more than 2⁶⁰ multiply-accumulates.
    public init(json node: JSONNode) throws {
        self = try node.object { fields in
            try fields.schema(Self.schema)
            let name = try fields.node("name").name()
            let description = try fields.string("description")
            let input = try fields.object("input") { try FeatureShape(&$0) }
            let stem = try fields.object("stem") { try Convolution(&$0) }
            let stageList = try fields.node("stages")
            var names: Set<String> = []
            let stages = try stageList.array { stage in
                try stage.object { try Stage(&$0, names: &names) }
            }
            if !Limits.stages.contains(stages.count) {
                try stageList.refuse(
                    problem: "expected \(Limits.stages.lowerBound) to \(Limits.stages.upperBound) stages, found "
                        + "\(stages.count)")
            }
            return SearchSpace(
                name: name, description: description, input: input, stem: stem, stages: stages,
                headChannels: try fields.object("head") { try $0.integer("output_channels", in: Limits.channels) },
                classes: try fields.integer("classes", in: Limits.classes))
        }
        try largest.checkSize(at: node)
    }

    /// The space as a file holds it.
    public var json: JSON {
        [
            "schema": .string(Self.schema), "name": .string(name), "description": .string(description),
            "input": input.json, "stem": stem.json, "stages": .array(stages.map(\.json)),
            "head": ["output_channels": .integer(headChannels)], "classes": .integer(classes),
        ]
    }
}

extension SearchSpace.Convolution {
    init(_ fields: inout JSONFields) throws {
        kernel = try fields.node("kernel").kernel()
        stride = try fields.integer("stride", in: Limits.stride)
        outputChannels = try fields.integer("output_channels", in: Limits.channels)
    }

    var json: JSON { .object(members) }

    var members: [JSON.Member] {
        [
            .init(key: "kernel", value: .integer(kernel)), .init(key: "stride", value: .integer(stride)),
            .init(key: "output_channels", value: .integer(outputChannels)),
        ]
    }
}

extension SearchSpace.Stage {
    init(_ fields: inout JSONFields, names: inout Set<String>) throws {
        name = try fields.uniqueName(of: "stage", among: &names)
        layers = try fields.integer("layers", in: Limits.layersPerStage)
        outputChannels = try fields.integer("output_channels", in: Limits.channels)
        stride = try fields.integer("stride", in: Limits.stride)
        switch (fields.optionalNode("fixed"), fields.optionalNode("choices")) {
        case (let fixed?, nil):
            content = try fixed.object {
                .fixed(
                    kernel: try $0.node("kernel").kernel(),
                    expansion: try $0.integer("expansion", in: Limits.expansion))
            }
        case (nil, let choices?):
            content = try choices.object {
                .searchable(
                    kernels: try $0.node("kernels").ascending { try $0.kernel() },
                    expansions: try $0.node("expansions").ascending { try $0.integer(in: Limits.expansion) },
                    skip: try $0.bool("skip"))
            }
        case (nil, nil):
            throw fields.problem("expected one of the fields \"fixed\" and \"choices\", found neither")
        case (_?, _?):
            throw fields.problem("expected one of the fields \"fixed\" and \"choices\", found both")
        }
    }

    var json: JSON {
        let (key, value): (String, JSON) =
            switch content {
            case .fixed(let kernel, let expansion):
                ("fixed", ["kernel": .integer(kernel), "expansion": .integer(expansion)])
            case .searchable(let kernels, let expansions, let skip):
                (
                    "choices",
                    [
                        "kernels": .array(kernels.map(JSON.integer)),
                        "expansions": .array(expansions.map(JSON.integer)),
                        "skip": .bool(skip),
                    ]
                )
            }
        return [
            "name": .string(name), "layers": .integer(layers), "output_channels": .integer(outputChannels),
            "stride": .integer(stride), key: value,
        ]
    }
}
