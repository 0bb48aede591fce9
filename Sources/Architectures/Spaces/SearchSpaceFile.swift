import Files

extension SearchSpace {
    static let schema = "onepath.space/1"

    /// Reads the search space file at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "search space"))
    }

    /// Reads a search space strictly from the whole document.
    ///
    /// - Throws: `FileError.invalid`, also for a space whose largest network makes a feature map of more than 2³¹−1
    ///   values or takes more than 2⁶⁰ multiply-accumulates.
    public init(json node: JSONNode) throws {
        self = try node.object { try SearchSpace(&$0) }
        try largest.checkSize(at: node)
    }

    private init(_ fields: inout JSONFields) throws {
        try fields.schema(Self.schema)
        name = try fields.node("name").name()
        description = try fields.string("description")
        input = try fields.object("input") { try FeatureShape(&$0) }
        stem = try fields.object("stem") { try Convolution(&$0) }
        let stageList = try fields.node("stages")
        var names: Set<String> = []
        stages = try stageList.array { stage in
            try stage.object { try Stage(&$0, names: &names) }
        }
        if !Limits.stages.contains(stages.count) {
            try stageList.refuse(
                problem: "expected \(Limits.stages.lowerBound) to \(Limits.stages.upperBound) stages, found "
                    + "\(stages.count)")
        }
        headChannels = try fields.object("head") { try $0.integer("output_channels", in: Limits.channels) }
        classes = try fields.integer("classes", in: Limits.classes)
    }

    /// The document of the space.
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
            content = .searchable(try choices.object { try ChoiceAxis.axes(&$0) })
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
            case .searchable(let axes): ("choices", ChoiceAxis.json(of: axes))
            }
        return [
            "name": .string(name), "layers": .integer(layers), "output_channels": .integer(outputChannels),
            "stride": .integer(stride), key: value,
        ]
    }
}

extension ChoiceAxis {
    /// Reads the axes of a stage: either lists of `kernels` and `expansions`, which are combined freely, or `blocks`,
    /// the list of allowed combinations; and `skip`.
    static func axes(_ fields: inout JSONFields) throws -> [ChoiceAxis] {
        let sizes: [ChoiceAxis]
        if let blocks = fields.optionalNode("blocks") {
            for other in ["kernels", "expansions"] where fields.optionalNode(other) != nil {
                throw fields.problem("expected either \"blocks\" or \"kernels\" and \"expansions\", found \"blocks\" and \"\(other)\"")
            }
            sizes = try axes(ofBlocks: blocks)
        } else {
            sizes = [
                .kernel(try fields.node("kernels").ascending { try $0.kernel() }),
                .expansion(try fields.node("expansions").ascending { try $0.integer(in: Limits.expansion) }),
            ]
        }
        // `skip` is second, so that the indicators keep their order: kernels, presence of the layer, expansions.
        return try fields.bool("skip") ? [sizes[0], .skip] + sizes.dropFirst() : sizes
    }

    /// The axes for a list of blocks: a kernel and an expansion axis if the blocks are every kernel with every
    /// expansion, or a single axis if each block contains the one before.
    private static func axes(ofBlocks node: JSONNode) throws -> [ChoiceAxis] {
        let blocks = try node.array { block in
            try block.object {
                BlockSize(
                    kernel: try $0.node("kernel").kernel(), expansion: try $0.integer("expansion", in: Limits.expansion))
            }
        }
        if blocks.isEmpty { throw node.problem("expected at least one block, found an empty array") }
        if Set(blocks).count < blocks.count { throw node.problem("expected different blocks, found one of them twice") }
        let sorted = blocks.sorted { ($0.expansion, $0.kernel) < ($1.expansion, $1.kernel) }
        if zip(sorted, sorted.dropFirst()).allSatisfy({ $1.contains($0) }) { return [.block(sorted)] }
        let kernels = Set(blocks.map(\.kernel)).sorted(), expansions = Set(blocks.map(\.expansion)).sorted()
        if blocks.count == kernels.count * expansions.count { return [.kernel(kernels), .expansion(expansions)] }
        throw node.problem(
            "expected blocks of which each has at least the kernel and the expansion of the one before, or every kernel with "
                + "every expansion, found " + blocks.map(\.description).joined(separator: ", ")
                + ": smaller blocks are searched as nested parts of larger ones")
    }

    /// The fields that `axes(_:)` reads.
    static func json(of axes: [ChoiceAxis]) -> JSON {
        var members: [JSON.Member] = []
        for axis in axes {
            switch axis {
            case .kernel(let sizes): members.append(.init(key: "kernels", value: .array(sizes.map(JSON.integer))))
            case .expansion(let ratios): members.append(.init(key: "expansions", value: .array(ratios.map(JSON.integer))))
            case .block(let sizes):
                members.append(.init(key: "blocks", value: .array(sizes.map {
                    ["kernel": .integer($0.kernel), "expansion": .integer($0.expansion)]
                })))
            case .skip: break
            }
        }
        return .object(members + [.init(key: "skip", value: .bool(axes.contains(.skip)))])
    }
}
