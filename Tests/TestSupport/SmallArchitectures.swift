import Architectures
import Files

/// Architectures of a few small layers, of everything that a layer can be.
public enum SmallArchitectures {
    private static func layer(_ name: String, _ block: Block) -> JSON {
        guard case .object(let members) = block.json else { return .null }
        return .object(
            [
                .init(key: "name", value: .string(name)), .init(key: "searchable", value: false),
                .init(key: "skip", value: false),
            ] + members)
    }

    private static func architecture(
        _ name: String, layers: [JSON], stemStride: Int, channels: Int, head: JSON = ["output_channels": 9],
        height: Int = 9, width: Int = 7
    ) throws -> Architecture {
        let document: JSON = [
            "schema": "onepath.architecture/1", "name": .string(name), "space": nil,
            "input": ["height": .integer(height), "width": .integer(width), "channels": .integer(channels)],
            "stem": ["kernel": 3, "stride": .integer(stemStride), "output_channels": 4],
            "layers": .array(layers), "head": head, "classes": 5, "provenance": nil,
        ]
        return try Architecture(json: JSONNode(document, path: "\(name).json"))
    }

    /// With an unexpanded block, a skipped layer, residuals, and widths that are no multiples of eight.
    public static func plain() throws -> Architecture {
        try architecture(
            "plain",
            layers: [
                layer(
                    "first.1",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 1, inputChannels: 4, outputChannels: 6),
                        residual: false, expandConvolution: false)),
                layer(
                    "stage1.1",
                    Block(
                        shape: .init(kernel: 5, stride: 2, expansion: 3, inputChannels: 6, outputChannels: 7),
                        residual: false)),
                layer(
                    "stage1.2",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 1, inputChannels: 7, outputChannels: 7),
                        residual: true)),
                ["name": "stage1.3", "searchable": true, "skip": true, "channels": 7],
                layer(
                    "stage1.4",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 1, inputChannels: 7, outputChannels: 7),
                        residual: true)),
                layer(
                    "last.1",
                    Block(
                        shape: .init(kernel: 7, stride: 1, expansion: 6, inputChannels: 7, outputChannels: 5),
                        residual: false)),
            ], stemStride: 1, channels: 2)
    }

    /// With every activation and gate, a head with a product after the pool, and even sides that strides of 2 halve.
    public static func active() throws -> Architecture {
        try architecture(
            "active",
            layers: [
                layer(
                    "a.1",
                    Block(
                        shape: .init(kernel: 3, stride: 2, expansion: 2, inputChannels: 4, outputChannels: 8),
                        squeezeExcite: SqueezeExcite(ratio: 0.5, activation: .swish, gate: .hardSigmoid),
                        residual: false, activation: .relu6, projectionActivation: .relu)),
                layer(
                    "a.2",
                    Block(
                        shape: .init(kernel: 5, stride: 2, expansion: 3, inputChannels: 8, outputChannels: 8),
                        squeezeExcite: SqueezeExcite(ratio: 0.25), residual: false, activation: .hardSwish)),
                layer(
                    "a.3",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 2, inputChannels: 8, outputChannels: 8),
                        residual: true, activation: .swish)),
            ], stemStride: 2, channels: 3,
            head: ["output_channels": 9, "activation": "hard_swish", "pooled_channels": 6], height: 32, width: 24)
    }

    /// With squeeze-excite, which the Engine does not run.
    public static func squeezed() throws -> Architecture {
        try architecture(
            "squeezed",
            layers: [
                layer(
                    "a.1",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 1, inputChannels: 4, outputChannels: 8),
                        squeezeExcite: SqueezeExcite(ratio: 0.25), residual: false, expandConvolution: false)),
                layer(
                    "a.2",
                    Block(
                        shape: .init(kernel: 3, stride: 1, expansion: 4, inputChannels: 8, outputChannels: 8),
                        squeezeExcite: SqueezeExcite(ratio: 0.5), residual: false)),
            ], stemStride: 2, channels: 3)
    }
}
