import Glibc

/// Random access to a regular file: only the requested bytes are in memory.
public final class FileContent: Sendable {
    public let path: String
    /// The size of the file when it was opened, in bytes.
    public let count: Int
    private let descriptor: Int32

    /// Opens the file at `path`, which should be `what` ("weights").
    ///
    /// - Throws: `FileError.missing` or `.unreadable`.
    public init(path: String, what: String) throws(FileError) {
        self.path = path
        // Without O_NONBLOCK the opening of a pipe would wait for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missing(path: path, what: what) }
            throw .unreadable(path: path, reason: lastSystemError())
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes of `range`, which must lie in the file.
    ///
    /// - Throws: `FileError.unreadable`, also where the file has become shorter.
    public func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            failure = fill(UnsafeMutableRawBufferPointer(buffer), from: range.lowerBound)
            filled = failure == nil ? range.count : 0
        }
        if let failure { throw failure }
        return bytes
    }

    /// The float32 values, little-endian, in the bytes of `range`.
    ///
    /// - Throws: `FileError.unreadable`, also where the file has become shorter.
    public func floats(_ range: Range<Int>) throws(FileError) -> [Float] {
        precondition(range.count % 4 == 0, "float32 values have four bytes each, got \(range.count)")
        var failure: FileError?
        let floats = [Float](unsafeUninitializedCapacity: range.count / 4) { buffer, filled in
            failure = fill(UnsafeMutableRawBufferPointer(buffer), from: range.lowerBound)
            filled = failure == nil ? range.count / 4 : 0
        }
        if let failure { throw failure }
        return floats
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> FileError? {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
            if count > 0 {
                done += count
            } else if count == 0 {
                return .unreadable(path: path, reason: "it became shorter while it was read")
            } else if errno != EINTR {
                return .unreadable(path: path, reason: lastSystemError())
            }
        }
        return nil
    }
}
