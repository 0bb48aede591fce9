import Architectures
import Files

/// A network read from an ONNX model, as a runtime launches it: batch normalisation, biases and activations are fused
/// into the operators before them, and nodes that only rename values are left out.
///
/// It is read for one image: a symbolic batch is 1. Only the shapes of weights are read, not their values.
///
///     let imported = try ImportedNetwork(contentsOf: "resnet18.onnx")
///     print(imported.network.macs, imported.unknown)
public struct ImportedNetwork: Hashable, Sendable {
    /// Every operator as a layer with the name of its node.
    public let network: Network
    /// The nodes of the model that this reader does not know; it estimates them as memory traffic.
    public let unknown: [UnknownOperators]

    /// The unknown nodes of one kind.
    public struct UnknownOperators: Hashable, Sendable {
        /// ONNX's name of the operator, with its domain in front where that is not ONNX's own.
        public let kind: String
        /// The names of the nodes.
        public let nodes: [String]
        /// The nodes for whose output the file gives no shape, so that the shape of their input is assumed.
        public let guessed: [String]
    }

    /// Reads the ONNX model at `path`.
    ///
    /// - Throws: `FileError`: for a file that is no ONNX model, a graph with more than one input, an input whose sides
    ///   are not given, a batch other than 1, and shapes that contradict each other.
    public init(contentsOf path: String) throws {
        let model = try ONNXModelProto(contentsOf: path)
        let version = model.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version
        guard let version, version >= 7 else {
            throw FileError.invalid(
                path: path, place: "opset_import",
                problem: "expected version 7 or later of ONNX's operators, found \(version.map(String.init) ?? "none")")
        }
        var reader = ONNXGraphReader(model.graph, path: path)
        try reader.read()
        self = try reader.network(named: Self.name(of: model, path: path))
    }

    /// The graph's name where it is meaningful, else the file's.
    private static func name(of model: ONNXModelProto, path: String) -> String {
        let name = model.graph.name
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return name.isEmpty || name == "main_graph" || name == "torch_jit" ? file : name
    }

    init(network: Network, unknown: [UnknownOperators]) {
        self.network = network
        self.unknown = unknown
    }
}
