import Glibc

/// A directory that one program at a time works in; the lock goes with its holder, even one that is killed.
public final class DirectoryLock {
    private let descriptor: Int32

    /// Locks the directory at `path`.
    ///
    /// - Throws: `FileError.cannotWrite`, also where another program holds the lock.
    public init(_ path: String) throws(FileError) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let reason = isTaken ? "another program is at work in it" : lastSystemError()
            close(descriptor)
            throw .cannotWrite(path: path, reason: reason)
        }
    }

    deinit { close(descriptor) }
}
