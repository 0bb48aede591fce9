import Files
import Glibc

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
                "\(folders.count) sub-folder\(folders.count == 1 ? "" : "s") (\(listed(folders)))"
                    + (held.isEmpty ? "" : " with " + held.joined(separator: ", ")))
        }
        let most = parts.dropLast().joined(separator: ", ")
        return "a folder of \(most.isEmpty ? "" : most + " and ")\(parts[parts.count - 1])"
    }

    /// The kind of the file at `path`, by its first bytes.
    static func kind(ofFile path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return "a file" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return "a file" }
        return bytes.withUnsafeBytes { kind(ofFileThatBegins: UnsafeRawBufferPointer(rebasing: $0[..<count])) ?? "a file" }
    }

    /// The kind of a file, by its first bytes, which are 512 or the whole file; nil where it is unknown.
    static func kind(ofFileThatBegins bytes: UnsafeRawBufferPointer) -> String? {
        func has(_ part: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: part.utf8) }
        func begins(_ start: [UInt8]) -> Bool { bytes.starts(with: start) }
        if bytes.isEmpty { return "an empty file" }
        if begins([0x50, 0x4B, 3, 4]) { return "a ZIP archive, to be unpacked first" }
        if has("ustar", at: 257) { return "a tar archive, to be unpacked first" }
        if begins([0x1F, 0x8B]) { return "a gzip file" }
        if begins([0, 0, 8]) { return "one IDX file" }
        if begins([0xFF, 0xD8, 0xFF]) { return "a JPEG file" }
        if begins([0x89, 0x50, 0x4E, 0x47]) { return "a PNG file" }
        if has("GIF8") { return "a GIF file" }
        if has("RIFF") && has("WEBP", at: 8) { return "a WebP file" }
        if has("ftyp", at: 4) {
            return has("avif", at: 8) ? "an AVIF file"
                : ["hei", "hev", "mif1", "msf1"].contains { has($0, at: 8) } ? "a HEIC file" : "an MP4 video"
        }
        // A bitmap's third field is zero.
        if has("BM") && bytes.count >= 14 && bytes[6..<10].allSatisfy({ $0 == 0 }) { return "a BMP file" }
        if begins([0x49, 0x49, 42, 0]) || begins([0x4D, 0x4D, 0, 42]) { return "a TIFF file" }
        if begins([0, 0, 0, 12, 0x6A, 0x50]) || begins([0xFF, 0x4F, 0xFF, 0x51]) { return "a JPEG 2000 file" }
        if begins([0xFF, 0x0A]) || begins([0, 0, 0, 12, 0x4A, 0x58, 0x4C]) { return "a JPEG XL file" }
        if has("%PDF") { return "a PDF file" }
        if has("version https://git-lfs.github.com/spec/") { return "a pointer of Git LFS, whose file `git lfs pull` fetches" }
        let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "an HTML page" }
        if text.hasPrefix("<svg") || (text.hasPrefix("<?xml") && text.contains("<svg")) { return "an SVG file" }
        return bytes.allSatisfy { $0 == 0 } ? "a file that begins with zeros" : nil
    }

    /// The number of files of each kind, the most frequent first; a few of unknown kind by name.
    private static func counts(of names: [String]) -> [String] {
        var found: [String: Int] = [:]
        var others: [String] = []
        for name in names {
            if let kind = kind(of: name) { found[kind, default: 0] += 1 } else { others.append(name) }
        }
        let known = found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.value) \($0.key) file\($0.value == 1 ? "" : "s")"
        }
        let rest = others.isEmpty ? [] : ["\(others.count) other file\(others.count == 1 ? "" : "s") (\(listed(others)))"]
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
            var status = stat()
            let isFolder = kind(of: name) == nil && stat("\(path)/\(name)", &status) == 0
                && status.st_mode & S_IFMT == S_IFDIR
            if isFolder { folders.append(name) } else { files.append(name) }
        }
        return (folders, files)
    }

    /// The kind by the ending of the name; nil where it is unknown.
    private static func kind(of name: String) -> String? {
        name.lastIndex(of: ".").flatMap { kinds[name[name.index(after: $0)...].lowercased()] }
    }
}
