import Glibc
import JSONDocuments

/// A new, empty directory that goes with its last user.
final class TemporaryDirectory {
    let path: String
    private var files: [String] = []

    init() {
        var template = Array("/tmp/onepath-datasets-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit {
        files.forEach { unlink($0) }
        rmdir(path)
    }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try AtomicFile.write(bytes, to: file)
        files.append(file)
        return file
    }
}
