import Files

extension ONNXTensorProto {
    /// Bytes of one value in `rawData`, by data type; nil for those that are packed or have no fixed size.
    private var valueSize: Int? {
        switch dataType {
        case 1, 6, 12: 4
        case 2, 3, 9, 17, 18, 19, 20: 1
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
        // Weights may be left out: their shapes suffice.
        if found != count, found > 0 {
            throw .invalid(
                path: path, place: place, problem: "expected \(count) values for the sides \(dims.listed), found \(found)")
        }
    }

    /// The values; nil for a type that no shape is computed with, and for external data.
    var numbers: [Double]? {
        if dataLocation == 1 { return nil }
        // Types of two bytes or fewer are kept in the field of 32-bit integers where they are not raw.
        func small(_ value: (Int) -> Double) -> [Double] { int32Data.map { value(Int($0)) } }
        return switch dataType {
        case 2: hasRawData ? raw(UInt8.self).map(Double.init) : small(Double.init)
        case 3: hasRawData ? raw(Int8.self).map(Double.init) : small(Double.init)
        case 4: hasRawData ? raw(UInt16.self).map { Double(UInt16(littleEndian: $0)) } : small(Double.init)
        case 5: hasRawData ? raw(Int16.self).map { Double(Int16(littleEndian: $0)) } : small(Double.init)
        case 9: hasRawData ? raw(UInt8.self).map(Double.init) : small(Double.init)
        case 10:
            hasRawData
                ? raw(UInt16.self).map { Double(HalfPrecision.ieee(UInt16(littleEndian: $0))) }
                : small { Double(HalfPrecision.ieee(UInt16(truncatingIfNeeded: $0))) }
        case 16:
            hasRawData
                ? raw(UInt16.self).map { Double(HalfPrecision.brain(UInt16(littleEndian: $0))) }
                : small { Double(HalfPrecision.brain(UInt16(truncatingIfNeeded: $0))) }
        // Unsigned ones have a field of their own, which exporters do not use.
        case 12: hasRawData ? raw(UInt32.self).map { Double(UInt32(littleEndian: $0)) } : nil
        case 13: hasRawData ? raw(UInt64.self).map { Double(UInt64(littleEndian: $0)) } : nil
        case 11:
            hasRawData ? raw(UInt64.self).map { Double(bitPattern: UInt64(littleEndian: $0)) } : doubleData
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
