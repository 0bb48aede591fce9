import Foundation

/// ONNX models written byte by byte, after the specification and not after the code that is tested.
struct ONNXBytes {
    private(set) var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7f) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    mutating func add(_ field: Int, integer: Int) {
        bytes += Self.varint(UInt64(field) << 3) + Self.varint(UInt64(bitPattern: Int64(integer)))
    }

    mutating func add(_ field: Int, float: Float) {
        bytes += Self.varint(UInt64(field) << 3 | 5) + withUnsafeBytes(of: float.bitPattern.littleEndian) { Array($0) }
    }

    mutating func add(_ field: Int, bytes content: [UInt8]) {
        bytes += Self.varint(UInt64(field) << 3 | 2) + Self.varint(UInt64(content.count)) + content
    }

    mutating func add(_ field: Int, text: String) { add(field, bytes: Array(text.utf8)) }

    static func message(_ body: (inout ONNXBytes) -> Void) -> [UInt8] {
        var message = ONNXBytes()
        body(&message)
        return message.bytes
    }

    // MARK: - The messages of a model

    enum Attribute {
        case int(String, Int), ints(String, [Int]), float(String, Float), text(String, String)
        case tensor(String, [UInt8])
        /// The bytes of a graph.
        case graph(String, [UInt8])
    }

    static func node(_ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [Attribute] = []) -> [UInt8]
    {
        message { node in
            for input in inputs { node.add(1, text: input) }
            for output in outputs { node.add(2, text: output) }
            node.add(4, text: kind)
            for attribute in attributes { node.add(5, bytes: self.attribute(attribute)) }
        }
    }

    private static func attribute(_ attribute: Attribute) -> [UInt8] {
        message { message in
            switch attribute {
            case .float(let name, let value):
                message.add(1, text: name)
                message.add(2, float: value)
                message.add(20, integer: 1)
            case .int(let name, let value):
                message.add(1, text: name)
                message.add(3, integer: value)
                message.add(20, integer: 2)
            case .text(let name, let value):
                message.add(1, text: name)
                message.add(4, text: value)
                message.add(20, integer: 3)
            case .tensor(let name, let value):
                message.add(1, text: name)
                message.add(5, bytes: value)
                message.add(20, integer: 4)
            case .graph(let name, let value):
                message.add(1, text: name)
                message.add(6, bytes: value)
                message.add(20, integer: 5)
            case .ints(let name, let values):
                message.add(1, text: name)
                for value in values { message.add(8, integer: value) }
                message.add(20, integer: 7)
            }
        }
    }

    /// A graph as an attribute: a branch, or the body of a loop.
    static func graph(
        _ name: String, inputs: [String] = [], nodes: [[UInt8]], weights: [[UInt8]] = [], outputs: [String]
    ) -> Attribute {
        .graph(name, message { graph in
            for node in nodes { graph.add(1, bytes: node) }
            for tensor in weights { graph.add(5, bytes: tensor) }
            for input in inputs { graph.add(11, bytes: message { $0.add(1, text: input) }) }
            for output in outputs { graph.add(12, bytes: message { $0.add(1, text: output) }) }
        })
    }

    /// Weights of zeros.
    static func weights(_ name: String, _ shape: [Int]) -> [UInt8] {
        message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: 1)
            tensor.add(8, text: name)
            tensor.add(9, bytes: [UInt8](repeating: 0, count: 4 * shape.reduce(1, *)))
        }
    }

    static func numbers(_ name: String, _ values: [Float], shape: [Int]? = nil) -> [UInt8] {
        message { tensor in
            for side in shape ?? [values.count] { tensor.add(1, integer: side) }
            tensor.add(2, integer: 1)
            tensor.add(4, bytes: values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } })
            tensor.add(8, text: name)
        }
    }

    static func integers(_ name: String, _ values: [Int]) -> [UInt8] {
        message { tensor in
            tensor.add(1, integer: values.count)
            tensor.add(2, integer: 7)
            tensor.add(7, bytes: values.flatMap { varint(UInt64(bitPattern: Int64($0))) })
            tensor.add(8, text: name)
        }
    }

    /// Zeros of eight bits: `type` is 2 without a sign, 3 with one.
    static func zeros(_ name: String, _ shape: [Int], of type: Int) -> [UInt8] {
        message { tensor in
            for side in shape { tensor.add(1, integer: side) }
            tensor.add(2, integer: type)
            tensor.add(8, text: name)
            tensor.add(9, bytes: [UInt8](repeating: 0, count: shape.reduce(1, *)))
        }
    }

    /// One integer without sides.
    static func scalar(_ name: String, _ value: Int) -> [UInt8] {
        message { tensor in
            tensor.add(2, integer: 7)
            tensor.add(7, bytes: varint(UInt64(bitPattern: Int64(value))))
            tensor.add(8, text: name)
        }
    }

    static func value(_ name: String, _ shape: [Int?]) -> [UInt8] {
        symbolic(name, shape.map { $0.map { "\($0)" } ?? "batch" })
    }

    /// A value whose sides are numbers, or else symbols.
    static func symbolic(_ name: String, _ shape: [String]) -> [UInt8] {
        message { value in
            value.add(1, text: name)
            value.add(
                2,
                bytes: message { type in
                    type.add(
                        1,
                        bytes: message { tensor in
                            tensor.add(1, integer: 1)
                            tensor.add(
                                2,
                                bytes: message { sides in
                                    for side in shape {
                                        sides.add(
                                            1,
                                            bytes: message { dimension in
                                                if let side = Int(side) {
                                                    dimension.add(1, integer: side)
                                                } else {
                                                    dimension.add(2, text: side)
                                                }
                                            })
                                    }
                                })
                        })
                })
        }
    }

    static func model(
        nodes: [[UInt8]], weights: [[UInt8]] = [], input: [Int?], output: String = "out", known: [[UInt8]] = [],
        opset: Int = 17
    ) -> [UInt8] {
        self.model(
            nodes: nodes, weights: weights, image: value("image", input), output: output, known: known, opset: opset)
    }

    /// - Parameter image: the value that is the model's input.
    static func model(
        nodes: [[UInt8]], weights: [[UInt8]], image: [UInt8], output: String = "out", known: [[UInt8]], opset: Int = 17
    ) -> [UInt8] {
        message { model in
            model.add(1, integer: 8)
            model.add(8, bytes: message { $0.add(2, integer: opset) })
            model.add(
                7,
                bytes: message { graph in
                    for node in nodes { graph.add(1, bytes: node) }
                    for tensor in weights { graph.add(5, bytes: tensor) }
                    graph.add(11, bytes: image)
                    graph.add(12, bytes: message { $0.add(1, text: output) })
                    for value in known { graph.add(13, bytes: value) }
                })
        }
    }
}
