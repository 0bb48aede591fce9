/// Numbers of two bytes, widened to float32.
package enum HalfPrecision {
    /// A number of IEEE 754 half precision.
    package static func ieee(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16, exponent = UInt32(bits >> 10 & 0x1f), fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0:
            let size = Float(fraction) / 16_777_216
            return sign == 0 ? size : -size
        case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// A number of bfloat16: the upper half of a float32.
    package static func brain(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
