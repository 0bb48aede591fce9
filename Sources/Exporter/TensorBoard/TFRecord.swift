/// A record of a TFRecord file: the length of the data, a checksum of that, the data, and a checksum of those, all
/// little-endian (tensorflow.org, "TFRecord and tf.train.Example").
enum TFRecord {
    /// The bytes of the record in the file.
    static func bytes(of data: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(data.count))
        return length + littleEndian(maskedChecksum(length)) + data + littleEndian(maskedChecksum(data))
    }

    /// The masked CRC-32C: rotated by 15 bits plus a constant, so that checksums of data that contains checksums work.
    private static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
        let sum = CRC32C.checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
