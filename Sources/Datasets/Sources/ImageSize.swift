/// The rows and columns of an image.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
    public let height: Int
    public let width: Int

    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// "480x640".
    public var description: String { "\(height)x\(width)" }
}
