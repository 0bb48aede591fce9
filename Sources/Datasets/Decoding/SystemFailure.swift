import Files
import Glibc

extension FileError {
    /// Why the last call of the system failed on `path`; to be asked before any other call is made.
    ///
    /// - Parameter what: what was expected there, for the sentence that it is missing.
    static func lastFailure(path: String, what: String) -> FileError {
        switch errno {
        case ENOENT, ENOTDIR: .missing(path: path, what: what)
        default: .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
    }
}
