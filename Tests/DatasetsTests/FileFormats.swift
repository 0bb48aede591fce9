import Glibc
import Testing
import TestSupport

/// A gzip file (RFC 1952) of one stored block (RFC 1951, 3.2.4): its bytes appear in it from byte 15 on.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let length = UInt16(bytes.count)
    let lengths = [length, ~length].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + lengths + bytes
        + bigEndian(crc32(bytes)).reversed() + bigEndian(UInt32(bytes.count)).reversed()
}

/// All of a file's bytes.
func contents(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let length = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: length)
    try #require(pread(descriptor, &bytes, length, 0) == length)
    return bytes
}
