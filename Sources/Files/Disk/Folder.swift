import Glibc

/// Folders on the disk.
public enum Folder {
    /// Whether there is a folder at `path`, or a link to one.
    public static func exists(at path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a folder at `path` where there is none; the one above it must be there.
    ///
    /// - Throws: `FileError.cannotWrite`.
    package static func make(at path: String) throws(FileError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw .cannotWrite(path: path, reason: lastSystemError()) }
    }

    /// Makes a folder at `path` where there is none, and those above it that are missing.
    ///
    /// - Throws: `FileError.cannotWrite`.
    package static func makeAll(to path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o777) != 0, errno != EEXIST { throw .cannotWrite(path: path, reason: lastSystemError()) }
        }
        guard exists(at: path) else { throw .cannotWrite(path: path, reason: "it is not a directory") }
    }
}
