import Files
import Glibc

/// The folders in a folder, each of which may be a class, and what else lies there.
struct ClassFolders: Sendable {
    /// The folder's own name in the data set's; nil for the data set's folder.
    let name: String?
    /// For messages, and to open it.
    let path: String
    /// In the order of their names' bytes.
    private(set) var names: [String] = []
    /// The files beside them.
    private(set) var leftOut = LeftOutTally()

    /// Reads the folder at `path`.
    ///
    /// - Parameters:
    ///   - name: its name in the data set's folder; nil for that folder itself.
    /// - Throws: `FileError.unreadable`; `.invalid` for a name that is not UTF-8.
    init(at path: String, name: String?) throws(FileError) {
        (self.path, self.name) = (path, name)
        let folder = try OpenFolder(path)
        var names: [String] = []
        var leftOut = LeftOutTally()
        try folder.forEachEntry { entry throws(FileError) in
            let shown = ImageFileName.shown(entry.name)
            guard folder.isFolder(entry) else {
                let path = name.map { "\($0)/\(shown)" } ?? shown
                if folder.status(of: entry) == nil {
                    // Perhaps a class folder, on a disk that is not there.
                    let reason = lastSystemError()
                    return leftOut.add(.unreadable, "\(path): \(reason)")
                }
                return leftOut.add(.besideClasses(ending: ImageFileName.ending(entry.name)), path)
            }
            guard let text = String(validating: entry.name, as: UTF8.self) else {
                throw .invalid(
                    path: path, place: "",
                    problem: "expected folders with names in UTF-8, found \(shown): rename it")
            }
            names.append(text)
        }
        self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.leftOut = leftOut
    }

    /// The path of one of the folders from the data set's folder.
    func relativePath(of folder: String) -> String { name.map { "\($0)/\(folder)" } ?? folder }
}
