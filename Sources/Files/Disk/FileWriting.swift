import Glibc

/// Writes all of `bytes` to an open file.
///
/// - Throws: `FileError.cannotWrite`, with `path` as the file's name.
package func writeAll(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
        }
        if count >= 0 {
            written += count
        } else if errno != EINTR {
            throw .cannotWrite(path: path, reason: lastSystemError())
        }
    }
}
