import Files

/// Checks the bytes of an ONNX model before they are decoded. It finds the place where a file is no such model, and
/// models that would take far more memory than the file: a message of two bytes takes hundreds when it is decoded.
struct ONNXScan {
    /// The messages of `Onnx.proto`; every other field is skipped.
    private enum Message: String {
        case model, function, graph, node, attribute, tensor, sparseTensor = "sparse tensor", valueInfo = "value", type,
            tensorType = "tensor type", shape, dimension, text, operatorSet = "operator set"

        /// The message in the field with that number, if it is a message.
        func child(_ field: Int) -> Message? {
            switch (self, field) {
            case (.model, 7): .graph
            case (.model, 8): .operatorSet
            case (.model, 14): .text
            case (.model, 25): .function
            case (.function, 7): .node
            case (.function, 11): .attribute
            case (.graph, 1): .node
            case (.graph, 5): .tensor
            case (.graph, 11), (.graph, 12), (.graph, 13): .valueInfo
            case (.graph, 15), (.attribute, 22): .sparseTensor
            case (.sparseTensor, 1), (.sparseTensor, 2): .tensor
            case (.node, 5): .attribute
            case (.attribute, 5): .tensor
            case (.attribute, 6): .graph
            case (.valueInfo, 2): .type
            case (.type, 1): .tensorType
            case (.tensorType, 2): .shape
            case (.shape, 1): .dimension
            default: nil
            }
        }

        /// Whether the field with that number is a list of integers, of at least one byte each.
        func isIntegers(_ field: Int) -> Bool {
            switch (self, field) {
            case (.tensor, 1), (.tensor, 7), (.sparseTensor, 3), (.attribute, 8): true
            default: false
            }
        }

        /// Whether the field with that number is that of weights of two bytes or fewer, each as an integer.
        func isNarrowWeights(_ field: Int) -> Bool { self == .tensor && field == 5 }
    }

    /// Far more than in any graph for classification.
    private static let messageLimit = 49_152
    /// A branch within a branch is three deep.
    private static let depthLimit = 60
    private static let fieldLimit = 262_144
    /// What a text or a number takes in memory, at least.
    private static let bytesOfField = 64

    private let bytes: [UInt8]
    private let path: String
    private var messages = 0
    private var fields = 0

    /// Checks the bytes of the file at `path`.
    ///
    /// - Throws: `FileError.invalid`, with the byte.
    static func check(_ bytes: [UInt8], path: String) throws(FileError) {
        var scan = ONNXScan(bytes: bytes, path: path)
        try scan.walk(.model, in: 0..<bytes.count)
    }

    private init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    private func problem(_ offset: Int, _ text: String) -> FileError {
        .invalid(path: path, place: "byte \(offset)", problem: text)
    }

    private mutating func walk(_ message: Message, in range: Range<Int>, depth: Int = 0) throws(FileError) {
        messages += 1
        guard depth <= Self.depthLimit else {
            throw problem(range.lowerBound, "expected messages at most \(Self.depthLimit) deep, found more")
        }
        if messages > Self.messageLimit {
            throw problem(
                range.lowerBound, "a model of more than \(Self.messageLimit) nodes, tensors, values and their parts")
        }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset
            let tag = try varint(&offset, end: range.upperBound, in: message)
            guard tag <= UInt64(UInt32.max), tag >> 3 > 0 else {
                throw problem(start, "not an ONNX model: field number \(tag >> 3) in a \(message.rawValue)")
            }
            let field = Int(tag >> 3)
            fields += 1
            var length = 0
            switch tag & 7 {
            case 0: _ = try varint(&offset, end: range.upperBound, in: message)
            case 1: length = 8
            case 2:
                let declared = try varint(&offset, end: range.upperBound, in: message)
                guard declared <= UInt64(range.upperBound - offset) else {
                    throw problem(
                        start,
                        "field \(field) of a \(message.rawValue) has a length of \(declared) bytes, and "
                            + "\(range.upperBound - offset) are left")
                }
                length = Int(declared)
                if let child = message.child(field) {
                    try walk(child, in: offset..<offset + length, depth: depth + 1)
                } else if message.isIntegers(field) {
                    fields += length
                } else if message.isNarrowWeights(field) {
                    // In memory each takes four bytes. What the file has of them is not counted.
                    let count = bytes[offset..<offset + length].reduce(0) { $0 + ($1 < 0x80 ? 1 : 0) }
                    fields += max(0, 4 * count - length) / Self.bytesOfField
                }
            case 5: length = 4
            default: throw problem(start, "not an ONNX model: wire type \(tag & 7) in a \(message.rawValue)")
            }
            guard length <= range.upperBound - offset else {
                throw problem(start, "the \(message.rawValue) ends within its field \(field)")
            }
            offset += length
            if fields > Self.fieldLimit {
                throw problem(start, "a model of more than \(Self.fieldLimit) texts and numbers besides its weights")
            }
        }
    }

    private func varint(_ offset: inout Int, end: Int, in message: Message) throws(FileError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard offset < end else { throw problem(start, "the \(message.rawValue) ends within a number") }
            let byte = bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw problem(start, "not an ONNX model: a number of more than 64 bits in a \(message.rawValue)")
    }
}
