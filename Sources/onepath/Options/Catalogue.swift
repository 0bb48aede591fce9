import Architectures
import Exporter
import Files
import Glibc

/// The files that come with the product, each known by its name.
enum Catalogue: String {
    case spaces = "searchspaces"
    case devices = "devices"
    case architectures = "searchspaces/reference"

    /// What one file is called in a message.
    private var what: String {
        switch self {
        case .spaces: "search space"
        case .devices: "device profile"
        case .architectures: "architecture"
        }
    }

    /// The path of what a user named: a file as it is, else the one of that name in the catalogue.
    ///
    /// - Throws: `FileError.missing`, which lists the names there are.
    func path(of nameOrPath: String) throws(FileError) -> String {
        if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") || nameOrPath.hasSuffix(".py") { return nameOrPath }
        let path = "\(directory)/\(nameOrPath).json"
        guard access(path, F_OK) == 0 else {
            throw .missing(path: nameOrPath, what: "\(what) (known names: \(names.joined(separator: ", ")); or a path)")
        }
        return path
    }

    /// The architecture that a user named.
    ///
    /// - Throws: `FileError`.
    static func architecture(named nameOrPath: String) throws -> Architecture {
        try ArchitectureDocument(exported: architectures.path(of: nameOrPath)).architecture
    }

    /// What a file of the catalogue would be known by: its name without folder and ".json".
    static func name(ofFile path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    }

    /// The names in the catalogue, in alphabetical order.
    var names: [String] {
        DirectoryEntries.names(in: directory).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    }

    /// In the current directory, or else above the program's own: there it is when the program was built in place.
    private var directory: String {
        if access(rawValue, F_OK) == 0 { return rawValue }
        var above = Self.programDirectory
        while let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            if access("\(above)/\(rawValue)", F_OK) == 0 { return "\(above)/\(rawValue)" }
        }
        return rawValue
    }

    private static var programDirectory: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}
