import Files

/// The complete state of a run between two steps, together with its settings: enough to resume as if it had never
/// stopped.
///
/// In a file (`onepath.checkpoint/1`): a line with the JSON object `{"schema", "bytes", "sha256"}`, which gives the
/// number of bytes that follow the line and their SHA-256; a line with the JSON object `{"kind", "step", "settings",
/// "state", "tensors"}`; then the tensors' values, float32, little-endian, one after the other without a gap.
/// `tensors` lists their `name` and `count`, `state` holds the numbers that are no tensors, and `settings` what
/// determines the run.
public struct Checkpoint: Sendable {
    /// The name and size of an element of `values`.
    struct Tensor: Hashable, Sendable {
        let name: String
        let count: Int
    }

    static let schema = "onepath.checkpoint/1"
    /// An upper bound on the length of the first line.
    private static let firstLineLimit = 1024
    private static let valueSize = MemoryLayout<Float>.size

    /// The kind of the run: "search" or "training".
    public let kind: String
    /// The number of finished steps.
    public let step: Int
    /// The settings that determine the run, as an object.
    public let settings: JSON
    /// The file, for errors; "checkpoint of step 7" for a checkpoint that is only in memory.
    public let path: String

    let state: [JSON.Member]
    let tensors: [Tensor]
    /// The bytes of each tensor's values.
    let values: [[UInt8]]

    /// - Parameters:
    ///   - settings: an object.
    ///   - writer: the writer that holds the run's state.
    package init(kind: String, step: Int, settings: JSON, state writer: StateWriter) {
        self.kind = kind
        self.step = step
        self.settings = settings
        path = "checkpoint of step \(step)"
        state = writer.state
        tensors = writer.tensors
        values = writer.values
    }

    /// Replaces the file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String) throws(FileError) {
        let header: JSON = [
            "kind": .string(kind), "step": .integer(step), "settings": settings, "state": .object(state),
            "tensors": .array(tensors.map { ["name": .string($0.name), "count": .integer($0.count)] }),
        ]
        let second = Array((header.text(pretty: false) + "\n").utf8)
        let rest = [second] + values
        let first: JSON = [
            "schema": .string(Self.schema), "bytes": .integer(rest.reduce(0) { $0 + $1.count }),
            "sha256": .string(FileDigest.sha256(of: rest.map { $0[...] })),
        ]
        try AtomicFile.write([Array((first.text(pretty: false) + "\n").utf8)] + rest, to: path)
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `FileError`, also where the file is truncated, altered, or no checkpoint.
    public init(contentsOf path: String) throws {
        self.path = path
        let bytes = try BinaryFile.read(path, what: "checkpoint")
        func problem(_ place: String, _ problem: String) -> FileError {
            .invalid(path: path, place: place, problem: problem)
        }
        let newline = UInt8(ascii: "\n")
        guard let firstEnd = bytes.prefix(Self.firstLineLimit).firstIndex(of: newline) else {
            throw problem("byte 0", "expected a line that begins a checkpoint, found none")
        }
        let first = JSONNode(try JSON(parsing: Array(bytes[..<firstEnd]), path: path), path: path)
        let promised = try first.object { fields in
            try fields.schema(Self.schema)
            return (bytes: try fields.integer("bytes", in: 0...Int.max), sha256: try fields.string("sha256"))
        }
        let rest = bytes[(firstEnd + 1)...]
        guard rest.count == promised.bytes else {
            throw problem(
                "byte \(firstEnd + 1)",
                "expected \(promised.bytes) bytes after the first line, found \(rest.count): the file is truncated or "
                    + "something was added to it")
        }
        guard FileDigest.sha256(of: [rest]) == promised.sha256, let secondEnd = rest.firstIndex(of: newline) else {
            throw problem(
                "byte \(firstEnd + 1)",
                "the bytes after the first line do not have the SHA-256 that it gives: the file was altered")
        }
        let second = JSONNode(try JSON(parsing: Array(rest[..<secondEnd]), path: path), path: path)
        let header = try second.object { fields in
            let settings = try fields.node("settings"), state = try fields.node("state")
            _ = try settings.members()
            return (
                kind: try fields.string("kind"), step: try fields.integer("step", in: 0...1 << 40), settings: settings,
                state: try state.members().map { JSON.Member(key: $0.key, value: $0.node.value) },
                tensors: try fields.array("tensors") { tensor in
                    try tensor.object {
                        Tensor(name: try $0.string("name"), count: try $0.integer("count", in: 0...Int(Int32.max)))
                    }
                }
            )
        }
        kind = header.kind
        step = header.step
        settings = header.settings.value
        state = header.state
        tensors = header.tensors
        var left = rest[(secondEnd + 1)...]
        let expected = tensors.reduce(0) { $0 + $1.count } * Self.valueSize
        guard left.count == expected else {
            throw problem("byte \(secondEnd + 1)", "expected \(expected) bytes of tensors, found \(left.count)")
        }
        values = tensors.map { tensor in
            defer { left = left.dropFirst(tensor.count * Self.valueSize) }
            return Array(left.prefix(tensor.count * Self.valueSize))
        }
    }

    /// The error `problem` at `place`, a JSON pointer into the second line.
    package func problem(_ place: String, _ problem: String) -> FileError {
        .invalid(path: path, place: place, problem: problem)
    }

    /// Checks that this belongs to a run of that kind and with those settings.
    ///
    /// - Parameters:
    ///   - free: the names of settings, fields of `/configuration` among them, that may differ.
    ///   - later: the names of settings that are not compared where an older checkpoint does not have them.
    /// - Throws: `FileError.invalid` at the first setting that differs.
    package func check(
        kind expectedKind: String, settings expected: JSON, free: Set<String> = [], later: Set<String> = []
    ) throws(FileError) {
        guard kind == expectedKind else {
            throw problem("/kind", "expected \"\(expectedKind)\", found \"\(kind)\"")
        }
        let free = free.union(later.filter { !settings.hasField($0) })
        if let (place, own, other) = settings.firstDifference(from: expected, free: free, at: "/settings") {
            // Settings come and go only with versions.
            let isOfAnotherVersion = own == "none" || other == "none"
            throw problem(
                place, "expected \(other) as in this run, found \(own)"
                    + (isOfAnotherVersion
                        ? ": another version of onepath wrote it; resume the run with that version, or start it again in "
                            + "another folder" : ""))
        }
    }
}

extension JSON {
    /// Whether an object here, at any depth, has a field of that name.
    fileprivate func hasField(_ name: String) -> Bool {
        guard case .object(let members) = self else { return false }
        return members.contains { $0.key == name || $0.value.hasField(name) }
    }

    /// The first field, at any depth, in which two objects differ, as texts for a message.
    package func firstDifference(
        from other: JSON, free: Set<String>, at pointer: String
    ) -> (place: String, own: String, other: String)? {
        guard case .object(let members) = self, case .object(let others) = other else {
            return self == other ? nil : (pointer, text(pretty: false), other.text(pretty: false))
        }
        var keys = members.map(\.key)
        keys += others.map(\.key).filter { !keys.contains($0) }
        for key in keys where !free.contains(key) {
            let place = "\(pointer)/\(key)"
            guard let value = self[key], let otherValue = other[key] else {
                return (place, self[key]?.text(pretty: false) ?? "none", other[key]?.text(pretty: false) ?? "none")
            }
            if let found = value.firstDifference(from: otherValue, free: free, at: place) { return found }
        }
        return nil
    }
}
