import Glibc

/// How a file came about. Every file that the product writes contains this.
public struct Provenance: Hashable, Sendable {
    /// A file that went into the result.
    public struct Input: Hashable, Sendable {
        public let path: String
        /// 64 lower-case hexadecimal digits.
        public let sha256: String

        public init(path: String, sha256: String) {
            self.path = path
            self.sha256 = sha256
        }

        /// The file at `path`, as it is now.
        ///
        /// - Throws: `FileError.missing` or `.unreadable`.
        public init(of path: String) throws(FileError) {
            self.init(path: path, sha256: try FileDigest.sha256(of: path))
        }
    }

    /// The seeds that a file can hold: the integers of JSON that are not negative.
    public static let seeds: ClosedRange<UInt64> = 0...UInt64(Int.max)

    /// As it was typed: `CommandWords`.
    public let command: String
    /// The seed of the random numbers, one of `seeds`; nil where none were drawn.
    public let seed: UInt64?
    public let inputs: [Input]
    /// ISO 8601, in UTC, to the second: "2026-01-31T23:59:59Z".
    public let date: String

    public init(command: String, seed: UInt64?, inputs: [Input], date: String = Provenance.now) {
        precondition(seed.map(Self.seeds.contains) ?? true, "a seed beyond \(Self.seeds.upperBound)")
        self.command = command
        self.seed = seed
        self.inputs = inputs
        self.date = date
    }

    /// Records the inputs as they are now, by absolute paths, and the present date.
    ///
    /// - Throws: `FileError.missing` or `.unreadable`.
    public init(command: String, seed: UInt64?, files: [String]) throws(FileError) {
        self.init(command: command, seed: seed, inputs: try .files(files))
    }

    /// A copy without the folders of the machine: every path in the command and among the inputs is reduced to its last
    /// name.
    public var withoutFolders: Provenance {
        Provenance(
            command: CommandWords.withoutFolders(command), seed: seed,
            inputs: inputs.map { Input(path: AbsolutePath.baseName($0.path), sha256: $0.sha256) }, date: date)
    }

    /// Whether the file at `path` has the content of one of the inputs, at whatever path.
    public func isInput(_ path: String) -> Bool {
        guard let digest = try? FileDigest.sha256(of: path) else { return false }
        return inputs.contains { $0.sha256 == digest }
    }

    /// Checks that the inputs have not changed.
    ///
    /// - Parameters:
    ///   - present: the inputs as they are now, at paths that may differ from the recorded ones.
    ///   - what: what was made from them: "run in runs/one".
    /// - Throws: `FileError.invalid` for the first that has changed.
    public func checkInputs(_ present: [Input], of what: String) throws(FileError) {
        for input in present {
            let path = input.path, digest = input.sha256
            let names = [path, AbsolutePath.of(path)].map(AbsolutePath.baseName)
            let known = inputs.filter { names.contains(AbsolutePath.baseName($0.path)) }.map(\.sha256)
            guard let expected = known.first else {
                throw .invalid(path: path, place: "", problem: "expected a file that the \(what) began with, found another")
            }
            if !known.contains(digest) {
                // That of a folder is of no file that a person could digest.
                let had = Folder.exists(at: path)
                    ? "the same files as when the \(what) began, with the same sizes and times, found others"
                    : "the SHA-256 \(expected), which it had when the \(what) began, found another"
                throw .invalid(path: path, place: "", problem: "expected \(had)")
            }
        }
    }

    /// The present date and time in the format of `date`.
    public static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
            return String(cString: buffer.baseAddress!)
        }
    }

    public var json: JSON {
        [
            "command": .string(command),
            "seed": seed.map { .integer(Int($0)) } ?? .null,
            "inputs": .array(inputs.map { ["path": .string($0.path), "sha256": .string($0.sha256)] }),
            "date": .string(date),
        ]
    }

    /// Reads what `json` makes, strictly.
    ///
    /// - Throws: `FileError.invalid`.
    public init(json node: JSONNode) throws {
        self = try node.object { fields in
            let seed = try fields.node("seed")
            return Provenance(
                command: try fields.string("command"),
                seed: seed.isNull ? nil : UInt64(try seed.integer(in: 0...Int.max)),
                inputs: try fields.array("inputs") { input in
                    try input.object { Input(path: try $0.string("path"), sha256: try $0.string("sha256")) }
                },
                date: try fields.string("date"))
        }
    }
}

extension [Provenance.Input] {
    /// The files at `paths`, as they are now, by absolute paths.
    ///
    /// - Throws: `FileError.missing` or `.unreadable`.
    public static func files(_ paths: [String]) throws(FileError) -> [Provenance.Input] {
        var inputs: [Provenance.Input] = []
        for path in paths {
            inputs.append(Provenance.Input(path: AbsolutePath.of(path), sha256: try FileDigest.sha256(of: path)))
        }
        return inputs
    }
}
