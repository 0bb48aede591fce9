import Architectures
import Exporter
import Files
import Glibc
import HardwareProfiles

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

    /// The path of what a user named: a file as it is, else the one of that name in the catalogue, else, of an
    /// architecture, the one in the folder of a run.
    ///
    /// - Throws: `FileError.missing`, which lists the names there are.
    func path(of nameOrPath: String) throws(FileError) -> String {
        let path = "\(directory)/\(nameOrPath).json"
        let isName = !nameOrPath.contains("/") && access(path, F_OK) == 0
        if self == .architectures, !isName, Self.isFolder(nameOrPath) {
            return (nameOrPath.hasSuffix("/") ? nameOrPath : nameOrPath + "/") + "architecture.json"
        }
        if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") || nameOrPath.hasSuffix(".py") { return nameOrPath }
        guard isName else {
            throw .missing(path: nameOrPath, what: "\(what) (known names: \(names.joined(separator: ", ")); or a path)")
        }
        return path
    }

    /// The device profile that a user named, its tables checked against the search spaces that come with the product and
    /// against a network that it is to price.
    ///
    /// - Throws: `FileError`, also where a table does not fit the space that it names.
    static func device(named nameOrPath: String, for network: Network? = nil) throws -> DeviceProfile {
        let device = try DeviceProfile(contentsOf: devices.path(of: nameOrPath))
        let named = Set(device.tables.compactMap(\.space))
        for name in spaces.names where named.contains(name) {
            try device.checkTables(of: SearchSpace(contentsOf: spaces.path(of: name)))
        }
        if let network { try device.checkTables(of: network) }
        return device
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

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in the catalogue, in alphabetical order.
    var names: [String] {
        DirectoryEntries.names(in: directory).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    }

    private var directory: String { ProductFolder.path(rawValue) }
}
