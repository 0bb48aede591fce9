import Glibc

/// What is in a directory.
public enum DirectoryEntries {
    /// The names in the directory at `path`, in alphabetical order, also those that begin with a dot; empty where the
    /// directory cannot be read.
    public static func names(in path: String) -> [String] { (try? readableNames(in: path)) ?? [] }

    /// Like `names`; empty where there is no such directory.
    ///
    /// - Throws: `FileError.unreadable` where it cannot be read.
    public static func readableNames(in path: String) throws(FileError) -> [String] {
        guard let entries = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .unreadable(path: path, reason: lastSystemError())
        }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
