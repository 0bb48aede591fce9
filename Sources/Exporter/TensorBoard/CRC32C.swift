/// The cyclic redundancy check CRC-32C (Castagnoli's polynomial 0x1EDC6F41, bits reflected), as in iSCSI (RFC 3720,
/// section 12.1).
package enum CRC32C {
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
    }

    /// The table of the checksum's update by eight bits.
    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { sum, _ in sum & 1 == 1 ? 0x82F6_3B78 ^ (sum >> 1) : sum >> 1 }
    }
}
