import Architectures
import TestSupport

/// Spaces in which kernel and expansion are chosen together.
enum CoupledSpaces {
    /// Three blocks where layers may be skipped and where they may not, of which the second has no larger kernel than the
    /// first; and four of which the last is no wider than the one before.
    static func tiny() throws -> SearchSpace {
        try Spaces.space(
            "coupled", side: 7, channels: 2, stem: 4,
            stages: [
                Spaces.fixed("first", channels: 4, expansion: 1),
                Spaces.stage("stage1", channels: 6, stride: 2, blocks: [(3, 1), (3, 3), (5, 6)]),
                Spaces.stage("stage2", channels: 6, stride: 1, blocks: [(3, 2), (5, 3), (5, 4), (7, 4)]),
                Spaces.stage("stage3", layers: 1, channels: 6, stride: 1, blocks: [(3, 1), (3, 3), (5, 6)], skip: false),
            ], head: 9, classes: 3)
    }

    /// For runs on the images of `SmallRuns`.
    static func small() throws -> SearchSpace {
        try Spaces.space(
            "small-coupled", side: 8, stem: 4,
            stages: [
                Spaces.stage("stage1", channels: 6, stride: 2, blocks: [(3, 3), (5, 6)]),
                Spaces.stage("stage2", channels: 8, stride: 2, blocks: [(3, 1), (3, 3), (5, 6)]),
            ], head: 16, classes: 4)
    }
}
