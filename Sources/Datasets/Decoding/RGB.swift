/// Arithmetic on 8-bit colours.
enum RGB {
    /// a·b/255, rounded to nearest.
    static func product(_ a: UInt8, _ b: UInt8) -> UInt8 { dividedBy255(Int32(a) * Int32(b)) }

    /// A colour of which `alpha`/255 is laid on white, rounded to nearest.
    static func onWhite(_ value: UInt8, alpha: UInt8) -> UInt8 {
        dividedBy255(Int32(value) * Int32(alpha) + 255 * Int32(255 - alpha))
    }

    /// value/255, rounded to nearest, for 0...255².
    private static func dividedBy255(_ value: Int32) -> UInt8 {
        let shifted = value + 128
        return UInt8(truncatingIfNeeded: (shifted + (shifted >> 8)) >> 8)
    }

    /// Pillow's `convert("L")`.
    static func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        UInt8(truncatingIfNeeded: (19595 * Int32(red) + 38470 * Int32(green) + 7471 * Int32(blue) + (1 << 15)) >> 16)
    }

    /// Writes a pixel of 3 channels, or its grey.
    static func write(
        _ red: UInt8, _ green: UInt8, _ blue: UInt8, to pixel: UnsafeMutablePointer<UInt8>, channels: Int
    ) {
        if channels == 1 {
            pixel[0] = grey(red, green, blue)
        } else {
            (pixel[0], pixel[1], pixel[2]) = (red, green, blue)
        }
    }
}
