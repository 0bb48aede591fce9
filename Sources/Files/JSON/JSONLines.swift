import Glibc

/// A file with one JSON document a line. When `append` returns, the line is completely written.
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

    /// Opens the file at `path` for appending; creates an empty one where there is none.
    ///
    /// A last line without a newline was only partly written: it is cut off.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - keep: whether to keep a document; the first that is not kept is cut off, with all after it.
    /// - Returns: the documents that are in the file, in the order of the lines.
    /// - Throws: `FileError.cannotWrite`, and `.invalid` where a whole line is no JSON document; what `keep` throws.
    public static func resume(
        _ path: String, while keep: (JSONNode) throws -> Bool = { _ in true }
    ) throws -> (file: JSONLines, documents: [JSONNode]) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.cannotWrite(path: path, reason: lastSystemError()) }
        let file = JSONLines(path: path, descriptor: descriptor)
        let bytes = try BinaryFile.read(path, what: "file")
        var documents: [JSONNode] = []
        var kept = 0
        while let newline = bytes[kept...].firstIndex(of: UInt8(ascii: "\n")) {
            let document: JSONNode
            do {
                document = JSONNode(try JSON(parsing: Array(bytes[kept..<newline]), path: path), path: path)
            } catch {
                guard case .invalid(_, _, let problem) = error else { throw error }
                throw FileError.invalid(path: path, place: "line \(documents.count + 1)", problem: problem)
            }
            guard try keep(document) else { break }
            documents.append(document)
            kept = newline + 1
        }
        guard kept == bytes.count || ftruncate(descriptor, kept) == 0 else {
            throw FileError.cannotWrite(path: path, reason: lastSystemError())
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
    /// - Throws: `FileError.cannotWrite`, also where a number is not finite or somebody has removed the file.
    public func append(_ document: JSON) throws(FileError) {
        try document.checkWritable(to: path)
        try writeAll(Array((document.text(pretty: false) + "\n").utf8), descriptor, path)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
            throw .cannotWrite(path: path, reason: "somebody has removed it")
        }
    }

    /// Syncs the lines to the disk, so that they survive a power cut.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public func synchronize() throws(FileError) {
        if fsync(descriptor) != 0 { throw .cannotWrite(path: path, reason: lastSystemError()) }
    }
}
