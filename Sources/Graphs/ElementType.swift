import Architectures

/// The data type of a value in a network file.
public enum ElementType: Hashable, Sendable {
    case float64, float32
    /// IEEE half precision, or bfloat16.
    case float16
    /// Eight bits, signed or not, or fewer.
    case int8
    case int16, int32, int64, bool
    /// A type that no network computes with.
    case other

    /// The bytes of one value.
    public var bytes: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .int16: 2
        case .int8, .bool, .other: 1
        }
    }
}
