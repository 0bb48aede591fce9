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
