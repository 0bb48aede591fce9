import Files

/// A node of a graph, with what an error needs to name it.
struct ONNXNode {
    let proto: ONNXNodeProto
    /// Its own, or its kind and its place in the graph.
    let name: String
    private let path: String

    init(_ proto: ONNXNodeProto, index: Int, path: String) {
        self.proto = proto
        self.path = path
        name = proto.name.isEmpty ? "\(proto.opType) \(index)" : proto.name
    }

    /// The operator in ONNX's words, its domain before it where that is not ONNX's own.
    var kind: String {
        proto.domain.isEmpty || proto.domain == "ai.onnx" ? proto.opType : "\(proto.domain).\(proto.opType)"
    }

    var place: String { "node \"\(name.named)\" (\(kind.named))" }

    func problem(_ text: String) -> FileError { .invalid(path: path, place: place, problem: text) }
}
