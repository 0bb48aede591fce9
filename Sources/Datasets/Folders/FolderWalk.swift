import Files
import Glibc

/// Lists the image files below one folder, links followed. Names are kept in one piece, because there may be millions.
struct FolderWalk {
    /// A file that was found.
    struct File {
        /// Where its name is.
        fileprivate let start: UInt32
        fileprivate let length: UInt16
        /// When it was last written, in seconds since 1970.
        let time: Int32
        /// In bytes.
        let size: Int
    }

    private(set) var files: [File] = []
    private(set) var skipped = SkippedFiles()
    private var names: [UInt8] = []
    private let root: String

    /// The folders from the root to the one that is read: a link that leads to one of them would never end.
    private var ancestors: [Place] = []

    private struct Place: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// Folders are read to this depth. What is deeper is no set of images, but a disk given by mistake.
    private static let depthLimit = 16
    private static let endings: Set<[UInt8]> = Set(["jpg", "jpeg", "jpe", "jfif", "png"].map { Array($0.utf8) })
    /// What file managers leave behind, in small letters.
    private static let systemNames: Set<[UInt8]> = Set(["thumbs.db", "desktop.ini"].map { Array($0.utf8) })

    /// Lists the files in the order of their names' bytes.
    ///
    /// - Throws: `FileError.unreadable` where a folder cannot be read.
    init(_ path: String) throws(FileError) {
        root = path
        try read([])
        names.withUnsafeBufferPointer { names in
            func name(_ file: File) -> Slice<UnsafeBufferPointer<UInt8>> {
                names[Int(file.start)..<Int(file.start) + Int(file.length)]
            }
            files.sort { name($0).lexicographicallyPrecedes(name($1)) }
        }
    }

    /// The path of a file from the listed folder on, as UTF-8.
    func name(of file: File) -> ArraySlice<UInt8> { names[Int(file.start)..<Int(file.start) + Int(file.length)] }

    /// Reads the folder at `path` from the root on.
    private mutating func read(_ path: [UInt8]) throws(FileError) {
        let place = path.isEmpty ? root : "\(root)/\(String(decoding: path, as: UTF8.self))"
        guard let entries = opendir(place) else { throw .unreadable(path: place, reason: lastSystemError()) }
        defer { closedir(entries) }
        let descriptor = dirfd(entries)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: place, reason: lastSystemError()) }
        let own = Place(device: status.st_dev, inode: status.st_ino)
        if ancestors.contains(own) {
            skipped.add(place, because: "a link back to a folder that holds it")
            return
        }
        guard ancestors.count < Self.depthLimit else {
            skipped.add(place, because: "deeper than \(Self.depthLimit) folders")
            return
        }
        ancestors.append(own)
        defer { ancestors.removeLast() }

        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name.first != UInt8(ascii: "."), !Self.systemNames.contains(name.map(Self.small)) else { continue }
            let inside = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
            guard let text = String(validating: name, as: UTF8.self) else {
                skipped.add("\(place)/\(String(decoding: name, as: UTF8.self))", because: "its name is no UTF-8")
                continue
            }
            guard fstatat(descriptor, text, &status, 0) == 0 else {
                skipped.add("\(place)/\(text)", because: lastSystemError())
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try read(inside)
            case S_IFREG where Self.isImage(name):
                files.append(
                    File(
                        start: UInt32(names.count), length: UInt16(inside.count),
                        time: Int32(clamping: status.st_mtim.tv_sec), size: Int(status.st_size)))
                names += inside
            default: skipped.add("\(place)/\(text)", because: "not named as a JPEG or PNG file")
            }
        }
    }

    /// Whether a name ends as those of JPEG and PNG files do.
    static func isImage(_ name: [UInt8]) -> Bool {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return endings.contains(name[(dot + 1)...].map(small))
    }

    /// A letter of ASCII as a small one.
    private static func small(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
}
