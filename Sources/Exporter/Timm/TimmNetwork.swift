import Architectures
import Files

/// An architecture as a Python file that builds the same network with timm, from timm's block strings.
///
/// The file contains its definition as a JSON text between two marks, and can be read again: as the same network, but
/// without skipped layers and without the layers' names.
public struct TimmNetwork: Hashable, Sendable {
    public let architecture: Architecture

    private static let schema = "onepath.timm/1"
    private static let opening = "DEFINITION = json.loads(r\"\"\""
    private static let closing = "\"\"\")"

    /// - Throws: `TimmError` for an architecture that timm's EfficientNet cannot express, such as MobileNetV3, for
    ///   which timm has another class.
    public init(_ architecture: Architecture) throws(TimmError) {
        self.architecture = architecture
        func refuse(_ place: String, _ problem: String) -> TimmError {
            TimmError(architecture: architecture.name, place: place, problem: problem)
        }
        guard let head = architecture.head else { throw refuse("the head", "is missing") }
        if head.pooledChannels != nil { throw refuse("the head", "has a product after the pool") }
        guard head.activation == architecture.stem.activation else {
            throw refuse("the head", "has another activation than the stem")
        }
        guard TimmBlockString.activations[head.activation] != nil else {
            throw refuse("the stem", "has the activation \(head.activation.rawValue)")
        }
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            let place = "layer \(layer.name)"
            if block.projectionActivation != .none { throw refuse(place, "has an activation after its projection") }
            guard TimmBlockString.activations[block.activation] != nil else {
                throw refuse(place, "has the activation \(block.activation.rawValue)")
            }
            guard let squeezeExcite = block.squeezeExcite else { continue }
            if squeezeExcite.activation != block.activation {
                throw refuse(place, "has another activation in its squeeze-excite than in its block")
            }
            if squeezeExcite.gate != Self.gate(of: architecture) {
                throw refuse(place, "has another gate than the squeeze-excites before")
            }
        }
    }

    /// The gate of the network's squeeze-excites.
    private static func gate(of architecture: Architecture) -> Activation {
        for layer in architecture.layers {
            if case .block(let block) = layer.content, let squeezeExcite = block.squeezeExcite {
                return squeezeExcite.gate
            }
        }
        return .sigmoid
    }

    /// timm's block strings, stage by stage.
    public var blockStrings: [[String]] {
        architecture.timmStages.map { stage in
            TimmBlockString.strings(for: stage.map(\.block), usual: architecture.stem.activation).map(\.description)
        }
    }

    /// Replaces the Python file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String, provenance: Provenance?) throws(FileError) {
        try AtomicFile.write(python(provenance: provenance), to: path)
    }

    /// The definition in the Python file.
    func definition(provenance: Provenance?) -> JSON {
        let document = architecture.json()
        return [
            "schema": .string(Self.schema), "name": .string(architecture.name), "input": document["input"] ?? .null,
            "stem": document["stem"] ?? .null, "blocks": .array(blockStrings.map { .array($0.map(JSON.string)) }),
            "head": document["head"] ?? .null, "classes": .integer(architecture.classes),
            "gate": .string(Self.gate(of: architecture).rawValue),
            "normalization_epsilon": .number(Architecture.normalizationEpsilon),
            "provenance": provenance?.json ?? .null,
        ]
    }

    private func python(provenance: Provenance?) -> String {
        """
        # A network for timm (pip install timm safetensors), written by onepath export.
        #
        #   import network
        #   model = network.load("weights.safetensors")   # of onepath export --format safetensors
        #   model = network.build()                       # or untrained
        #   network.save(model, "trained.safetensors")    # for onepath --weights
        import json
        from functools import partial
        from unittest.mock import patch

        from timm.layers import get_act_layer
        from timm.models._efficientnet_blocks import SqueezeExcite
        from timm.models._efficientnet_builder import decode_arch_def
        from timm.models.efficientnet import EfficientNet
        from torch import nn

        \(Self.opening)
        \(definition(provenance: provenance).text(pretty: true))
        \(Self.closing)


        def build(**options):
            \"""The untrained network; options go to timm's EfficientNet.\"""
            stem = DEFINITION["stem"]

            def nearest(width):
                return max(1, int(width + 0.500001))

            # timm rounds widths between expansion and projection to multiples of eight; these are exact.
            with patch("timm.models._efficientnet_blocks.make_divisible", nearest):
                model = EfficientNet(
                    decode_arch_def(DEFINITION["blocks"]),
                    num_classes=DEFINITION["classes"],
                    num_features=DEFINITION["head"]["output_channels"],
                    in_chans=DEFINITION["input"]["channels"],
                    stem_size=stem["output_channels"],
                    stem_kernel_size=stem["kernel"],
                    fix_stem=True,
                    output_stride=1 << 30,
                    act_layer=get_act_layer(stem.get("activation", "relu")),
                    norm_layer=partial(nn.BatchNorm2d, eps=DEFINITION["normalization_epsilon"], momentum=0.01),
                    se_layer=partial(
                        SqueezeExcite, rd_round_fn=nearest, gate_layer=get_act_layer(DEFINITION["gate"])),
                    round_chs_fn=lambda channels: channels,
                    **options,
                )
            # timm's stem has stride 2, whatever it is given.
            model.conv_stem.stride = (stem["stride"], stem["stride"])
            return model


        def load(path):
            \"""The network with the weights of a safetensors file, for evaluation.\"""
            from safetensors.torch import load_file

            model = build()
            model.load_state_dict(load_file(path))
            return model.eval()


        def save(model, path):
            \"""Writes the weights of such a network, with the epsilon of its batch normalisation.\"""
            from safetensors.torch import save_file

            weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
            metadata = {"normalization_epsilon": str(DEFINITION["normalization_epsilon"])}
            save_file(weights, path, metadata)

        """
    }
}

extension TimmNetwork {
    /// Reads a Python file that `write` made; only its definition matters.
    ///
    /// - Throws: `FileError`, also where a block string is not supported.
    public init(contentsOf path: String) throws {
        let content = try FileContent(path: path, what: "timm network")
        guard content.count <= Self.sizeLimit else {
            throw FileError.invalid(
                path: path, place: "", problem: "expected at most \(Self.sizeLimit) bytes, found \(content.count)")
        }
        let text = String(decoding: try content.bytes(0..<content.count), as: UTF8.self)
        guard let start = text.firstRange(of: Self.opening)?.upperBound,
            let end = text[start...].firstRange(of: Self.closing)?.lowerBound
        else {
            throw FileError.invalid(
                path: path, place: "", problem: "expected a definition between \(Self.opening) and \(Self.closing)")
        }
        // Keep the number of lines before, so that errors name lines of the file.
        let lines = String(repeating: "\n", count: text[..<start].count { $0 == "\n" })
        let node = JSONNode(try JSON(parsing: lines + text[start..<end], path: path), path: path)
        self = try node.object { fields in
            try fields.schema(Self.schema)
            let name = try fields.string("name")
            let input = try fields.node("input"), stem = try fields.node("stem")
            let blocks = try fields.node("blocks")
            let head = try fields.node("head"), classes = try fields.node("classes")
            let epsilon = try fields.node("normalization_epsilon")
            guard epsilon.value == .number(Architecture.normalizationEpsilon) else {
                throw epsilon.mismatch(expected: "\(Architecture.normalizationEpsilon)")
            }
            let gateNode = try fields.node("gate")
            guard let gate = Activation(rawValue: try gateNode.string()), gate == .sigmoid || gate == .hardSigmoid
            else {
                throw gateNode.mismatch(expected: "\"sigmoid\" or \"hard_sigmoid\"")
            }
            let usual: Activation
            switch stem.value["activation"] {
            case .string(let name): usual = Activation(rawValue: name) ?? .relu
            default: usual = .relu
            }
            let provenance = try fields.node("provenance").value
            guard case .integer(var width) = stem.value["output_channels"], (1...65536).contains(width) else {
                throw stem.problem("expected the field \"output_channels\" with a number from 1 to 65536")
            }
            var layers: [JSON] = []
            for (stage, strings) in try blocks.array({ try $0.array { $0 } }).enumerated() {
                var index = 0
                for string in strings {
                    let read: [Block]
                    do {
                        read = try TimmBlockString.blocks(
                            try string.string(), inputChannels: width, usual: usual, gate: gate)
                    } catch let problem as TimmBlockString.Problem {
                        throw string.problem(problem.sentence)
                    }
                    guard layers.count + read.count <= Self.layerLimit else {
                        throw blocks.problem("expected at most \(Self.layerLimit) blocks, found more")
                    }
                    for block in read {
                        index += 1
                        layers.append(Self.layer(named: "stage\(stage).\(index)", block))
                        width = block.shape.outputChannels
                    }
                }
            }
            // Read it as an architecture file, which has the same limits and errors.
            let document: JSON = [
                "schema": "onepath.architecture/1", "name": .string(name), "space": .null, "input": input.value,
                "stem": stem.value, "layers": .array(layers), "head": head.value, "classes": classes.value,
                "provenance": provenance,
            ]
            return try TimmNetwork(Architecture(json: JSONNode(document, path: path)))
        }
    }

    /// A layer in the form of an architecture file.
    private static func layer(named name: String, _ block: Block) -> JSON {
        guard case .object(let members) = block.json else { preconditionFailure("a block is an object") }
        let head: [JSON.Member] = [
            .init(key: "name", value: .string(name)), .init(key: "searchable", value: false),
            .init(key: "skip", value: false),
        ]
        return .object(head + members)
    }

    /// Twenty times the size for a network of a thousand blocks.
    private static let sizeLimit = 1 << 19
    /// The limit of an architecture file, checked before layers are created: a string of twenty bytes creates 64.
    private static let layerLimit = 1024
}
