import Files

extension ONNXTensorProto {
    /// Bytes of one value in `rawData`, by data type; nil for those that are packed or have no fixed size.
    private var valueSize: Int? {
        switch dataType {
        case 1, 6, 12: 4
        case 2, 3, 9: 1
        case 4, 5, 10, 16: 2
        case 7, 11, 13: 8
        default: nil
        }
    }

    /// Checks that the number of the tensor's values fits its shape.
    ///
    /// - Throws: `FileError.invalid` at `place`.
    func checkSize(count: Int, place: String, path: String) throws(FileError) {
        // External data; their number does not matter for the cost of the network.
        if dataLocation == 1 { return }
        let found: Int
        if hasRawData {
            guard let valueSize else { return }
            guard rawData.count % valueSize == 0 else {
                throw .invalid(
                    path: path, place: place,
                    problem: "\(rawData.count) bytes are no whole values of \(valueSize) bytes")
            }
            found = rawData.count / valueSize
        } else {
            switch dataType {
            case ONNXDataType.float: found = floatData.count
            case ONNXDataType.int64: found = int64Data.count
            case ONNXDataType.int32: found = int32Data.count
            default: return
            }
        }
        if found != count {
            throw .invalid(
                path: path, place: place, problem: "expected \(count) values for the sides \(dims.listed), found \(found)")
        }
    }

    /// Whether the values are integers.
    var isIntegral: Bool { dataType == ONNXDataType.int64 || dataType == ONNXDataType.int32 }

    /// The values of a tensor of integers or of float32 values; nil for any other, and for external data.
    var numbers: [Double]? {
        if dataLocation == 1 { return nil }
        return switch dataType {
        case ONNXDataType.int64:
            hasRawData ? raw(Int64.self).map { Double(Int64(littleEndian: $0)) } : int64Data.map(Double.init)
        case ONNXDataType.int32:
            hasRawData ? raw(Int32.self).map { Double(Int32(littleEndian: $0)) } : int32Data.map(Double.init)
        case ONNXDataType.float: floats.map(Double.init)
        default: nil
        }
    }

    /// The values of a tensor of float32 values.
    var floats: [Float] {
        hasRawData ? raw(UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) } : floatData
    }

    private func raw<Value: BitwiseCopyable>(_: Value.Type) -> [Value] {
        rawData.withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Value>.size).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
            }
        }
    }
}
