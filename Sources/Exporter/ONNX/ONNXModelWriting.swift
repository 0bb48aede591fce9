import Files
import SwiftProtobuf

extension ONNXModelProto {
    /// What the names of our metadata begin with.
    static let metadataPrefix = "onepath."

    /// A model of opset 17 with that graph.
    ///
    /// - Parameter metadata: texts, each under its key after `metadataPrefix`.
    init(_ graph: ONNXGraphProto, metadata: [(key: String, value: String)]) {
        self.init()
        // The IR version that opset 17 came with.
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

    /// The model as its file holds it, the same bytes every time.
    func fileBytes() throws -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return try serializedBytes(options: options)
    }
}
