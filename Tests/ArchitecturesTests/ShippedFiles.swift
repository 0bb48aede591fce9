import Foundation
import JSONDocuments

/// The search spaces and architectures that the project ships.
enum ShippedFiles {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("searchspaces").path

    static func space(_ name: String) -> String { "\(folder)/\(name).json" }
    static func reference(_ name: String) -> String { "\(folder)/reference/\(name).json" }

    static func spaces() throws -> [String] { try files(in: folder) }
    static func references() throws -> [String] { try files(in: folder + "/reference") }

    private static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
            .map { "\(folder)/\($0)" }
    }
}
