import Graphs

/// The codes of the ONNX data types that are used here.
enum ONNXDataType {
    static let float: Int32 = 1
    static let uint8: Int32 = 2
    static let int8: Int32 = 3
    static let int32: Int32 = 6
    static let int64: Int32 = 7

    static func isUnsigned(_ code: Int32) -> Bool { [uint8, 4, 12, 13, 21, 25].contains(code) }

    /// The type of a code.
    static func element(_ code: Int32) -> ElementType {
        switch code {
        case 1: .float32
        case 2, 3: .int8
        case 4, 5: .int16
        case 6, 12: .int32
        case 7, 13: .int64
        case 9: .bool
        case 10, 16: .float16
        case 11: .float64
        case 17...20, 24: .float8
        case 21, 22: .int4
        case 23: .float4
        case 25, 26: .int2
        default: .other
        }
    }
}
