import ArgumentParser
import Datasets
import Files

/// What a shell offers where an option takes a name or a path.
extension CompletionKind {
    static let spaces = names { Catalogue.spaces.names } orFiles: { $0.hasSuffix(".json") }
    static let devices = names { Catalogue.devices.names } orFiles: { $0.hasSuffix(".json") }
    static let architectures = names { Catalogue.architectures.names } orFiles: {
        $0.hasSuffix(".json") || $0.hasSuffix(".py")
    }
    static let dataSets = names { ImageDataSource.knownNames } orFiles: { _ in false }
    /// Of what `estimate --compare` takes.
    static let priced = names { Catalogue.architectures.names + Catalogue.devices.names } orFiles: {
        $0.hasSuffix(".json") || $0.hasSuffix(".py") || $0.hasSuffix(".onnx")
    }
    /// Names of every kind, for what is shown.
    static let shown = names { Catalogue.spaces.names + Catalogue.devices.names + Catalogue.architectures.names } orFiles: {
        $0.hasSuffix(".json") || $0.hasSuffix(".py")
    }

    /// - Parameters:
    ///   - names: are asked for when a user completes, not when the script is made.
    ///   - isOffered: whether a file of that name is offered; folders are, for what may be in them.
    private static func names(
        _ names: @escaping @Sendable () -> [String], orFiles isOffered: @escaping @Sendable (String) -> Bool
    ) -> CompletionKind {
        .custom { _, _, prefix in
            let slash = prefix.lastIndex(of: "/")
            let folder = slash.map { String(prefix[...$0]) } ?? ""
            let entries = DirectoryEntries.names(in: folder.isEmpty ? "." : folder).compactMap { name -> String? in
                if name.hasPrefix(".") { return nil }
                let path = folder + name
                return Folder.exists(at: path) ? path + "/" : isOffered(name) ? path : nil
            }
            return ((slash == nil ? names() : []) + entries).filter { $0.hasPrefix(prefix) }
        }
    }
}
