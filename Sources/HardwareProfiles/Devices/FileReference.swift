import Files
import Glibc

/// Finds the files that a profile refers to.
enum FileReference {
    /// The kind of a file, as its folder under "devices".
    enum Kind: String {
        case device = ""
        /// Hardware descriptions, and the energies beside them.
        case hardware = "hardware/"
        /// Networks that were measured on many devices.
        case network = "networks/"
        /// Descriptions of cores.
        case core = "cores/"
    }

    /// The path of the file that `node` names, by a path or by its name without ".json". The file is searched in the
    /// folder of the node's own file and then among those that come with the product.
    ///
    /// - Returns: nil where the node is no text, which is reported.
    /// - Throws: `FileError.invalid`. A missing file is reported by whoever reads it.
    static func path(_ node: JSONNode, _ kind: Kind) throws(FileError) -> String? {
        let name = try node.text()
        if name.isEmpty { return nil }
        if name.hasPrefix("/") { return name }
        let file = name.hasSuffix(".json") ? name : name + ".json"
        let own = folder(of: node.path)
        let last = file.split(separator: "/").last.map(String.init) ?? file
        let inFolders = [own + kind.rawValue + file, own + "../" + kind.rawValue + file]
        let beside = name == file ? [own + file] + inFolders : inFolders + [own + file]
        let shipped = ProductFolder.all("devices").map { "\($0)/\(kind.rawValue)\(last)" }
        // A device may have the name of its core, or of its hardware.
        let places = kind == .core && name != file ? inFolders + shipped + [own + file] : beside + shipped
        return places.first { $0 != node.path && isFile($0) } ?? own + file
    }

    /// The file of a core by what people call it: "Cortex-A53", "Kryo 385 Gold (Cortex-A75)", where the name in
    /// parentheses is the one that counts; nil where no such core is described.
    static func core(named title: String, near path: String) -> String? {
        let inner = title.split(separator: "(").last.map { String($0.prefix { $0 != ")" }) } ?? title
        let file = inner.lowercased().replacing(" ", with: "-") + ".json"
        let own = folder(of: path)
        let places = [own + "../cores/" + file, own + "cores/" + file] + ProductFolder.all("devices").map { "\($0)/cores/\(file)" }
        return places.first(where: isFile)
    }

    /// How a profile in another file refers to the file that `node` names: by the same text if both are in one folder,
    /// else by the absolute path.
    static func text(_ node: JSONNode, _ kind: Kind, from path: String) throws(FileError) -> String {
        let found = try FileReference.path(node, kind) ?? ""
        if case .string(let name) = node.value, name.hasPrefix("/") || folder(of: path) == folder(of: node.path) {
            return name
        }
        guard let absolute = realpath(found, nil) else { return found }
        defer { free(absolute) }
        return String(cString: absolute)
    }

    private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
