import Files
import Glibc

extension FileError {
    /// The reason why the last system call on `path` failed. Read it before any other call is made.
    ///
    /// - Parameter what: what was expected there, for the error that it is missing.
    static func lastFailure(path: String, what: String) -> FileError {
        switch errno {
        case ENOENT, ENOTDIR: .missing(path: path, what: what)
        default: .unreadable(path: path, reason: lastSystemError())
        }
    }
}
