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
    /// - Throws: `FileError`: for a header that is longer than the file or than 1 MiB, is no such JSON, or describes
    ///   tensors that overlap, leave a gap, or do not fill the file.
    public init(path: String, what: String = "weights") throws {
        self.path = path
        content = try FileContent(path: path, what: what)
        let header = try SafetensorsHeader(content)
        entries = header.entries
        metadata = header.metadata
        byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
    }

    /// The tensor with that name; nil where there is none.
    ///
    /// - Throws: `FileError.invalid` for one that does not hold float32 values; `.unreadable`.
    public func tensor(_ name: String) throws(FileError) -> NamedTensor? {
        guard let entry = byName[name] else { return nil }
        guard entry.dataType == "F32" else {
            throw problem(of: name, "expected data type F32, found \(entry.dataType)")
        }
        return NamedTensor(name: name, shape: entry.shape, values: try content.floats(entry.range))
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
