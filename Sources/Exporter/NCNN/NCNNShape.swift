import Architectures

/// The sides of one of ncnn's blobs: one to four, the outermost first.
///
/// A blob of one dimension is a vector [w], of two a matrix [h, w], of three a map [c, h, w] and of four a volume
/// [c, d, h, w]. Most layers do something else with each of them.
struct NCNNShape: Hashable, Sendable, CustomStringConvertible {
    let sides: [Int]

    /// The most values that a blob may have.
    static let limit = 1 << 31

    /// nil for no side or more than four, for a side below 1, and for more than 2³¹ values.
    init?(_ sides: [Int]) {
        guard (1...4).contains(sides.count) else { return nil }
        var count = 1
        for side in sides {
            guard side > 0, side <= Self.limit / count else { return nil }
            count *= side
        }
        self.sides = sides
    }

    /// The number of values.
    var count: Int { sides.reduce(1, *) }
    /// The innermost side.
    var width: Int { sides[sides.count - 1] }
    /// The rows of a matrix, a map or a volume; 1 for a vector.
    var height: Int { sides.count > 1 ? sides[sides.count - 2] : 1 }
    /// The depth of a volume; 1 for every other blob.
    var depth: Int { sides.count == 4 ? sides[1] : 1 }
    /// The channels of a map or a volume; 1 for a vector and a matrix.
    var channels: Int { sides.count > 2 ? sides[0] : 1 }

    /// "3x224x224".
    var description: String { sides.map(String.init).joined(separator: "x") }

    /// As a map; a vector's values and those of a matrix's row are channels, as a product with weights reads them.
    var map: FeatureShape {
        switch sides.count {
        case 1: FeatureShape(height: 1, width: 1, channels: sides[0])
        case 2: FeatureShape(height: sides[0], width: 1, channels: sides[1])
        default: FeatureShape(height: depth * height, width: width, channels: channels)
        }
    }

    /// As a map whose channels are the outermost side, as batch normalisation reads them.
    var planes: FeatureShape {
        sides.count == 2 ? FeatureShape(height: 1, width: sides[1], channels: sides[0]) : map
    }

    /// As rows of so many values.
    ///
    /// - Parameter size: divides the number of values.
    func rows(of size: Int) -> FeatureShape { FeatureShape(height: count / size, width: 1, channels: size) }
}
