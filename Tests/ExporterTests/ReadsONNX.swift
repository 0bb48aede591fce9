import Exporter
import TestSupport

/// A suite that reads ONNX models, each given as its bytes.
protocol ReadsONNX {}

extension ReadsONNX {
    /// A node with one output.
    static func node(
        _ kind: String, _ inputs: [String], _ output: String = "out", _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        ONNXBytes.node(kind, inputs, [output], attributes)
    }

    /// A node of ONNX Runtime's own, with one output.
    static func microsoft(
        _ kind: String, _ inputs: [String], _ output: String = "out", _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        microsoft(kind, inputs, outputs: [output], attributes)
    }

    static func microsoft(
        _ kind: String, _ inputs: [String], outputs: [String], _ attributes: [ONNXBytes.Attribute] = []
    ) -> [UInt8] {
        ONNXBytes.node(kind, inputs, outputs, attributes) + ONNXBytes.message { $0.add(7, text: "com.microsoft") }
    }

    static func read(_ bytes: [UInt8]) throws -> ImportedNetwork {
        let directory = try TemporaryDirectory()
        return try ImportedNetwork(contentsOf: directory.write(bytes, to: "model.onnx"))
    }

    /// Why a model is refused; nil where it is read.
    static func problem(_ bytes: [UInt8]) throws -> String? {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "model.onnx")
        return invalidPlace { try ImportedNetwork(contentsOf: path) }?.sentence
    }
}
