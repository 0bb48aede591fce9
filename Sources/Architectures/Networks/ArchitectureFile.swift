import Files

extension Architecture {
    static let schema = "onepath.architecture/1"

    /// Reads the architecture file at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "architecture"))
    }

    /// Reads an architecture strictly from the whole document; its provenance may have any content.
    ///
    /// - Throws: `FileError.invalid`, also where the widths of two layers do not fit, two layers have one name, a
    ///   feature map has more than 2³¹−1 values, or the network more than 2⁶⁰ multiply-accumulates.
    public init(json node: JSONNode) throws {
        self = try node.object { try Architecture(&$0) }
        try checkSize(at: node)
    }

    private init(_ fields: inout JSONFields) throws {
        try fields.schema(Self.schema)
        name = try fields.node("name").name()
        let spaceNode = try fields.node("space")
        space = spaceNode.isNull ? nil : try spaceNode.name()
        input = try fields.object("input") { try FeatureShape(&$0) }
        stem = try fields.object("stem") { try Stem(&$0) }
        let layerList = try fields.node("layers")
        var names: Set = [Self.stemName, Self.headName, Self.classifierName]
        var width = stem.convolution.outputChannels
        layers = try layerList.array { layer in
            try layer.object { try Layer(&$0, names: &names, width: &width) }
        }
        if !Limits.layers.contains(layers.count) {
            try layerList.refuse(
                problem: "expected \(Limits.layers.lowerBound) to \(Limits.layers.upperBound) layers, found "
                    + "\(layers.count)")
        }
        let headNode = try fields.node("head")
        head = headNode.isNull ? nil : try headNode.object { try Head(&$0) }
        classes = try fields.integer("classes", in: Limits.classes)
        let provenance = try fields.node("provenance")
        switch provenance.value {
        case .object, .null: break
        default: try provenance.refuse(expected: "an object or null")
        }
    }

    /// The architecture's document, with an object that describes how it came about, or null.
    public func json(provenance: JSON = .null) -> JSON {
        [
            "schema": .string(Self.schema), "name": .string(name), "space": space.map(JSON.string) ?? .null,
            "input": input.json, "stem": stem.json, "layers": .array(layers.map(\.json)),
            "head": head?.json ?? .null, "classes": .integer(classes), "provenance": provenance,
        ]
    }

    /// Checks that no operator writes more values than `Limits.featureMap`, and that all together compute at most
    /// `Limits.macs`; `node` is the architecture's place.
    func checkSize(at node: JSONNode) throws(FileError) {
        var macs = 0
        for layer in network.layers {
            if let step = layer.operators.oversized {
                throw node.problem(
                    "layer \(layer.name) makes a feature map of \(step.output), which is more than "
                        + "\(Limits.featureMap) values")
            }
            macs += layer.macs
            if macs > Limits.macs {
                throw node.problem(
                    "the layers up to \(layer.name) take \(macs) multiply-accumulates, which is more than "
                        + "\(Limits.macs)")
            }
        }
    }
}

extension Architecture.Stem {
    init(_ fields: inout JSONFields) throws {
        self.init(
            convolution: try SearchSpace.Convolution(&fields),
            activation: try fields.activation("activation", among: Activation.forMaps, default: .relu))
    }

    var json: JSON { .object(convolution.members + activation.members) }
}

extension Architecture.Head {
    init(_ fields: inout JSONFields) throws {
        self.init(
            outputChannels: try fields.integer("output_channels", in: Limits.channels),
            activation: try fields.activation("activation", among: Activation.forMaps, default: .relu),
            pooledChannels: try fields.optionalNode("pooled_channels")?.integer(in: Limits.channels))
    }

    var json: JSON {
        .object(
            [.init(key: "output_channels", value: .integer(outputChannels))] + activation.members
                + (pooledChannels.map { [.init(key: "pooled_channels", value: .integer($0))] } ?? []))
    }
}

extension Activation {
    /// The field of a stem or a head; absent for ReLU.
    fileprivate var members: [JSON.Member] {
        self == .relu ? [] : [.init(key: "activation", value: .string(rawValue))]
    }
}

extension Architecture.Layer {
    /// Reads the fields of a layer whose input has `width` channels, and sets `width` to its output's.
    ///
    /// `names` are the names that are already taken: of earlier layers, stem, head and classifier.
    init(_ fields: inout JSONFields, names: inout Set<String>, width: inout Int) throws {
        name = try fields.uniqueName(of: "layer", among: &names)
        isSearchable = try fields.bool("searchable")
        if try fields.bool("skip") {
            content = .skip(channels: try fields.node("channels").width(width))
        } else {
            let block = try Block(json: &fields)
            _ = try fields.node("input_channels").width(width)
            content = .block(block)
            width = block.shape.outputChannels
        }
    }

    var json: JSON {
        let head: [JSON.Member] = [
            .init(key: "name", value: .string(name)), .init(key: "searchable", value: .bool(isSearchable)),
        ]
        switch content {
        case .skip(let channels):
            return .object(
                head + [.init(key: "skip", value: true), .init(key: "channels", value: .integer(channels))])
        case .block(let block):
            return .object(head + [.init(key: "skip", value: false)] + block.members)
        }
    }
}
