/// Bytes as text (RFC 4648, section 4).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { text in
            for group in 0..<count / 4 {
                let rest = bytes[(3 * group)..<min(3 * group + 3, bytes.count)]
                let value = rest.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - rest.count))
                for digit in 0..<4 {
                    text[4 * group + digit] = digit <= rest.count
                        ? digits[value >> (18 - 6 * digit) & 63] : UInt8(ascii: "=")
                }
            }
            return count
        }
    }
}
