import ArgumentParser

/// A trained network: that of a run, or an architecture with its weights.
struct NetworkOptions: ParsableArguments {
    @Option(name: .customLong("run"), help: "The folder of a finished search or training.", completion: .directory)
    var directory: String?

    @Option(
        help: "The architecture: a name, the path of a JSON file or of an exported Python file, or the folder of a run.",
        completion: .architectures)
    var architecture: String?

    @Option(
        help: "The weights: a safetensors file of a run, or in timm's names.",
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    /// Whether nothing was given.
    var isEmpty: Bool { directory == nil && architecture == nil && weights == nil }

    /// Where its files are.
    ///
    /// - Throws: `FileError`.
    var files: NetworkFiles {
        get throws { try NetworkFiles(run: directory, architecture: architecture, weights: weights) }
    }

    /// Checks that a run was given, or an architecture with its weights.
    ///
    /// - Parameter other: what would do as well, for the message: ", or --onnx".
    /// - Throws: `ValidationError`.
    func check(or other: String = "") throws {
        let isPair = architecture != nil && weights != nil, isNothing = architecture == nil && weights == nil
        guard directory == nil ? isPair : isNothing else {
            throw ValidationError("expected --run, or --architecture and --weights\(other)")
        }
        if let directory, directory.isEmpty { throw ValidationError("--run: expected a directory, found nothing") }
    }
}
