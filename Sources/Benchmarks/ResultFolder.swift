import Files
import Training

/// A folder of results that take long: each is stored as soon as it is known, and not computed twice. All are of one
/// configuration, which lies beside them.
struct ResultFolder {
    let path: String

    /// What a text has for a name in such a folder, which may be longer than a name can be.
    static func key(of text: String) -> String { String(FileDigest.sha256(ofText: text).prefix(16)) }

    /// Creates the folder, or opens one with results of the same configuration.
    ///
    /// - Parameter configuration: everything that the results depend on.
    /// - Throws: `FileError`, also where the folder holds results of another configuration.
    init(_ path: String, configuration: JSON) throws {
        self.path = path
        try Folder.makeAll(to: path)
        let file = path + "/config.json"
        guard let old = try? JSON(contentsOf: file, what: "configuration") else {
            if try !DirectoryEntries.readableNames(in: path).filter({ $0.hasSuffix(".json") || $0.hasSuffix(".checkpoint") }).isEmpty {
                throw FileError.invalid(
                    path: path, place: "", problem: "holds results, but no config.json for them; give another directory")
            }
            try configuration.write(to: file)
            return
        }
        if let (place, own, other) = old.firstDifference(from: configuration, free: [], at: "") {
            throw FileError.invalid(
                path: file, place: place,
                problem: "the results in this directory are of \(own), found \(other) now; give another directory")
        }
    }

    /// Reads a result from its file, or computes and stores it.
    ///
    /// - Parameters:
    ///   - name: of the file, without its extension.
    ///   - schema: of the file.
    ///   - members: of the file, besides the schema.
    func kept<Value>(
        _ name: String, schema: String, read: (inout JSONFields) throws -> Value, members: (Value) -> [JSON.Member],
        compute: () throws -> Value
    ) throws -> Value {
        let file = "\(path)/\(name).json"
        if let old = try? JSONNode(contentsOf: file, what: "result") {
            return try old.object { fields in
                try fields.schema(schema)
                return try read(&fields)
            }
        }
        let value = try compute()
        try JSON.object([.init(key: "schema", value: .string(schema))] + members(value)).write(to: file)
        return value
    }
}
