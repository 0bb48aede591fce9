/// Files of bytes.
public enum BinaryFile {
    /// The bytes of the file at `path`, which should be `what` ("checkpoint").
    ///
    /// - Throws: `FileError.missing` or `.unreadable`.
    public static func read(_ path: String, what: String) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        try FileChunks.read(path, what: what) { chunk in bytes.append(contentsOf: chunk) }
        return bytes
    }
}
