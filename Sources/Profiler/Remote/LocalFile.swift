import Files
import Glibc

/// Files of this machine that go to a device, or hold what comes from it.
enum LocalFile {
    /// Bytes; 0 where it cannot be read.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Makes an empty file of a new name.
    ///
    /// - Parameter prefix: of its path.
    /// - Returns: an open descriptor, for the caller to close, and the path.
    /// - Throws: `FileError.cannotWrite`.
    static func make(_ prefix: String) throws(FileError) -> (descriptor: Int32, path: String) {
        var template = Self.template(prefix)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw .cannotWrite(path: path(in: template), reason: lastSystemError())
        }
        return (descriptor, path(in: template))
    }

    /// Makes a folder of a new name that only this user can open.
    ///
    /// - Parameter prefix: of its path.
    /// - Throws: `FileError.cannotWrite`.
    static func makeFolder(_ prefix: String) throws(FileError) -> String {
        var template = Self.template(prefix)
        guard mkdtemp(&template) != nil else {
            throw .cannotWrite(path: path(in: template), reason: lastSystemError())
        }
        return path(in: template)
    }

    /// What mkstemp and mkdtemp ask for: they put letters of their own in the place of the last six.
    private static func template(_ prefix: String) -> [CChar] { Array("\(prefix)-XXXXXX".utf8CString) }

    private static func path(in template: [CChar]) -> String {
        String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
