import Foundation

/// The files that the project ships: search spaces, architectures, device profiles.
public enum ShippedFiles {
    /// The project's top folder.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    public static func space(_ name: String) -> String { "\(root)/searchspaces/\(name).json" }
    public static func reference(_ name: String) -> String { "\(root)/searchspaces/reference/\(name).json" }
    public static func device(_ name: String) -> String { "\(root)/devices/\(name).json" }
    /// The JSON Schema of a kind of file: "architecture", "space", "device", "hardware", "core", "energy".
    public static func schema(_ kind: String) -> String { "\(root)/searchspaces/schema/\(kind).schema.json" }

    public static func spaces() throws -> [String] { try files(in: "searchspaces") }
    public static func references() throws -> [String] { try files(in: "searchspaces/reference") }
    public static func devices() throws -> [String] { try files(in: "devices") }
    /// The hardware that the devices refer to; the energies stand beside it.
    public static func hardware() throws -> [String] {
        try files(in: "devices/hardware").filter { !$0.hasSuffix("/energy.json") }
    }

    public static func cores() throws -> [String] { try files(in: "devices/cores") }
    /// Networks that were measured on many devices, as lists of operators.
    public static func networks() throws -> [String] { try files(in: "devices/networks") }

    private static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter { $0.hasSuffix(".json") }
            .sorted().map { "\(root)/\(folder)/\($0)" }
    }
}
