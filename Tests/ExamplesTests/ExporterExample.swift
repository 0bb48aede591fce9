import Architectures
import Exporter
import Testing
import TestSupport

// example: Exporter
func macsOfExportedModel(_ architecture: Architecture, at path: String) throws -> Int {
    let weights = WeightsFile(try TrainedWeights(untrained: architecture), provenance: nil)
    try ONNXFile(weights, isFolded: true).write(to: path)
    return try ImportedNetwork(contentsOf: path).network.macs
}
// end of example

@Suite("The example of Exporter")
struct ExporterExample {
    @Test("reads back the network that it exported")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let architecture = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")).smallest
        let macs = try macsOfExportedModel(architecture, at: directory.file("model.onnx"))
        #expect(macs == architecture.network.macs)
    }
}
