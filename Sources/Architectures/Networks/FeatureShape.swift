/// The shape of one image's feature map, channels-last.
public struct FeatureShape: Hashable, Sendable, CustomStringConvertible {
    public var height: Int
    public var width: Int
    public var channels: Int

    /// A shape whose sides and channels are all at least 1.
    public init(height: Int, width: Int, channels: Int) {
        precondition(height > 0 && width > 0 && channels > 0, "a feature map needs sides and channels of at least 1")
        self.height = height
        self.width = width
        self.channels = channels
    }

    /// The number of values.
    public var count: Int { height * width * channels }

    /// "56x56x24": height, width, channels.
    public var description: String { "\(height)x\(width)x\(channels)" }

    /// The shape after a window of stride `stride` with "same" padding: sides divided by the stride, rounded up.
    public func strided(by stride: Int, channels: Int) -> FeatureShape {
        FeatureShape(height: (height + stride - 1) / stride, width: (width + stride - 1) / stride, channels: channels)
    }

    /// The shape after global pooling: one value for each channel.
    public var pooled: FeatureShape { FeatureShape(height: 1, width: 1, channels: channels) }

    /// The shape of an image whose shorter side has so many pixels, in the same proportions.
    ///
    /// - Parameter side: at least 1.
    public func resized(shorterSide side: Int) -> FeatureShape {
        func scaled(_ length: Int) -> Int {
            max(1, Int((Double(length) * Double(side) / Double(min(height, width))).rounded()))
        }
        return FeatureShape(height: scaled(height), width: scaled(width), channels: channels)
    }
}
