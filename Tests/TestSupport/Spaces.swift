import Architectures
import Files

/// Search spaces small enough for a test.
public enum Spaces {
    /// A stage of layers with choices, as a space's file has it.
    public static func stage(
        _ name: String, layers: Int = 2, channels: Int, stride: Int, kernels: [Int] = [3, 5], expansions: [Int] = [3, 6],
        skip: Bool = true
    ) -> JSON {
        [
            "name": .string(name), "layers": .integer(layers), "output_channels": .integer(channels),
            "stride": .integer(stride),
            "choices": [
                "kernels": .array(kernels.map { .integer($0) }), "expansions": .array(expansions.map { .integer($0) }),
                "skip": .bool(skip),
            ],
        ]
    }

    /// A stage of layers that choose among these blocks, as pairs of kernel and expansion.
    public static func stage(
        _ name: String, layers: Int = 2, channels: Int, stride: Int, blocks: [(Int, Int)], skip: Bool = true
    ) -> JSON {
        [
            "name": .string(name), "layers": .integer(layers), "output_channels": .integer(channels),
            "stride": .integer(stride),
            "choices": [
                "blocks": .array(blocks.map { ["kernel": .integer($0.0), "expansion": .integer($0.1)] }), "skip": .bool(skip),
            ],
        ]
    }

    public static func fixed(_ name: String, channels: Int, expansion: Int) -> JSON {
        [
            "name": .string(name), "layers": 1, "output_channels": .integer(channels), "stride": 1,
            "fixed": ["kernel": 3, "expansion": .integer(expansion)],
        ]
    }

    public static func space(
        _ name: String, side: Int, channels: Int = 1, stem: Int, stemStride: Int = 1, stages: [JSON], head: Int,
        classes: Int
    ) throws -> SearchSpace {
        let document: JSON = [
            "schema": "onepath.space/1", "name": .string(name), "description": "for a test",
            "input": ["height": .integer(side), "width": .integer(side), "channels": .integer(channels)],
            "stem": ["kernel": 3, "stride": .integer(stemStride), "output_channels": .integer(stem)],
            "stages": .array(stages), "head": ["output_channels": .integer(head)], "classes": .integer(classes),
        ]
        return try SearchSpace(json: JSONNode(document, path: "\(name).json"))
    }

    /// Everything that a space can have, in the fewest and smallest layers.
    public static func tiny() throws -> SearchSpace {
        try space(
            "tiny", side: 7, channels: 2, stem: 4,
            stages: [
                fixed("first", channels: 4, expansion: 1), stage("stage1", channels: 6, stride: 2),
                stage("stage2", channels: 6, stride: 1, kernels: [3, 5, 7], expansions: [1, 2, 4, 6]),
                stage("stage3", layers: 1, channels: 6, stride: 1, kernels: [5], expansions: [2], skip: true),
                fixed("last", channels: 5, expansion: 6),
            ], head: 9, classes: 3)
    }

    /// On images of Fashion-MNIST's size, quick to train.
    public static func quick(kernels: [Int] = [3, 5], expansions: [Int] = [3, 6]) throws -> SearchSpace {
        try space(
            "quick", side: 28, stem: 8, stemStride: 2,
            stages: [
                fixed("first", channels: 8, expansion: 1),
                stage("stage1", layers: 3, channels: 8, stride: 2, kernels: kernels, expansions: expansions),
                stage("stage2", layers: 3, channels: 16, stride: 2, kernels: kernels, expansions: expansions),
                fixed("last", channels: 24, expansion: 3),
            ], head: 64, classes: 10)
    }
}
