/// Files of plain text.
public enum TextFile {
    /// The text of the file at `path`, which should be `what` ("latency table").
    ///
    /// - Throws: `FileError.missing`, `.unreadable`, or `.invalid` where the bytes are not UTF-8.
    public static func read(_ path: String, what: String) throws(FileError) -> String {
        let bytes = try BinaryFile.read(path, what: what)
        try JSONText(bytes: bytes, path: path).checkEncoding()
        return String(decoding: bytes, as: UTF8.self)
    }
}
