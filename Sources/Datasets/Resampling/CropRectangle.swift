/// A part of an image, in pixels: the pixel in row r and column c covers r..<r+1 and c..<c+1.
public struct CropRectangle: Hashable, Sendable {
    public var top: Double
    public var left: Double
    public var height: Double
    public var width: Double

    public init(top: Double, left: Double, height: Double, width: Double) {
        self.top = top
        self.left = left
        self.height = height
        self.width = width
    }

    /// The whole of an image.
    public init(wholeOf height: Int, by width: Int) {
        self.init(top: 0, left: 0, height: Double(height), width: Double(width))
    }

    /// Whether it is not empty and lies within an image. The sum of two rounded numbers may exceed a side by a rounding.
    func lies(within height: Int, by width: Int) -> Bool {
        let slack = 1e-6
        return top >= 0 && left >= 0 && self.height > 0 && self.width > 0 && top < Double(height) && left < Double(width)
            && top + self.height <= Double(height) + slack && left + self.width <= Double(width) + slack
    }
}

extension CropRectangle {
    /// The whole of an image.
    public init(whole size: ImageSize) { self.init(wholeOf: size.height, by: size.width) }

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
