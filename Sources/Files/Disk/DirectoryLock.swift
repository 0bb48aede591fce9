import Glibc

/// Lets one program at a time work in a directory. The lock ends with the program that holds it, even if it is killed.
public final class DirectoryLock {
    private let descriptor: Int32

    /// Locks the directory at `path`.
    ///
    /// - Throws: `FileError.cannotWrite`, also where another program holds the lock.
    public init(_ path: String) throws(FileError) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
        // `isHeld` takes the lock for a moment, so a single failure proves nothing.
        var attempts = 20
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            attempts -= 1
            if errno == EWOULDBLOCK, attempts > 0 {
                usleep(2000)
                continue
            }
            let isTaken = errno == EWOULDBLOCK
            let reason = isTaken ? "another program is at work in it" : lastSystemError()
            close(descriptor)
            throw .cannotWrite(path: path, reason: reason)
        }
    }

    deinit { close(descriptor) }

    /// Whether a program is at work in the directory at `path`.
    public static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
