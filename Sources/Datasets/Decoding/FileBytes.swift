import Files
import Glibc

/// The bytes of one file after the other, read into the same memory.
final class FileBytes {
    private let buffer = ByteBuffer()

    /// The largest file that is read, in bytes.
    static let greatestSize = 1 << 30

    /// The memory that is held, in bytes.
    var capacity: Int { buffer.capacity }

    /// Reads a file. Its first bytes are shown to `check` before memory for the others is asked for.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - what: what the file should hold, for the error that it is missing.
    ///   - check: throws where the file does not begin as it should. It gets at most 4,096 bytes.
    /// - Returns: the bytes, valid until the next call.
    func read(
        _ path: String, what: String, check: (UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) -> UnsafeRawBufferPointer {
        // Without O_NONBLOCK, a pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .lastFailure(path: path, what: what) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .lastFailure(path: path, what: what) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let found = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device, pipe or socket"
            throw .unreadable(path: path, reason: "expected a file, found \(found)")
        }
        let size = Int(status.st_size), beginning = min(size, 4096)
        buffer.reserve(beginning)
        var count = try read(0..<beginning, of: descriptor, path: path, what: what)
        try check(UnsafeRawBufferPointer(start: buffer.pointer, count: count))
        if count == beginning && size > beginning {
            guard size <= Self.greatestSize else {
                throw .invalid(
                    path: path, place: "", problem: "expected at most \(Self.greatestSize) bytes, found \(size)")
            }
            buffer.reserve(size, keeping: count)
            count = try read(count..<size, of: descriptor, path: path, what: what)
        }
        return UnsafeRawBufferPointer(start: buffer.pointer, count: count)
    }

    /// - Returns: how many bytes of the file are in the buffer now: fewer than asked for where the file has shrunk.
    private func read(
        _ range: Range<Int>, of descriptor: Int32, path: String, what: String
    ) throws(FileError) -> Int {
        var at = range.lowerBound
        while at < range.upperBound {
            let count = pread(descriptor, buffer.pointer + at, range.upperBound - at, off_t(at))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .lastFailure(path: path, what: what) }
            if count == 0 { break }
            at += count
        }
        return at
    }
}
