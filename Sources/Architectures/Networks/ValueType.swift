/// The data type of the values that an operator computes with.
public enum ValueType: String, Hashable, Sendable, CaseIterable {
    case float32
    case float16
    /// Eight bits with a scale and a zero point (Jacob et al., 2018, arXiv:1712.05877).
    case int8

    /// The bytes of one value.
    public var bytes: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .int8: 1
        }
    }
}
