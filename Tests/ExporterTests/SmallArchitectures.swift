import Architectures
import Files
import TestSupport

/// Architectures of a few small layers, of everything that a layer can be.
enum SmallArchitectures {
    private static func layer(_ name: String, _ block: Block) -> JSON {
        guard case .object(let members) = block.json else { return .null }
        return .object(
            [
                .init(key: "name", value: .string(name)), .init(key: "searchable", value: false),
                .init(key: "skip", value: false),
            ] + members)
    }

    private static func architecture(
        _ name: String, layers: [JSON], stemStride: Int, channels: Int, head: JSON = ["output_channels": 9]
    ) throws -> Architecture {
        let document: JSON = [
            "schema": "onepath.architecture/1", "name": .string(name), "space": nil,
            "input": ["height": 9, "width": 7, "channels": .integer(channels)],
            "stem": ["kernel": 3, "stride": .integer(stemStride), "output_channels": 4],
            "layers": .array(layers), "head": head, "classes": 5, "provenance": nil,
        ]
        return try Architecture(json: JSONNode(document, path: "\(name).json"))
    }

    /// With an unexpanded block, a skipped layer, residuals, and widths that are no multiples of eight.
    static func plain() throws -> Architecture {
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

    /// With squeeze-excite, which the Engine does not run.
    static func squeezed() throws -> Architecture {
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
