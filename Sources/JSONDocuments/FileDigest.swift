import CMessageDigest

/// The fingerprint of a file's bytes (SHA-256, FIPS 180-4).
public enum FileDigest {
    /// The SHA-256 digest of the file at `path`, 64 lower-case hexadecimal digits.
    ///
    /// - Throws: `FileError.missing` or `FileError.unreadable`.
    public static func sha256(of path: String) throws(FileError) -> String {
        var context = SHA2_CTX()
        SHA256Init(&context)
        try FileChunks.read(path, what: "file") { chunk in
            SHA256Update(&context, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self), chunk.count)
        }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256Final(&digest, &context)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
