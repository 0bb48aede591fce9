import Files
import Glibc

/// A folder on the disk, open to be read.
struct OpenFolder: ~Copyable {
    /// Tells a folder from all others, by whatever path it was reached.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64

        init(_ status: stat) { (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }
    }

    /// An entry; its name ends with a zero after its bytes.
    struct Entry {
        let name: UnsafeRawBufferPointer
        /// As the folder says without a look at the entry itself: DT_REG, …; DT_UNKNOWN where it does not say.
        let type: Int

        var path: UnsafePointer<CChar> { name.baseAddress!.assumingMemoryBound(to: CChar.self) }
    }

    /// For messages.
    let path: String
    let identity: Identity
    private let stream: OpaquePointer
    private let descriptor: Int32

    /// Opens the folder at `path`.
    ///
    /// - Throws: `FileError.unreadable`.
    init(_ path: String) throws(FileError) { try self.init(open(path, Self.flags), path: path) }

    /// Opens the folder `name` in another.
    ///
    /// - Throws: `FileError.unreadable`.
    init(_ name: [UInt8], in parent: borrowing OpenFolder) throws(FileError) {
        let path = "\(parent.path)/\(ImageFileName.shown(name))"
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        try self.init(openat(parent.descriptor, terminated, Self.flags), path: path)
    }

    private init(_ descriptor: Int32, path: String) throws(FileError) {
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, let stream = fdopendir(descriptor) else {
            let reason = lastSystemError()
            if descriptor >= 0 { close(descriptor) }
            throw .unreadable(path: path, reason: reason)
        }
        (self.path, self.descriptor, self.stream, identity) = (path, descriptor, stream, Identity(status))
    }

    deinit { closedir(stream) }

    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

    /// Calls `body` with each entry whose name is not ignored, in the order of the system.
    ///
    /// - Throws: `FileError.unreadable`, and what `body` throws.
    func forEachEntry(_ body: (Entry) throws(FileError) -> Void) throws(FileError) {
        let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .unreadable(path: path, reason: lastSystemError()) }
                return
            }
            let name = UnsafeRawPointer(entry) + nameOffset
            let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name.assumingMemoryBound(to: CChar.self)))
            if ImageFileName.isIgnored(bytes) { continue }
            try body(Entry(name: bytes, type: Int(entry.pointee.d_type)))
        }
    }

    /// What the entry is, or what a link leads to; nil with the reason in `errno`.
    func status(of entry: Entry, followingLinks: Bool = true) -> stat? {
        var status = stat()
        return fstatat(descriptor, entry.path, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Whether the entry is a link.
    func isLink(_ entry: Entry) -> Bool {
        if entry.type != Int(DT_UNKNOWN) { return entry.type == Int(DT_LNK) }
        return status(of: entry, followingLinks: false).map { $0.st_mode & S_IFMT == S_IFLNK } ?? false
    }

    /// Whether the entry is a folder or a link to one.
    func isFolder(_ entry: Entry) -> Bool {
        if entry.type != Int(DT_UNKNOWN), entry.type != Int(DT_LNK) { return entry.type == Int(DT_DIR) }
        return status(of: entry).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// The folders that hold the one at `path`, up to the root of the file system, and that one itself.
    static func identities(upFrom path: String) -> [Identity] {
        var identities: [Identity] = []
        var descriptor = open(path, flags)
        while descriptor >= 0 {
            var status = stat()
            let isKnown = fstat(descriptor, &status) != 0 || identities.last == Identity(status)
            let parent = isKnown ? -1 : openat(descriptor, "..", flags)
            close(descriptor)
            if !isKnown { identities.append(Identity(status)) }
            descriptor = parent
        }
        return identities
    }
}
