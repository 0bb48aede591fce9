import ArgumentParser
import Files

/// What the files that a command writes tell of how they came about.
struct ProvenanceOptions: ParsableArguments {
    @Flag(
        name: .customLong("no-provenance-paths"),
        help: "Record file names without their folders, for results that you give away.")
    var hidesFolders = false

    /// How what the command writes came about.
    ///
    /// - Throws: `FileError.missing` or `.unreadable`.
    func provenance(seed: UInt64? = nil, files: [String]) throws(FileError) -> Provenance {
        provenance(seed: seed, inputs: try .files(files))
    }

    /// How what the command writes came about, from those inputs.
    func provenance(seed: UInt64? = nil, inputs: [Provenance.Input]) -> Provenance {
        shown(Provenance(command: CommandWords.text(of: CommandLine.arguments), seed: seed, inputs: inputs))
    }

    /// As much of a provenance as is to be written.
    func shown(_ provenance: Provenance) -> Provenance { hidesFolders ? provenance.withoutFolders : provenance }

    /// As much of a path as is to be written.
    func shown(path: String) -> String { hidesFolders ? AbsolutePath.baseName(path) : path }
}
