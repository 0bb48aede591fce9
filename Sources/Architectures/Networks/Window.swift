/// The window that a convolution or a pooling moves over a map.
public struct Window: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var verticalStride: Int
    public var horizontalStride: Int

    /// All four must be at least 1.
    public init(height: Int, width: Int, verticalStride: Int = 1, horizontalStride: Int = 1) {
        precondition(
            min(height, width, verticalStride, horizontalStride) > 0, "a window needs sides and strides of at least 1")
        self.height = height
        self.width = width
        self.verticalStride = verticalStride
        self.horizontalStride = horizontalStride
    }

    /// A square window.
    public init(side: Int, stride: Int = 1) {
        self.init(height: side, width: side, verticalStride: stride, horizontalStride: stride)
    }

    /// The number of values in it.
    public var count: Int { height * width }

    /// "k3 s2" for a square window, "k1x7 s1", "k3 s2x1".
    var key: String {
        let sides = height == width ? "\(height)" : "\(height)x\(width)"
        let strides =
            verticalStride == horizontalStride ? "\(verticalStride)" : "\(verticalStride)x\(horizontalStride)"
        return "k\(sides) s\(strides)"
    }

    /// "3x3/2", for people.
    var summary: String {
        let strides =
            verticalStride == horizontalStride ? "\(verticalStride)" : "\(verticalStride)x\(horizontalStride)"
        return "\(height)x\(width)" + (strides == "1" ? "" : "/\(strides)")
    }
}
