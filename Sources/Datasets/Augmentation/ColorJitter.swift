import CKernels
import Engine

/// Changes of an RGB image's brightness, contrast and saturation, in place, as torchvision's `ColorJitter` and Pillow's
/// `ImageEnhance` define them.
///
/// Each blends the image with a degenerate one: value ← degenerate + factor · (value − degenerate), kept within 0...255 and
/// rounded down. A factor of 1 changes nothing, 0 leaves the degenerate image, more than 1 exaggerates. `ColorJitter` draws
/// the three factors, and the order in which they are applied; here they are given. As in Pillow the arithmetic is of
/// float32, each operation rounded by itself, so that results are Pillow's, and the same on every CPU.
public enum ColorJitter {
    // Functions, which nothing changes.
    nonisolated(unsafe) private static let kernels = vectorKernels(nil)

    /// Blends with black.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels.
    ///   - factor: from 0 to 64.
    public static func adjustBrightness(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        kernels.blend(3 * count, checked(factor), 0, pixels)
    }

    /// Blends with one grey, the mean over the image of its grey values (see `ImageDecoder`), rounded to nearest.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels, at least 1.
    ///   - factor: from 0 to 64.
    public static func adjustContrast(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        precondition(count > 0, "an image of no pixels has no mean")
        var sum: UInt64 = 0
        kernels.grey_sum(count, pixels, &sum)
        let mean = (2 * Int(sum) + count) / (2 * count)
        kernels.blend(3 * count, checked(factor), Float(mean), pixels)
    }

    /// Blends each pixel with its own grey value.
    ///
    /// - Parameters:
    ///   - pixels: [count, 3].
    ///   - count: pixels.
    ///   - factor: from 0 to 64.
    public static func adjustSaturation(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, factor: Double) {
        kernels.blend_with_grey(count, checked(factor), pixels)
    }

    private static func checked(_ factor: Double) -> Float {
        precondition((0...64).contains(factor), "expected a factor from 0 to 64, not \(factor)")
        return Float(factor)
    }
}
