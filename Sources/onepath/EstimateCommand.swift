import ArgumentParser
import Architectures
import Exporter
import HardwareProfiles
import JSONDocuments

struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Tells what an architecture or an ONNX model costs on a device, layer by layer.")

    @Option(help: "The architecture: a name, or a path.")
    var architecture: String?

    @Option(help: "An ONNX model of a classification network, instead of an architecture.")
    var onnx: String?

    @Option(help: "The device profile: a name, or a path.")
    var device: String

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if (architecture == nil) == (onnx == nil) {
            throw ValidationError(
                "expected either --architecture or --onnx, found \(onnx == nil ? "neither" : "both")")
        }
    }

    func run() throws {
        let imported = try onnx.map { try ImportedNetwork(contentsOf: $0) }
        let network =
            try imported?.network
            ?? ArchitectureDocument(exported: Catalogue.architectures.path(of: architecture ?? "")).architecture.network
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        let estimate = try CostModel(device: device).estimate(network)
        for kind in imported?.unknown ?? [] { writeError("onepath: \(Self.note(on: kind))\n") }
        if json {
            print(estimate.json.text(pretty: true))
        } else {
            print("\(network.name) on \(device.name)\n\n\(estimate.table(total: "total"))", terminator: "")
        }
    }

    /// What is not known, and what that means for the estimate.
    private static func note(on kind: ImportedNetwork.UnknownOperators) -> String {
        let shown = kind.nodes.prefix(3).joined(separator: ", ") + (kind.nodes.count > 3 ? ", …" : "")
        let guess =
            kind.guessed.isEmpty ? "" : "; the file gives \(kind.guessed.count) of them no shape, and that of the input is taken"
        return "the operator \(kind.kind) is not known (\(kind.nodes.count)x: \(shown)): priced as memory traffic alone"
            + guess
    }
}
