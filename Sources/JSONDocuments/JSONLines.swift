import Glibc

/// A file of one JSON document a line, written line by line; every line is whole in the file when `append` returns.
public final class JSONLines {
    public let path: String
    private let descriptor: Int32

    /// A new file.
    ///
    /// - Throws: `FileError.cannotWrite`, also where there is a file already.
    public init(creating path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
    }

    deinit { close(descriptor) }

    /// Adds a line.
    ///
    /// - Throws: `FileError.cannotWrite`; the lines before are still there.
    public func append(_ document: JSON) throws(FileError) {
        try writeAll(Array((document.text(pretty: false) + "\n").utf8), descriptor, path)
    }
}
