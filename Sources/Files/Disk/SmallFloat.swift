/// A form of floating-point numbers of eight bits or fewer (Micikevicius et al., 2022, arXiv:2209.05433; the forms "fnuz"
/// are those of Noune et al., 2022, arXiv:2206.02915; e2m1 is that of the Open Compute Project's microscaling formats).
package struct SmallFloat: Sendable {
    /// The bit patterns that are no finite numbers.
    private enum Special {
        /// None.
        case none
        /// All exponent bits set: infinities and others, as in IEEE 754.
        case exponent
        /// All bits but the sign set: not a number.
        case all
        /// The negative zero: not a number.
        case negativeZero
    }

    private let exponentBits: Int
    private let fractionBits: Int
    private let bias: Int
    private let special: Special

    package static let e4m3fn = SmallFloat(exponentBits: 4, fractionBits: 3, bias: 7, special: .all)
    package static let e4m3fnuz = SmallFloat(exponentBits: 4, fractionBits: 3, bias: 8, special: .negativeZero)
    package static let e5m2 = SmallFloat(exponentBits: 5, fractionBits: 2, bias: 15, special: .exponent)
    package static let e5m2fnuz = SmallFloat(exponentBits: 5, fractionBits: 2, bias: 16, special: .negativeZero)
    package static let e2m1 = SmallFloat(exponentBits: 2, fractionBits: 1, bias: 1, special: .none)

    /// The number of a bit pattern, which stands in the lowest bits.
    package func value(_ pattern: UInt8) -> Double {
        let bits = Int(pattern), size = exponentBits + fractionBits
        let isNegative = bits >> size & 1 == 1, rest = bits & (1 << size - 1)
        let exponent = rest >> fractionBits, fraction = rest & (1 << fractionBits - 1)
        switch special {
        case .none: break
        case .exponent where exponent == 1 << exponentBits - 1:
            return fraction > 0 ? .nan : isNegative ? -.infinity : .infinity
        case .all where rest == 1 << size - 1: return .nan
        case .negativeZero where isNegative && rest == 0: return .nan
        case .exponent, .all, .negativeZero: break
        }
        let whole = exponent == 0 ? fraction : fraction + 1 << fractionBits
        let number = Self.powerOfTwo(max(1, exponent) - bias - fractionBits) * Double(whole)
        return isNegative ? -number : number
    }

    /// The number of a pattern that is an exponent alone, with the bias of float32; the last is not a number.
    package static func powerOfTwo(_ pattern: UInt8) -> Double {
        pattern == .max ? .nan : powerOfTwo(Int(pattern) - 127)
    }

    private static func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
