import Files

/// The header of a safetensors file, read strictly.
struct SafetensorsHeader {
    let entries: [SafetensorsFile.Entry]
    let metadata: [String: String]

    /// The longest header: of a network with thousands of tensors, and the names of 65,536 classes in one text.
    static let limit = 1 << 25

    /// Bytes of one value, by data type.
    private static let sizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4,
        "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8,
    ]

    /// - Throws: `FileError.invalid` or `.unreadable`.
    init(_ content: FileContent) throws {
        func problem(_ place: String, _ text: String) -> FileError {
            .invalid(path: content.path, place: place, problem: text)
        }
        guard content.count >= 8 else {
            throw problem("byte 0", "expected the eight bytes of the header's length, found \(content.count)")
        }
        let length = try content.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let rest = content.count - 8
        guard length >= 2, length <= min(Self.limit, rest) else {
            throw problem(
                "byte 0",
                rest < 2
                    ? "expected a header of \(length) bytes, found \(rest)"
                    : "expected a header of 2 to \(min(Self.limit, rest)) bytes, found a length of \(length)")
        }
        let start = 8 + Int(length)
        let text = try content.bytes(8..<start)
        if let (offset, what) = Self.excess(in: text) { throw problem("byte \(8 + offset)", what) }
        let root = JSONNode(try JSON(parsing: text, path: content.path), path: content.path)
        var entries: [SafetensorsFile.Entry] = []
        var metadata: [String: String] = [:]
        for (name, field) in try root.members() {
            if name == SafetensorsFile.metadataName {
                for text in try field.members() { metadata[text.key] = try text.node.string() }
            } else {
                entries.append(try Self.entry(name, field, start: start, size: content.count - start))
            }
        }
        try Self.checkPlaces(entries, start: start, end: content.count, path: content.path)
        self.entries = entries
        self.metadata = metadata
    }

    private static func entry(
        _ name: String, _ node: JSONNode, start: Int, size: Int
    ) throws -> SafetensorsFile.Entry {
        try node.object { fields in
            let type = try fields.node("dtype")
            let dataType = try type.string()
            guard let valueSize = sizes[dataType] else {
                throw type.mismatch(expected: "a data type (\(sizes.keys.sorted().joined(separator: ", ")))")
            }
            let shapeNode = try fields.node("shape")
            let shape = try shapeNode.array { try $0.integer(in: 0...Int(Int32.max)) }
            let offsetNode = try fields.node("data_offsets")
            let offsets = try offsetNode.array { try $0.integer(in: 0...size) }
            guard offsets.count == 2, offsets[0] <= offsets[1] else {
                throw offsetNode.problem("expected a begin and an end not before it, found \(offsets.listed)")
            }
            var bytes = valueSize
            for side in shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
                if overflow { throw shapeNode.problem("a tensor of shape \(shape.listed) is larger than any file") }
                bytes = product
            }
            guard bytes == offsets[1] - offsets[0] else {
                throw offsetNode.problem(
                    "expected \(bytes) bytes for \(dataType) of shape \(shape.listed), found \(offsets[1] - offsets[0])")
            }
            return SafetensorsFile.Entry(
                name: name, dataType: dataType, shape: shape, range: start + offsets[0]..<start + offsets[1])
        }
    }

    /// Checks that the tensors fill `start` to `end` without gaps and overlaps.
    private static func checkPlaces(
        _ entries: [SafetensorsFile.Entry], start: Int, end: Int, path: String
    ) throws(FileError) {
        var last = start
        let ordered = entries.map(\.range).enumerated().sorted {
            ($0.element.lowerBound, $0.element.upperBound) < ($1.element.lowerBound, $1.element.upperBound)
        }
        for (index, range) in ordered {
            if range.lowerBound != last {
                throw .invalid(
                    path: path, place: "tensor \"\(entries[index].name.named)\"",
                    problem: "expected to begin at offset \(last - start), where the tensor before ends, found "
                        + "\(range.lowerBound - start)")
            }
            last = range.upperBound
        }
        if last != end {
            throw .invalid(
                path: path, place: "byte \(last)",
                problem: "expected the end of the file, found \(end - last) more bytes")
        }
    }

    /// Finds the place where a header is nested deeper or longer than any valid one. This is checked before parsing: a
    /// parsed bracket takes hundreds of times the memory of its byte.
    private static func excess(in text: [UInt8]) -> (offset: Int, what: String)? {
        var depth = 0
        var brackets = 0
        var commas = 0
        var isText = false
        var isEscaped = false
        for (offset, byte) in text.enumerated() {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                brackets += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): commas += 1
            default: break
            }
            if depth > 3 { return (offset, "expected at most three brackets around a value") }
            if brackets > 24_576 || commas > 131_072 { return (offset, "expected at most 8,192 tensors") }
        }
        return nil
    }
}
