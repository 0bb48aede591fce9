import Files

/// Describes what is at a path, for an error that expected something else there: "a folder of 120 JPEG files".
enum FolderContents {
    /// The usual kinds of image files, by the endings of their names.
    private static let kinds = [
        "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "gif": "GIF", "bmp": "BMP", "webp": "WebP", "tif": "TIFF",
        "tiff": "TIFF", "ppm": "PPM", "pgm": "PGM", "npy": "NumPy", "npz": "NumPy", "parquet": "Parquet",
        "tfrecord": "TFRecord", "zip": "ZIP", "tar": "tar", "tgz": "tar", "csv": "CSV",
    ]
    /// The number of sub-folders that are examined.
    private static let looked = 1000
    /// The number of names that are listed.
    private static let told = 4

    /// The contents of the folder at `path`.
    static func summary(of path: String) -> String {
        let entries = visibleNames(in: path)
        if entries.isEmpty { return "an empty folder" }
        let (folders, files) = parted(entries, in: path)
        var parts = counts(of: files)
        if !folders.isEmpty {
            var inside: [String] = []
            for folder in folders.prefix(looked) {
                let names = visibleNames(in: "\(path)/\(folder)")
                // Perhaps "train" and "test", whose sub-folders are the classes.
                let (deeper, own) = parted(names, in: "\(path)/\(folder)")
                inside += own
                for name in deeper.prefix(looked) { inside += visibleNames(in: "\(path)/\(folder)/\(name)") }
            }
            let held = counts(of: inside)
            parts.append(
                "\(folders.count.counted("sub-folder")) (\(listed(folders)))"
                    + (held.isEmpty ? "" : " with " + held.joined(separator: ", ")))
        }
        return "a folder of \(parts.joinedByAnd)"
    }

    /// What the file at `path` is, by its first bytes.
    static func kind(ofFile path: String) -> String { FileKind(ofFile: path)?.description ?? "a file" }

    /// The number of files of each kind, the most frequent first; a few of unknown kind by name.
    private static func counts(of names: [String]) -> [String] {
        var found: [String: Int] = [:]
        var others: [String] = []
        for name in names {
            if let kind = kind(of: name) { found[kind, default: 0] += 1 } else { others.append(name) }
        }
        let known = found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            $0.value.counted("\($0.key) file")
        }
        let rest = others.isEmpty ? [] : ["\(others.count.counted("other file")) (\(listed(others)))"]
        return known + rest
    }

    private static func listed(_ names: [String]) -> String {
        names.prefix(told).joined(separator: ", ") + (names.count > told ? ", …" : "")
    }

    private static func visibleNames(in path: String) -> [String] {
        DirectoryEntries.names(in: path).filter { !$0.hasPrefix(".") }
    }

    /// Splits the names in a folder into folders and others. Names with a known ending are not examined: there may be a
    /// million of them.
    private static func parted(_ names: [String], in path: String) -> (folders: [String], files: [String]) {
        var folders: [String] = [], files: [String] = []
        for name in names {
            let isFolder = kind(of: name) == nil && Folder.exists(at: "\(path)/\(name)")
            if isFolder { folders.append(name) } else { files.append(name) }
        }
        return (folders, files)
    }

    /// The kind by the ending of the name; nil where it is unknown.
    private static func kind(of name: String) -> String? {
        name.lastIndex(of: ".").flatMap { kinds[name[name.index(after: $0)...].lowercased()] }
    }
}
