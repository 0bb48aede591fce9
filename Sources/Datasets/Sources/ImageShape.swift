/// The shape of an image, channels-last: [height, width, channels].
public struct ImageShape: Hashable, Sendable, CustomStringConvertible {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// Values of one pixel.
    public let channels: Int

    public init(height: Int, width: Int, channels: Int) {
        self.height = height
        self.width = width
        self.channels = channels
    }

    /// How many values an image holds.
    public var count: Int { height * width * channels }

    /// "28x28x1".
    public var description: String { "\(height)x\(width)x\(channels)" }
}
