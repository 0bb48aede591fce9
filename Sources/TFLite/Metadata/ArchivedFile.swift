import CZlib

/// A file in the zip archive that stands behind a model: the programs that read models find labels there.
public struct ArchivedFile: Hashable, Sendable {
    public var name: String
    public var bytes: ArraySlice<UInt8>

    public init(name: String, bytes: ArraySlice<UInt8>) {
        self.name = name
        self.bytes = bytes
    }

    /// The bytes of an archive (PKWARE's application note 6.3) of uncompressed files; empty for none.
    ///
    /// - Parameter start: the place of the archive in the file that it will be a part of.
    static func archive(_ files: [ArchivedFile], at start: Int) -> [UInt8] {
        guard !files.isEmpty else { return [] }
        var bytes: [UInt8] = [], directory: [UInt8] = []
        for file in files {
            let place = start + bytes.count
            // Version 2.0, names in UTF-8, stored, and the date 1980-01-01, the first one: the same bytes at any time.
            let common =
                number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
                + number(checksum(file.bytes), 4) + number(file.bytes.count, 4) + number(file.bytes.count, 4)
                + number(file.name.utf8.count, 2) + number(0, 2)
            bytes += number(localSignature, 4) + common + Array(file.name.utf8) + file.bytes
            directory +=
                number(entrySignature, 4) + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2)
                + number(0, 4) + number(place, 4) + Array(file.name.utf8)
        }
        let place = start + bytes.count
        return bytes + directory + number(endSignature, 4) + number(0, 2) + number(0, 2) + number(files.count, 2)
            + number(files.count, 2) + number(directory.count, 4) + number(place, 4) + number(0, 2)
    }

    /// The files of an archive at the end of `bytes`; those that are compressed in another way than deflate (RFC 1951), are
    /// damaged or do not lie in it are left out.
    static func files(in bytes: ArraySlice<UInt8>) -> [ArchivedFile] {
        let base = bytes.startIndex
        func number(_ place: Int, _ size: Int) -> Int {
            (0..<size).reduce(0) { $0 | Int(bytes[base + place + $1]) << (8 * $1) }
        }
        // The last record may have a comment behind it.
        let last = bytes.count - endSize
        let end = stride(from: last, through: max(0, last - 65_535), by: -1).first { end in
            number(end, 4) == endSignature && end + endSize + number(end + 20, 2) == bytes.count
        }
        guard let end else { return [] }
        // Places count from the start of the file, or of an archive that was put behind it as it was.
        let shift = end - number(end + 12, 4) - number(end + 16, 4)
        guard shift >= 0 else { return [] }
        var place = number(end + 16, 4) + shift, files: [ArchivedFile] = [], left = largest
        for _ in 0..<number(end + 10, 2) {
            guard place + entrySize <= end, number(place, 4) == entrySignature else { break }
            let nameSize = number(place + 28, 2), local = number(place + 42, 4) + shift
            let size = number(place + 24, 4), packedSize = number(place + 20, 4)
            let rest = number(place + 30, 2) + number(place + 32, 2)
            guard place + entrySize + nameSize <= end else { break }
            let name = String(decoding: bytes[base + place + entrySize..<base + place + entrySize + nameSize], as: UTF8.self)
            if local + localSize <= end, number(local, 4) == localSignature {
                let start = local + localSize + number(local + 26, 2) + number(local + 28, 2)
                if start + packedSize <= end,
                    let content = content(
                        of: bytes[base + start..<base + start + packedSize], method: number(place + 10, 2), size: size,
                        atMost: left),
                    checksum(content) == number(place + 16, 4)
                {
                    files.append(ArchivedFile(name: name, bytes: content))
                    left -= content.count
                }
            }
            place += entrySize + nameSize + rest
        }
        return files
    }

    /// How much is read of an archive, in bytes: labels of a million classes are less.
    private static let largest = 1 << 26

    /// The bytes of a file; nil where they cannot be read, or are more than `most`.
    private static func content(
        of packed: ArraySlice<UInt8>, method: Int, size: Int, atMost most: Int
    ) -> ArraySlice<UInt8>? {
        guard size <= most else { return nil }
        if method == 0 { return packed.count == size ? packed : nil }
        guard method == Int(Z_DEFLATED) else { return nil }
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = Array(packed), isWhole = false
        // One byte more, so that there is room for what should not be there.
        let expanded = [UInt8](unsafeUninitializedCapacity: size + 1) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(size + 1)
                isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END
                count = size + 1 - Int(stream.avail_out)
            }
        }
        return isWhole && expanded.count == size ? expanded[...] : nil
    }

    private static let localSignature = 0x0403_4b50, entrySignature = 0x0201_4b50, endSignature = 0x0605_4b50
    private static let localSize = 30, entrySize = 46, endSize = 22

    private static func number(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBufferPointer { Int(crc32_z(0, $0.baseAddress, $0.count)) }
    }
}
