import CZlib
import Files
import Glibc

/// Decoded images in one memory-mapped file: 8 bits a value, RGB, upright, the shorter side at most as long as was asked.
///
/// The file is made from numbers of the machine's own byte order, which are all in the cache of one machine: "OPIMAGE2" (8
/// bytes), the number of images (8 bytes), an entry of 24 bytes for each image, the CRC-32 of all before it (8 bytes), and
/// the pixels. An entry has the place of the pixels (8 bytes), height, width and the CRC-32 of the pixels (4 bytes each, and
/// 4 that are zero).
final class ImageCacheFile: @unchecked Sendable {
    struct Entry: Hashable {
        var offset: UInt64
        var height: UInt32
        var width: UInt32
        var checksum: UInt32
        var reserved: UInt32 = 0

        var size: ImageSize { ImageSize(height: Int(height), width: Int(width)) }
        var byteCount: Int { 3 * Int(height) * Int(width) }
    }

    let path: String
    let count: Int
    private let bytes: UnsafeRawBufferPointer

    /// Another one whenever the decoder begins to give other pixels, so that older caches are made anew: "OPIMAGES" was
    /// that before CMYK without Adobe's marker was read inverted.
    private static let magic = Array("OPIMAGE2".utf8)
    private static let entrySize = 24
    /// With a page that is read, Linux maps those around it, as many as are in this many bytes; whole pages.
    private static let faultWindow = max(65_536, sysconf(Int32(_SC_PAGESIZE)))
    /// The longest side that the decoder gives.
    private static let sideLimit: UInt32 = 65_535

    /// The bytes before the pixels of the first image.
    static func headerSize(images: Int) -> Int { 16 + images * entrySize + 8 }

    /// Maps the file at `path`; nil where there is none, or it is not whole, or holds another number of images.
    init?(at path: String, images: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        let headerSize = Self.headerSize(images: images)
        guard fstat(descriptor, &status) == 0, status.st_size >= headerSize,
            let address = mmap(nil, status.st_size, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED
        else { return nil }
        bytes = UnsafeRawBufferPointer(start: address, count: status.st_size)
        count = images
        self.path = path
        let isWhole = bytes.starts(with: Self.magic) && bytes.load(fromByteOffset: 8, as: UInt64.self) == UInt64(images)
            && bytes.load(fromByteOffset: headerSize - 8, as: UInt64.self)
                == UInt64(Self.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(headerSize - 8)])))
            && (0..<images).allSatisfy { image in
                let entry = entry(image)
                return (1...Self.sideLimit).contains(entry.height) && (1...Self.sideLimit).contains(entry.width)
                    && entry.offset >= headerSize && entry.offset <= bytes.count
                    && entry.byteCount <= bytes.count - Int(entry.offset)
            }
        guard isWhole else { return nil }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    func entry(_ image: Int) -> Entry {
        let at = 16 + image * Self.entrySize
        return Entry(
            offset: bytes.load(fromByteOffset: at, as: UInt64.self), height: bytes.load(fromByteOffset: at + 8, as: UInt32.self),
            width: bytes.load(fromByteOffset: at + 12, as: UInt32.self),
            checksum: bytes.load(fromByteOffset: at + 16, as: UInt32.self))
    }

    /// [height, width, 3] of an entry.
    func pixels(of entry: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: bytes[Int(entry.offset)..<Int(entry.offset) + entry.byteCount])
            .assumingMemoryBound(to: UInt8.self)
    }

    /// Lets the system take the pages of an entry from this process after they were read. They stay in its cache of the disk
    /// while there is room, but do not count as memory of the process, which a large set would fill.
    func release(_ entry: Entry) {
        let window = Self.faultWindow
        let start = Int(entry.offset) / window * window
        let end = min((Int(entry.offset) + entry.byteCount + window - 1) / window * window, bytes.count)
        // Whether it does is of no consequence.
        _ = madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress! + start), end - start, MADV_DONTNEED)
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }

    /// What stands before the pixels.
    static func header(_ entries: [Entry]) -> [UInt8] {
        var bytes = magic
        func append<Value>(_ value: Value) { withUnsafeBytes(of: value) { bytes += $0 } }
        append(UInt64(entries.count))
        for entry in entries {
            append(entry.offset)
            for part in [entry.height, entry.width, entry.checksum, entry.reserved] { append(part) }
        }
        append(UInt64(bytes.withUnsafeBytes(checksum)))
        return bytes
    }
}
