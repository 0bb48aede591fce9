import Files
import SwiftProtobuf

extension ONNXModelProto {
    /// The prefix of this program's metadata keys.
    static let metadataPrefix = "onepath."

    /// A model of opset 17 with that graph.
    ///
    /// - Parameter metadata: texts; `metadataPrefix` is added to their keys.
    init(_ graph: ONNXGraphProto, metadata: [(key: String, value: String)]) {
        self.init()
        // The IR version of opset 17.
        irVersion = 8
        producerName = "onepath"
        opsetImport = [
            .with {
                $0.domain = ""
                $0.version = 17
            }
        ]
        self.graph = graph
        metadataProps = metadata.map { key, value in
            .with {
                $0.key = Self.metadataPrefix + key
                $0.value = value
            }
        }
    }

    /// The bytes of the model's file, always the same.
    func fileBytes() throws -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return try serializedBytes(options: options)
    }
}
