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
        return finish(&context)
    }

    /// The SHA-256 digest of `text` as UTF-8, 64 lower-case hexadecimal digits.
    public static func sha256(ofText text: String) -> String {
        var context = SHA2_CTX()
        SHA256Init(&context)
        let bytes = Array(text.utf8)
        SHA256Update(&context, bytes, bytes.count)
        return finish(&context)
    }

    /// The SHA-256 digest of `parts`, one after the other, 64 lower-case hexadecimal digits.
    public static func sha256(of parts: [ArraySlice<UInt8>]) -> String {
        var context = SHA2_CTX()
        SHA256Init(&context)
        for part in parts {
            part.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
        }
        return finish(&context)
    }

    private static func finish(_ context: inout SHA2_CTX) -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256Final(&digest, &context)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
