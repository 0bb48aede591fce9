/// An 8-bit image in memory that somebody else holds, channels-last.
public struct ImagePixels {
    /// [height, width, channels].
    public let pixels: UnsafePointer<UInt8>
    public let height: Int
    public let width: Int
    /// 1 (grey) or 3 (RGB).
    public let channels: Int

    /// - Parameters:
    ///   - pixels: [height, width, channels].
    ///   - height: rows, at least 1.
    ///   - width: columns, at least 1.
    ///   - channels: 1 (grey) or 3 (RGB).
    public init(_ pixels: UnsafePointer<UInt8>, height: Int, width: Int, channels: Int) {
        precondition(height > 0 && width > 0, "an image of \(height)×\(width) pixels has none")
        precondition(channels == 1 || channels == 3, "expected 1 or 3 channels, not \(channels)")
        self.pixels = pixels
        self.height = height
        self.width = width
        self.channels = channels
    }
}
