import CMessageDigest

/// The fingerprint of a file's bytes (SHA-256, FIPS 180-4).
public enum FileDigest {
    /// The SHA-256 digest of the file at `path`, 64 lower-case hexadecimal digits.
    ///
    /// - Throws: `FileError.missing` or `FileError.unreadable`.
    public static func sha256(of path: String) throws(FileError) -> String {
        try sha256 { add throws(FileError) in try FileChunks.read(path, what: "file", add) }
    }

    /// The SHA-256 digest of `text` as UTF-8, 64 lower-case hexadecimal digits.
    public static func sha256(ofText text: String) -> String { sha256(of: [Array(text.utf8)[...]]) }

    /// The SHA-256 digest of `parts`, one after the other, 64 lower-case hexadecimal digits.
    public static func sha256(of parts: [ArraySlice<UInt8>]) -> String {
        sha256 { add in
            for part in parts { part.withUnsafeBytes(add) }
        }
    }

    /// The SHA-256 digest of all the bytes that `body` adds, in pieces that need not be in memory together, 64
    /// lower-case hexadecimal digits.
    public static func sha256<Failure>(
        _ body: (_ add: (UnsafeRawBufferPointer) -> Void) throws(Failure) -> Void
    ) throws(Failure) -> String {
        var context = SHA2_CTX()
        SHA256Init(&context)
        try body { piece in
            SHA256Update(&context, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), piece.count)
        }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256Final(&digest, &context)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
