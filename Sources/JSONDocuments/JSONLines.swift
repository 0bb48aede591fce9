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

    /// The file at `path`, to be added to; new and empty where there is none.
    ///
    /// A last line without its newline was torn while it was written: it is cut off.
    ///
    /// - Returns: the documents that are in the file, each at the place of its line.
    /// - Throws: `FileError.cannotWrite`, and `.invalid` where a whole line is no JSON document.
    public static func resume(_ path: String) throws(FileError) -> (file: JSONLines, documents: [JSONNode]) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
        let file = JSONLines(path: path, descriptor: descriptor)
        var bytes: [UInt8] = []
        try FileChunks.read(path, what: "file") { chunk in bytes.append(contentsOf: chunk) }
        let newline = UInt8(ascii: "\n")
        let whole = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
        guard whole == bytes.count || ftruncate(descriptor, whole) == 0 else {
            throw .cannotWrite(path: path, reason: lastSystemError())
        }
        guard whole > 0 else { return (file, []) }
        var documents: [JSONNode] = []
        let lines = bytes[..<(whole - 1)].split(separator: newline, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do {
                documents.append(JSONNode(try JSON(parsing: Array(line), path: path), path: path))
            } catch {
                guard case .invalid(_, _, let problem) = error else { throw error }
                throw .invalid(path: path, place: "line \(index + 1)", problem: problem)
            }
        }
        return (file, documents)
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Adds a line.
    ///
    /// - Throws: `FileError.cannotWrite`; the lines before are still there.
    public func append(_ document: JSON) throws(FileError) {
        try writeAll(Array((document.text(pretty: false) + "\n").utf8), descriptor, path)
    }

    /// Brings the lines to the disk, for them to outlive a power cut.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public func synchronize() throws(FileError) {
        if fsync(descriptor) != 0 { throw .cannotWrite(path: path, reason: lastSystemError()) }
    }
}
