/// The type of a tensor's values, with the number that LiteRT's schema gives it.
public enum TFLiteType: Int, Hashable, Sendable, CaseIterable {
    case float32 = 0
    case float16 = 1
    case int32 = 2
    case uint8 = 3
    case int64 = 4
    case string = 5
    case bool = 6
    case int16 = 7
    case complex64 = 8
    case int8 = 9
    case float64 = 10
    case complex128 = 11
    case uint64 = 12
    case resource = 13
    case variant = 14
    case uint32 = 15
    case uint16 = 16
    case int4 = 17
    case bfloat16 = 18
    case int2 = 19
    case uint4 = 20
    /// Floating-point numbers of eight bits, with four of them for the exponent, and with five.
    case float8e4m3 = 21
    case float8e5m2 = 22

    /// The bits of one value; nil where it has no fixed size.
    public var bits: Int? {
        switch self {
        case .int2: 2
        case .int4, .uint4: 4
        case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 8
        case .float16, .bfloat16, .int16, .uint16: 16
        case .float32, .int32, .uint32: 32
        case .float64, .int64, .uint64, .complex64: 64
        case .complex128: 128
        case .string, .resource, .variant: nil
        }
    }
}
