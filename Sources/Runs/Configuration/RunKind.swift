import Files

/// The kind of a run's directory, by the schema of its `config.json`.
enum RunKind: String, CaseIterable {
    case search, training, sweep

    var schema: String {
        switch self {
        case .search: "onepath.run/1"
        case .training: "onepath.training/1"
        case .sweep: "onepath.sweep-run/1"
        }
    }

    /// The command that resumes it.
    var command: String { self == .training ? "train" : rawValue }

    /// Reads `config.json` in the directory at `path`.
    ///
    /// - Parameter what: what was expected there; by default a run to resume.
    /// - Throws: `FileError`, also where the run is of another kind.
    func configuration(ofRunIn path: String, what: String? = nil) throws(FileError) -> JSONNode {
        let node = try Self.configuration(ofAnyRunIn: path, what: what ?? "\(rawValue) to resume")
        if let other = Self.kind(of: node), other != self {
            throw node.problem(
                "expected the configuration of a \(rawValue), found that of a \(other.rawValue), which "
                    + "`onepath \(other.command) --resume` resumes")
        }
        return node
    }

    /// Reads `config.json` in the directory at `path`, of any kind of run.
    ///
    /// - Parameter what: what was expected there: "run".
    static func configuration(ofAnyRunIn path: String, what: String) throws(FileError) -> JSONNode {
        try JSONNode(
            contentsOf: path + "/" + RunDirectory.configurationName, what: "\(what) (its \(RunDirectory.configurationName))")
    }

    /// The error that there is the configuration of a sweep where that of one run was expected.
    static func refusal(ofSweep node: JSONNode) -> FileError {
        let folder = String(node.path.dropLast(RunDirectory.configurationName.count + 1))
        let run = DirectoryEntries.names(in: folder).first {
            DirectoryEntries.names(in: "\(folder)/\($0)").contains(RunDirectory.configurationName)
        }
        return node.problem(
            "expected the configuration of one run, found that of a sweep, which has a folder for each of its runs"
                + (run.map { ", such as \(folder)/\($0)" } ?? ""))
    }

    /// nil where the schema is none of these.
    static func kind(of node: JSONNode) -> RunKind? { allCases.first { node.value["schema"] == .string($0.schema) } }
}
