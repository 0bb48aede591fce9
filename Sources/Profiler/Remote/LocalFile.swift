import Glibc

/// Facts about a file of this machine that goes to a device.
enum LocalFile {
    /// Bytes; 0 where it cannot be read.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
