/// A rectangle within an image, in its pixels; a side may end within a pixel.
public struct ImageCrop: Hashable, Sendable {
    public let top: Double
    public let left: Double
    /// Positive.
    public let height: Double
    /// Positive.
    public let width: Double

    public init(top: Double, left: Double, height: Double, width: Double) {
        self.top = top
        self.left = left
        self.height = height
        self.width = width
    }

    /// The whole image.
    public init(whole size: ImageSize) {
        self.init(top: 0, left: 0, height: Double(size.height), width: Double(size.width))
    }

    /// What an evaluation sees of an image: its middle, as large as a frame of `shape` is in an image whose shorter side is
    /// 256/224 of the frame's (Krizhevsky et al., 2012, "ImageNet Classification with Deep Convolutional Neural Networks",
    /// with the sizes that the field uses since). An image that is not larger than the frame is seen as a whole.
    public init(middleOf size: ImageSize, for shape: ImageShape) {
        guard size.height > shape.height || size.width > shape.width else {
            self.init(whole: size)
            return
        }
        // The largest rectangle of the frame's proportions, less the margin.
        let scale = min(Double(size.height) / Double(shape.height), Double(size.width) / Double(shape.width)) * 224 / 256
        let height = scale * Double(shape.height), width = scale * Double(shape.width)
        self.init(
            top: (Double(size.height) - height) / 2, left: (Double(size.width) - width) / 2, height: height, width: width)
    }
}
