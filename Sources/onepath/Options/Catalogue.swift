import Architectures
import ArgumentParser
import Datasets
import Exporter
import Files
import Glibc
import HardwareProfiles
import Runs

/// The files that come with the product, each known by its name.
enum Catalogue: String {
    case spaces = "searchspaces"
    case devices = "devices"
    case architectures = "searchspaces/reference"
    case cores = "devices/cores"
    case networks = "devices/networks"
    case hardware = "devices/hardware"

    /// What one file is called in a message.
    private var what: String {
        switch self {
        case .spaces: "search space"
        case .devices: "device profile"
        case .architectures: "architecture"
        case .cores: "core"
        case .networks: "network"
        case .hardware: "hardware description"
        }
    }

    /// The path of what a user named: a file as it is, else the one of that name in the catalogue, else, of an
    /// architecture, the one in the folder of a run.
    ///
    /// - Throws: `FileError.missing`, which lists the names there are; of a folder, what `FinishedRun` throws.
    func path(of nameOrPath: String) throws(FileError) -> String {
        let path = "\(directory)/\(nameOrPath).json"
        let isName = !nameOrPath.contains("/") && access(path, F_OK) == 0
        if self == .architectures, !isName, Folder.exists(at: nameOrPath) {
            return try FinishedRun(nameOrPath).architecturePath
        }
        if Self.isPath(nameOrPath) { return nameOrPath }
        guard isName else {
            if let path = pathByRuntime(of: nameOrPath) { return path }
            // Cores have names of several makers.
            if self == .cores, case let core = CoreNames.canonical(nameOrPath), names.contains(core) {
                return "\(directory)/\(core).json"
            }
            let question = NearestText.question(on: nameOrPath, among: names).map { $0 + " " } ?? ""
            throw .missing(path: nameOrPath, what: "\(what) (\(question)\(knownNames(like: nameOrPath)); or give a path)")
        }
        return path
    }

    /// Whether what a user gave is a path by its form, and no name.
    static func isPath(_ nameOrPath: String) -> Bool {
        nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") || nameOrPath.hasSuffix(".py")
    }

    /// Refuses to write over a profile that a user gave by its name: it comes with the product, other devices learn from it,
    /// and other commands read it.
    ///
    /// - Parameter output: where the user wants the profile; nil for in place.
    static func checkIsReplaceable(_ device: String, output: String?) throws {
        guard output == nil, !isPath(device) else { return }
        throw ValidationError(
            "--output: expected a file for the profile, because \(device), a name, is not replaced, found none")
    }

    /// The names that there are; of many, those that begin with the same letters, and how to see all.
    private func knownNames(like text: String) -> String {
        func listed(_ names: [String]) -> String { "known names: " + names.joined(separator: ", ") }
        let all = names
        guard !all.isEmpty else {
            return "known names: none, because there is no folder \(rawValue), neither here nor above the program"
        }
        guard all.count > Self.mostListed else { return listed(all) }
        let letters = text.prefix(while: \.isLetter)
        let like = letters.count < 3 ? [] : all.filter { $0.hasPrefix(letters) }
        // Devices and cores are many.
        let rest = "onepath show \(self == .cores ? "cores" : "devices") lists all \(all.count)"
            + (self == .devices ? ", onepath device new makes another" : "")
        return like.isEmpty || like.count > Self.mostListed ? rest : "\(listed(like)); \(rest)"
    }

    /// More names than these are no sentence.
    private static let mostListed = 20

    /// The path of the device that is named with its runtime, where its plain name is that of a profile for this runtime:
    /// pixel6-xnnpack is pixel6.
    private func pathByRuntime(of name: String) -> String? {
        guard self == .devices, let dash = name.lastIndex(of: "-") else { return nil }
        let path = "\(directory)/\(name[..<dash]).json"
        guard let profile = try? JSON(contentsOf: path, what: what), let runtime = profile["runtime"]?["name"],
            runtime == .string(String(name[name.index(after: dash)...]))
        else { return nil }
        return path
    }

    /// How a run keeps what a user named, so that it is found from every folder: the name of a file that comes with the
    /// product as it is, else the path from the root.
    ///
    /// - Throws: as `path(of:)`.
    func source(of nameOrPath: String) throws(FileError) -> String {
        let path = AbsolutePath.of(try path(of: nameOrPath))
        // One in the current folder is there only while that is the current one.
        let shipped = ProductFolder.all(rawValue).filter { $0.hasPrefix("/") }
        let name = Self.name(ofFile: path)
        let isShipped = shipped.contains { AbsolutePath.of("\($0)/\(name).json") == path }
        return isShipped && !nameOrPath.contains("/") ? name : path
    }

    /// The file of weights that a user named: in the folder of a run, the one that the run left.
    ///
    /// - Throws: of a folder, what `FinishedRun` throws.
    static func weightsPath(of path: String) throws(FileError) -> String {
        Folder.exists(at: path) ? try FinishedRun(path).weightsPath : path
    }

    /// How a run keeps the data set that a user named.
    static func dataSource(of nameOrPath: String) -> String {
        ImageDataSource.knownNames.contains(nameOrPath) ? nameOrPath : AbsolutePath.of(nameOrPath)
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

    /// All cores that are known.
    ///
    /// - Throws: `FileError`.
    static func knownCores() throws -> [Core] { try cores.names.map { try Core(contentsOf: cores.path(of: $0)) } }

    /// The architecture that a user named.
    ///
    /// - Throws: `FileError`.
    static func architecture(named nameOrPath: String) throws -> Architecture {
        try ArchitectureDocument(exported: architectures.path(of: nameOrPath)).architecture
    }

    /// What a file of the catalogue would be known by: its name without folder and ".json".
    static func name(ofFile path: String) -> String {
        let name = AbsolutePath.baseName(path)
        return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    }

    /// The names in the catalogue, in alphabetical order.
    var names: [String] {
        DirectoryEntries.names(in: directory).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    private var directory: String { ProductFolder.path(rawValue) }
}
