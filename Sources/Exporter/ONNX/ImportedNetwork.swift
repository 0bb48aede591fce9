import Architectures
import Files
import Graphs

/// A network read from an ONNX model or another file of a graph, as a runtime launches it: batch normalisation, biases and
/// activations are fused into the operators before them, and nodes that only rename values are left out.
///
/// Sides that the model leaves free are settled by `FreeSides`; a free batch is one image. Of several inputs, sides without a
/// name are those of the first with the most of them that they fit, and the others have what these settle. Only the shapes of
/// weights are read, not their values.
///
///     let imported = try ImportedNetwork(contentsOf: "resnet18.onnx")
///     print(imported.network.macs, imported.unknown)
public struct ImportedNetwork: Hashable, Sendable {
    /// Every operator as a layer with the name of its node.
    public let network: Network
    /// The nodes of the model that no rule reads; they are estimated as memory traffic.
    public let unknown: [GraphNetwork.UnknownOperators]
    /// What had to be assumed of the model, in sentences.
    public let assumptions: [String]
    /// What the image decides and the price cannot know, such as which branch runs, in sentences.
    public let choices: [String]

    /// Reads the ONNX model at `path`.
    ///
    /// - Throws: `FileError`: for a file that is no ONNX model, an input whose sides are not settled, a batch other than 1
    ///   that is not asked for, shapes that contradict each other, and operators whose output has no known shape.
    public init(contentsOf path: String, free: FreeSides = FreeSides()) throws {
        let model = try ONNXModelProto(contentsOf: path)
        let version = model.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version
        guard let version, version >= 1 else {
            throw FileError.invalid(
                path: path, place: "opset_import",
                problem: "expected version 1 or later of ONNX's operators, found \(version.map(String.init) ?? "none")")
        }
        var reader = ONNXGraphReader(model, opset: Int(version), free: free, path: path)
        try reader.read()
        try self.init(
            reader.graph, name: Self.name(of: model, path: path),
            assumptions: reader.assumptions + Self.assumptions(ofSparse: reader.sparseCount), choices: reader.choices, path: path)
    }

    /// What is assumed of constants that a file stores without their zeros, in sentences.
    static func assumptions(ofSparse count: Int) -> [String] {
        guard count > 0 else { return [] }
        return [
            "constants of which only the values that are not 0 are stored (\(count)) count with their zeros, as most runtimes "
                + "compute with them"
        ]
    }

    /// What the price cannot know of a branch, in a sentence.
    ///
    /// - Parameters:
    ///   - place: of the operator that chooses.
    ///   - name: of the dearer branch, which is priced.
    ///   - difference: the multiply-accumulates that it has more.
    static func choice(of place: String, taking name: String, difference: Int) -> String {
        "which branch of \(place) runs depends on the image: its \(name) is priced, which costs more"
            + (difference > 0 ? ", by \(difference.grouped) multiply-accumulates" : "")
    }

    /// Prices a graph, whatever format its file had.
    ///
    /// - Parameters:
    ///   - assumptions: what the reader had to assume, in sentences.
    ///   - choices: what the image decides and the price cannot know, in sentences.
    ///   - path: of the file, for messages.
    /// - Throws: `FileError.invalid` for a graph that launches nothing, or whose counts overflow.
    public init(
        _ graph: Graph, name: String, assumptions: [String] = [], choices: [String] = [], path: String
    ) throws(FileError) {
        let priced = GraphNetwork(graph)
        guard let last = priced.operators.last else {
            throw .invalid(path: path, place: "graph", problem: "expected at least one operator, found none")
        }
        var macs = 0, parameters = 0
        for (name, step) in priced.operators {
            let (sum, overflow) = macs.addingReportingOverflow(step.macs)
            let (weights, overflows) = parameters.addingReportingOverflow(step.parameters)
            if overflow || overflows {
                throw .invalid(
                    path: path, place: "node \"\(name.named)\"", problem: "more multiply-accumulates than 64 bits hold")
            }
            macs = sum
            parameters = weights
        }
        network = Network(
            name: name, input: graph.map(of: graph.input),
            classes: graph.outputs.first.map { graph.values[$0].count } ?? last.step.output.count,
            operators: priced.operators, maps: priced.maps)
        unknown = priced.unknown
        var assumptions = assumptions
        if priced.constantMACs > 0 {
            assumptions.append(
                "products of weights with weights are counted, \(priced.constantMACs.grouped) multiply-accumulates, which a "
                    + "runtime may compute once before the first image")
        }
        self.assumptions = assumptions
        self.choices = choices
    }

    /// The graph's name where it is meaningful, else the file's.
    private static func name(of model: ONNXModelProto, path: String) -> String {
        let name = model.graph.name
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return name.isEmpty || name == "main_graph" || name == "torch_jit" ? file : name
    }
}
