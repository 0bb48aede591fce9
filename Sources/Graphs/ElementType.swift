import Architectures

/// The data type of a value in a network file.
public enum ElementType: Hashable, Sendable {
    case float64, float32
    /// IEEE half precision, or bfloat16.
    case float16
    /// Floating-point numbers of eight bits, and of four.
    case float8, float4
    /// Integers of eight bits, of four and of two, signed or not.
    case int8, int4, int2
    case int16, int32, int64, bool
    /// A type that no network computes with.
    case other

    /// The bits of one value.
    public var bits: Int {
        switch self {
        case .float64, .int64: 64
        case .float32, .int32: 32
        case .float16, .int16: 16
        case .float8, .int8, .bool, .other: 8
        case .float4, .int4: 4
        case .int2: 2
        }
    }

    /// The data type with as many bytes; nil for that of the network, which what has four or more counts as.
    var ofMaps: ValueType? {
        switch bits {
        case ...8: .int8
        case 16: .float16
        default: nil
        }
    }

    /// Whether it is an integer of eight bits or fewer, which a quantised operator computes with.
    public var isNarrowInteger: Bool { self == .int8 || self == .int4 || self == .int2 }

    /// Whether weights may be of it: integers of more than eight bits count and choose, where no scale makes weights of them.
    public var canBeTrained: Bool { bitsOfWeights != nil && self != .int16 || self == .float32 || self == .float64 }

    /// The bits of a weight where they are fewer than those of float32; nil otherwise.
    var bitsOfWeights: Int? {
        switch self {
        case .float16, .int16, .float8, .float4, .int8, .int4, .int2: bits
        case .float64, .float32, .int32, .int64, .bool, .other: nil
        }
    }
}
