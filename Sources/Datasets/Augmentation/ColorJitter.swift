/// Changes of an RGB image's brightness, contrast and saturation, in place, as torchvision's `ColorJitter` and Pillow's
/// `ImageEnhance` define them.
///
/// Each blends the image with a degenerate one: value ← degenerate + factor · (value − degenerate), kept within 0...255 and
/// rounded down. A factor of 1 changes nothing, 0 leaves the degenerate image, more than 1 exaggerates. `ColorJitter` draws
/// the three factors, and the order in which they are applied; here they are given. As in Pillow the arithmetic is of
/// float32, each operation rounded by itself, so that results are Pillow's, and the same on every CPU.
public enum ColorJitter {
    /// Blends with black.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels.
    ///   - factor: from 0 to 64.
    public static func adjustBrightness(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        blend(pixels, count: count, with: 0, factor: factor)
    }

    /// Blends with one grey, the mean over the image of its grey values (see `ImageDecoder`), rounded to nearest.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels, at least 1.
    ///   - factor: from 0 to 64.
    public static func adjustContrast(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        precondition(count > 0, "an image of no pixels has no mean")
        var sum = 0
        for index in 0..<count { sum += Int(RGB.grey(pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2])) }
        blend(pixels, count: count, with: UInt8((2 * sum + count) / (2 * count)), factor: factor)
    }

    /// Blends each pixel with its own grey value.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels.
    ///   - factor: from 0 to 64.
    public static func adjustSaturation(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        let factor = checked(factor)
        for index in 0..<count {
            let pixel = pixels + 3 * index
            let grey = RGB.grey(pixel[0], pixel[1], pixel[2])
            for channel in 0..<3 { pixel[channel] = blended(pixel[channel], with: grey, factor: factor) }
        }
    }

    private static func checked(_ factor: Double) -> Float {
        precondition((0...64).contains(factor), "expected a factor from 0 to 64, not \(factor)")
        return Float(factor)
    }

    private static func blended(_ value: UInt8, with degenerate: UInt8, factor: Float) -> UInt8 {
        let change = factor * (Float(value) - Float(degenerate))
        return UInt8(min(max(Float(degenerate) + change, 0), 255))
    }

    /// Blends every value with the same one.
    private static func blend(
        _ pixels: UnsafeMutablePointer<UInt8>, count: Int, with degenerate: UInt8, factor: Double
    ) {
        let factor = checked(factor)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { table in
            for value in 0..<256 {
                table[value] = blended(UInt8(value), with: degenerate, factor: factor)
            }
            for index in 0..<3 * count { pixels[index] = table[Int(pixels[index])] }
        }
    }
}
