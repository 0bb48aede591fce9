import Files

/// A file of named tensors in the safetensors format (github.com/huggingface/safetensors): eight bytes with the
/// header's length, little-endian; the header, one JSON object of each tensor's data type, shape and place; the values,
/// without gap and without overlap.
///
/// Opening reads only the header; values are read tensor by tensor.
public final class SafetensorsFile {
    /// A tensor's entry in the header.
    public struct Entry: Hashable, Sendable {
        public let name: String
        /// The name in the header: "F32".
        public let dataType: String
        public let shape: [Int]
        /// The byte range from the start of the file.
        let range: Range<Int>

        /// The same with a name that does not begin with `prefix`.
        fileprivate func without(prefix: String) -> Entry {
            guard name.hasPrefix(prefix) else { return self }
            return Entry(name: String(name.dropFirst(prefix.count)), dataType: dataType, shape: shape, range: range)
        }
    }

    public let path: String
    /// The entries in the order of the header.
    public let entries: [Entry]
    /// The texts that the writer added.
    public let metadata: [String: String]
    private let content: FileContent
    private let byName: [String: Entry]

    /// Opens the file at `path`, which should be `what` ("weights"), and reads its header strictly.
    ///
    /// - Throws: `FileError`: for a header that is longer than the file or than 32 MiB, is no such JSON, or describes
    ///   tensors that overlap, leave a gap, or do not fill the file.
    public init(path: String, what: String = "weights") throws {
        self.path = path
        content = try FileContent(path: path, what: what)
        if let other = ForeignWeights(start: try content.bytes(0..<min(FileKind.startLength, content.count))) {
            throw FileError.invalid(path: path, place: "byte 0", problem: other.sentence)
        }
        let header = try SafetensorsHeader(content)
        entries = Self.withoutPrefixes(header.entries)
        metadata = header.metadata
        byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
    }

    /// What PyTorch puts before all names of a model that is trained in parallel, or compiled.
    private static let prefixes = ["module.", "_orig_mod."]

    /// The entries with their names as in the model itself.
    private static func withoutPrefixes(_ entries: [Entry]) -> [Entry] {
        var entries = entries
        while !entries.isEmpty, let prefix = prefixes.first(where: { prefix in entries.allSatisfy { $0.name.hasPrefix(prefix) } }) {
            entries = entries.map { $0.without(prefix: prefix) }
        }
        // A module that has the network as its member puts the member's name before all names of the network.
        if let stem = entries.first(where: { $0.name.hasSuffix("." + TimmNames.stem) })?.name {
            let prefix = String(stem.dropLast(TimmNames.stem.count))
            entries = entries.map { $0.without(prefix: prefix) }
        }
        return entries
    }

    /// The tensor with that name; nil where there is none. Values of float16 and bfloat16 are widened.
    ///
    /// - Throws: `FileError.invalid` for one that holds other values than those and float32; `.unreadable`.
    public func tensor(_ name: String) throws(FileError) -> NamedTensor? {
        guard let entry = byName[name] else { return nil }
        let values: [Float]
        switch entry.dataType {
        case "F32": values = try content.floats(entry.range)
        case "F16": values = try halves(entry, HalfPrecision.ieee)
        case "BF16": values = try halves(entry, HalfPrecision.brain)
        default: throw problem(of: name, "expected data type F32, F16 or BF16, found \(entry.dataType)")
        }
        return NamedTensor(name: name, shape: entry.shape, values: values)
    }

    private func halves(_ entry: Entry, _ widened: (UInt16) -> Float) throws(FileError) -> [Float] {
        let bytes = try content.bytes(entry.range)
        return stride(from: 0, to: bytes.count - 1, by: 2).map { widened(UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8) }
    }

    /// The error `problem` of the tensor with that name.
    public func problem(of name: String, _ problem: String) -> FileError {
        .invalid(path: path, place: "tensor \"\(name.named)\"", problem: problem)
    }

    /// Writes tensors, in their order, to `path`; replaces an existing file atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public static func write(
        _ tensors: [NamedTensor], metadata: [(key: String, value: String)] = [], to path: String
    ) throws(FileError) {
        var header: [JSON.Member] = []
        if !metadata.isEmpty {
            let texts = metadata.map { JSON.Member(key: $0.key, value: .string($0.value)) }
            header.append(.init(key: metadataName, value: .object(texts)))
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + 4 * tensor.values.count
            header.append(
                .init(
                    key: tensor.name,
                    value: [
                        "dtype": "F32", "shape": .array(tensor.shape.map(JSON.integer)),
                        "data_offsets": [.integer(offset), .integer(end)],
                    ]))
            offset = end
        }
        var text = Array(JSON.object(header).text(pretty: false).utf8)
        // Values start on a multiple of eight bytes, so that they can be used in place in a mapped file.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + text.count + offset)
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += text
        for tensor in tensors { tensor.values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        try AtomicFile.write(bytes, to: path)
    }

    static let metadataName = "__metadata__"
}
