import Files

extension ONNXTensorProto {
    /// Bits of one value in `rawData`, by data type; nil for those that have no fixed size. Values of fewer than eight bits
    /// share a byte, the first in its lowest bits.
    private var valueBits: Int? {
        switch dataType {
        case 1, 6, 12: 32
        case 2, 3, 9, 17, 18, 19, 20, 24: 8
        case 4, 5, 10, 16: 16
        case 7, 11, 13: 64
        case 21, 22, 23: 4
        case 25, 26: 2
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
            guard let valueBits else { return }
            guard valueBits >= 8 else { return try checkPacked(rawData.count, bits: valueBits, count: count, place, path) }
            guard rawData.count % (valueBits / 8) == 0 else {
                throw .invalid(
                    path: path, place: place,
                    problem: "\(rawData.count) bytes are no whole values of \(valueBits / 8) bytes")
            }
            found = rawData.count / (valueBits / 8)
        } else {
            if let valueBits, valueBits < 8 {
                return try checkPacked(int32Data.count, bits: valueBits, count: count, place, path)
            }
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

    /// Checks the bytes of values of which several share a byte.
    private func checkPacked(
        _ found: Int, bits: Int, count: Int, _ place: String, _ path: String
    ) throws(FileError) {
        let wanted = (count * bits + 7) / 8
        if found != wanted, found > 0 {
            throw .invalid(
                path: path, place: place,
                problem: "expected \(wanted) bytes for the sides \(dims.listed) of \(bits) bits a value, found \(found)")
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
        case 17: bytes.map(SmallFloat.e4m3fn.value)
        case 18: bytes.map(SmallFloat.e4m3fnuz.value)
        case 19: bytes.map(SmallFloat.e5m2.value)
        case 20: bytes.map(SmallFloat.e5m2fnuz.value)
        case 21: packed(bits: 4).map(Double.init)
        case 22: packed(bits: 4).map { Double($0 < 8 ? Int($0) : Int($0) - 16) }
        case 23: packed(bits: 4).map(SmallFloat.e2m1.value)
        case 24: bytes.map(SmallFloat.powerOfTwo)
        case 25: packed(bits: 2).map(Double.init)
        case 26: packed(bits: 2).map { Double($0 < 2 ? Int($0) : Int($0) - 4) }
        default: nil
        }
    }

    /// How many of so many truth values hold; nil for a tensor of others.
    func trueCount(of count: Int) -> Int? {
        guard dataType == 9 else { return nil }
        let values = bytes
        return values.count == count ? values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } : nil
    }

    /// The values of a tensor of float32 values.
    var floats: [Float] {
        hasRawData ? raw(UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) } : floatData
    }

    /// Values of eight bits, or the bytes that smaller ones share.
    private var bytes: [UInt8] { hasRawData ? raw(UInt8.self) : int32Data.map { UInt8(truncatingIfNeeded: $0) } }

    /// Values of fewer than eight bits, the first of a byte in its lowest bits.
    private func packed(bits: Int) -> [UInt8] {
        let count = dims.reduce(1) { $0.multipliedReportingOverflow(by: Int($1)).partialValue }
        let mask = UInt8(1 << bits - 1)
        let values = bytes.flatMap { byte in stride(from: 0, to: 8, by: bits).map { byte >> UInt8($0) & mask } }
        return Array(values.prefix(max(0, count)))
    }

    private func raw<Value: BitwiseCopyable>(_: Value.Type) -> [Value] {
        rawData.withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Value>.size).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
            }
        }
    }
}
