import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles
import Profiler

/// A network that is priced, and what is not known of it.
struct PricedNetwork {
    let network: Network
    let gaps: CostGaps

    private init(network: Network, gaps: CostGaps = CostGaps()) {
        self.network = network
        self.gaps = gaps
    }

    /// - Parameters:
    ///   - name: of an architecture or of a network that was measured on many devices, the path of a file, or the folder of a
    ///     run.
    ///   - free: what settles the free sides of an ONNX or an ncnn model.
    init(named name: String, free: FreeSides = FreeSides()) throws {
        if name.lowercased().hasSuffix(".onnx") {
            try self.init(onnx: name, free: free)
        } else if name.lowercased().hasSuffix(".tflite") {
            try self.init(tflite: name)
        } else if [".param", ".param.bin"].contains(where: { name.lowercased().hasSuffix($0) }) {
            try self.init(ncnn: name, free: free)
        } else if !name.contains("/"), Catalogue.networks.names.contains(name), !Catalogue.architectures.names.contains(name) {
            self.init(network: try OperatorList(contentsOf: Catalogue.networks.path(of: name)).network)
        } else {
            self.init(network: try Catalogue.architecture(named: name).network)
        }
    }

    /// - Parameter free: what settles the free sides of the model.
    init(onnx path: String, free: FreeSides = FreeSides()) throws {
        self.init(try ImportedNetwork(contentsOf: path, free: free))
    }

    /// Reads a TensorFlow Lite model, of any data type.
    init(tflite path: String) throws { self.init(try ImportedNetwork(tflite: path)) }

    private init(_ imported: ImportedNetwork) {
        self.init(
            network: imported.network,
            gaps: CostGaps(
                unknownOperators: imported.unknown.map { .init(kind: $0.kind, nodes: $0.nodes) },
                assumptions: imported.assumptions, choices: imported.choices))
    }

    /// Reads ncnn's description of a network, a file that ends in ".param".
    ///
    /// - Parameter free: what settles the sides of its image.
    init(ncnn path: String, free: FreeSides = FreeSides()) throws {
        let file = try NCNNParamFile(contentsOf: path, free: free)
        self.init(
            network: file.network,
            gaps: CostGaps(
                unknownOperators: file.unknown.sorted { $0.key < $1.key }.map { .init(kind: $0.key, nodes: $0.value) },
                assumptions: file.assumptions, choices: file.choices))
    }
}
