import Glibc

/// A file's bytes, read in order in pieces that fit in memory.
enum FileChunks {
    /// Calls `body` with each piece of the file at `path`.
    ///
    /// - Throws: `FileError.missing`, naming `what`, where no file is; `FileError.unreadable` where reading fails; and
    ///   what `body` throws.
    static func read(
        _ path: String, what: String, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missing(path: path, what: what) }
            throw .unreadable(path: path, reason: lastSystemError())
        }
        defer { close(descriptor) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            if count == 0 { return }
            if count > 0 {
                try body(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            } else if errno != EINTR {
                throw .unreadable(path: path, reason: lastSystemError())
            }
        }
    }
}
