import Architectures
import Files

/// A network read from an ONNX model, as a runtime launches it: with batch normalisation, biases and activations fused
/// into the operators that they follow, and what merely renames values left out.
///
/// It is read for one image: a symbolic batch is 1. Weights are not read, only their shapes.
///
///     let imported = try ImportedNetwork(contentsOf: "resnet18.onnx")
///     print(imported.network.macs, imported.unknown)
public struct ImportedNetwork: Hashable, Sendable {
    /// Every operator as a layer under the name of its node.
    public let network: Network
    /// What the model holds that this reader does not know, and prices as memory traffic.
    public let unknown: [UnknownOperators]

    /// The nodes of one kind that are not known.
    public struct UnknownOperators: Hashable, Sendable {
        /// The operator in ONNX's words, its domain before it where that is not ONNX's own.
        public let kind: String
        /// The names of the nodes.
        public let nodes: [String]
        /// Those of them whose output the file gives no shape for, so that it is taken to be that of their input.
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

    /// The graph's name where it says something, else the file's.
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
