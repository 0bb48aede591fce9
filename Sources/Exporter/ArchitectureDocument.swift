import Architectures
import Files

/// An architecture with its provenance: the content of `architecture.json`.
///
///     try ArchitectureDocument(architecture, provenance: provenance).write(to: "runs/one/architecture.json")
///     let network = try ArchitectureDocument(contentsOf: "runs/one/architecture.json").architecture.network
public struct ArchitectureDocument: Hashable, Sendable {
    public let architecture: Architecture
    /// nil for an architecture given by hand.
    public let provenance: Provenance?

    public init(_ architecture: Architecture, provenance: Provenance?) {
        self.architecture = architecture
        self.provenance = provenance
    }

    /// Reads the file at `path`, strictly; the provenance may have any content.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        let node = try JSONNode(contentsOf: path, what: "architecture")
        architecture = try Architecture(json: node)
        switch node.value["provenance"] {
        case .some(.object(let members)) where members.contains { $0.key == "command" }:
            provenance = try Provenance(
                json: JSONNode(.object(members), path: path, pointer: "/provenance"))
        default:
            provenance = nil
        }
    }

    /// Reads the file at `path`: a Python file that `TimmNetwork` wrote, if its name ends so, else a JSON file.
    ///
    /// - Throws: `FileError`.
    public init(exported path: String) throws {
        if path.hasSuffix(".py") {
            self.init(try TimmNetwork(contentsOf: path).architecture, provenance: nil)
        } else {
            try self.init(contentsOf: path)
        }
    }

    /// Replaces the file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String) throws(FileError) {
        try architecture.json(provenance: provenance?.json ?? .null).write(to: path)
    }
}
