import Files
import Glibc

extension String {
    /// As a file's name: letters, digits and dots, and a dash for all between.
    var fileName: String {
        split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }.joined(separator: "-")
    }
}

/// A folder that a command writes into.
enum NewDirectory {
    /// Makes it where there is none.
    ///
    /// - Throws: `FileError.cannotWrite`.
    static func make(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }
}
