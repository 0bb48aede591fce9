import Glibc

/// Writes files atomically: whatever happens meanwhile, a file holds all of the new content or still the old one.
public enum AtomicFile {
    /// Writes `bytes` to `path`, replacing the file that is there.
    ///
    /// The bytes go to a temporary file in the same directory. It is synced to the disk and renamed in one step; then
    /// the directory is synced. A file that is replaced keeps its permissions, and a symbolic link keeps pointing at
    /// the file that is replaced.
    ///
    /// - Throws: `FileError.cannotWrite`; the temporary file is removed and what was at `path` is untouched.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try write([bytes], to: path)
    }

    /// Writes `parts`, one after the other, to `path`, as atomically as bytes.
    public static func write(_ parts: [[UInt8]], to path: String) throws(FileError) {
        let (target, directory, permissions) = try place(of: path)
        let temporary = directory + prefix + String(UInt64.random(in: .min ... .max), radix: 16) + suffix

        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
        var isOpen = true
        do {
            if let permissions { try check(fchmod(descriptor, permissions), path) }
            for part in parts { try writeAll(part, descriptor, path) }
            try check(fsync(descriptor), path)
            isOpen = false
            try check(close(descriptor), path)
            try check(rename(temporary, target), path)
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
        let directoryDescriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(directoryDescriptor, path)
        defer { close(directoryDescriptor) }
        try check(fsync(directoryDescriptor), path)
    }

    /// Writes `text` as UTF-8 to `path`, as atomically as bytes.
    public static func write(_ text: String, to path: String) throws(FileError) {
        try write(Array(text.utf8), to: path)
    }

    /// Checks that a file can be written at `path`, before the work whose result it is to hold. Writes nothing.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public static func checkWritable(_ path: String) throws(FileError) {
        try check(access(place(of: path).directory, W_OK | X_OK), path)
    }

    /// Where the bytes for a path go: the file that is there or a link leads to, its directory, and the permissions of the
    /// file; nil where there is none yet.
    private static func place(
        of path: String
    ) throws(FileError) -> (target: String, directory: String, permissions: mode_t?) {
        var status = stat()
        let replaces = stat(path, &status) == 0
        if replaces && status.st_mode & S_IFMT != S_IFREG {
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            throw .cannotWrite(path: path, reason: isDirectory ? "it is a directory" : "it is not a regular file")
        }
        let target = replaces ? resolved(path) ?? path : path
        let directory = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
        return (target, directory, replaces ? status.st_mode & 0o7777 : nil)
    }

    /// Removes the temporary files that killed writers left in a directory. No writer may be at work in it.
    public static func removeLeftovers(in directory: String) {
        for name in DirectoryEntries.names(in: directory) where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            unlink(directory + "/" + name)
        }
    }

    private static let prefix = ".onepath-"
    private static let suffix = ".tmp"

    private static func check(_ outcome: Int32, _ path: String) throws(FileError) {
        if outcome < 0 { throw .cannotWrite(path: path, reason: lastSystemError()) }
    }

    private static func resolved(_ path: String) -> String? {
        guard let buffer = realpath(path, nil) else { return nil }
        defer { free(buffer) }
        return String(cString: buffer)
    }
}
