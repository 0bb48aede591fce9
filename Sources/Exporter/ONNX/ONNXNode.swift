import Files

/// A node of a graph, with what an error needs to name it.
struct ONNXNode {
    let proto: ONNXNodeProto
    /// The node's name or, if it has none, its kind and its index in the graph.
    let name: String
    private let path: String

    init(_ proto: ONNXNodeProto, index: Int, path: String) {
        self.proto = proto
        self.path = path
        name = proto.name.isEmpty ? "\(proto.opType) \(index)" : proto.name
    }

    /// ONNX's name of the operator, with its domain in front where that is not ONNX's own.
    var kind: String {
        proto.domain.isEmpty || proto.domain == "ai.onnx" ? proto.opType : "\(proto.domain).\(proto.opType)"
    }

    var place: String { "node \"\(name.named)\" (\(kind.named))" }

    func problem(_ text: String) -> FileError { .invalid(path: path, place: place, problem: text) }
}
