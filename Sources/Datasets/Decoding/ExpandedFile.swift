import CZlib
import Files
import Glibc

/// Reads the bytes of a file from its start, and expands them if the file is gzip (RFC 1952).
///
/// Stricter than zlib's own `gzread`, which ignores bytes after a gzip stream: here they are an error.
final class ExpandedFile {
    private let path: String
    /// What the file should hold.
    private let what: String
    private let descriptor: Int32
    /// The size of the file itself, in bytes.
    private let size: Int
    private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: ExpandedFile.capacity)
    /// The part of `buffer` that was read from the file and is not yet consumed.
    private var pending = 0..<0
    /// The number of bytes read from the file so far.
    private var bytesRead = 0
    /// Allocated separately, because zlib keeps its address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isGzip = false
    private var gzipHasEnded = false

    private static let capacity = 1 << 16
    /// The largest expansion of Deflate (zlib's technical details, "Maximum Compression Factor").
    private static let greatestExpansion = 1032

    /// - Parameters:
    ///   - path: a regular file.
    ///   - what: what the file should hold, for the error that it is missing.
    init(path: String, what: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .lastFailure(path: path, what: what) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let found = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device, pipe or socket"
            throw .unreadable(path: path, reason: "expected a file, found \(found)")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastFailure(path: path, what: what) }
        self.path = path
        self.what = what
        self.descriptor = descriptor
        size = Int(status.st_size)
        stream.initialize(to: z_stream())

        try refill()
        isGzip = pending.count >= 2 && buffer[0] == 0x1F && buffer[1] == 0x8B
        if isGzip {
            // The largest window, plus 16 for a gzip header and trailer: zlib checks length and CRC-32 itself.
            let status = inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            precondition(status == Z_OK, "zlib cannot start: status \(status)")
        }
    }

    deinit {
        if isGzip { inflateEnd(stream) }
        close(descriptor)
        stream.deallocate()
        buffer.deallocate()
    }

    /// An upper bound on the expanded size, whatever the contents claim.
    var greatestLength: Int { isGzip ? size * Self.greatestExpansion : size }

    /// Writes the next bytes of the contents to the start of `target`.
    ///
    /// - Returns: the number of bytes; it is smaller than `target` only at the end of the contents.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        var count = 0
        while count < target.count {
            if gzipHasEnded { break }
            if pending.isEmpty {
                try refill()
                if pending.isEmpty {
                    if isGzip { throw damaged("the gzip stream is cut short") }
                    break
                }
            }
            let free = UnsafeMutableBufferPointer(rebasing: target[count...])
            count += isGzip ? try inflatePending(into: free) : copyPending(into: free)
        }
        return count
    }

    private func copyPending(into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let count = min(pending.count, target.count)
        target.baseAddress!.update(from: buffer + pending.lowerBound, count: count)
        pending.removeFirst(count)
        return count
    }

    private func inflatePending(into target: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        let room = UInt32(clamping: target.count)
        stream.pointee.next_in = buffer + pending.lowerBound
        stream.pointee.avail_in = UInt32(pending.count)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = room
        let status = inflate(stream, Z_NO_FLUSH)
        pending = (pending.upperBound - Int(stream.pointee.avail_in))..<pending.upperBound
        switch status {
        case Z_OK:
            break
        case Z_STREAM_END:
            gzipHasEnded = true
            if pending.isEmpty { try refill() }
            guard pending.isEmpty else {
                throw damaged("expected the end of the file after the gzip stream, found more bytes")
            }
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
            throw damaged("the gzip stream is damaged: \(reason)")
        }
        return Int(room - stream.pointee.avail_out)
    }

    /// Reads more of the file if nothing is pending; if nothing is pending afterwards, the file is at its end.
    private func refill() throws(FileError) {
        var count: Int
        repeat {
            count = Glibc.read(descriptor, buffer, Self.capacity)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .lastFailure(path: path, what: what) }
        pending = 0..<count
        bytesRead += count
    }

    /// An error about the file's own bytes at the present position.
    private func damaged(_ problem: String) -> FileError {
        .invalid(path: path, place: "byte \(bytesRead - pending.count)", problem: problem)
    }
}
