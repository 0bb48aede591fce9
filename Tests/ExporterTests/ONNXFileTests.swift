import Architectures
import Exporter
import Foundation
import JSONDocuments
import TestSupport
import Testing

@Suite("Exported ONNX models")
struct ONNXFileTests {
    private func export(_ architecture: Architecture, fold: Bool, to path: String) throws {
        let weights = WeightsFile(try TrainedWeights(untrained: architecture), provenance: nil)
        try ONNXFile(weights, isFolded: fold).write(to: path, metadata: [("search", "by hand")])
    }

    private static func architectures() throws -> [Architecture] {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        return try ShippedFiles.references().map { try Architecture(contentsOf: $0) } + [
            try SmallArchitectures.plain(), try SmallArchitectures.squeezed(), space.largest, space.smallest,
        ]
    }

    @Test("are read back as the operators of the network that they are of", arguments: [false, true])
    func sameOperators(fold: Bool) throws {
        let directory = try TemporaryDirectory()
        for architecture in try Self.architectures() {
            try export(architecture, fold: fold, to: directory.file("n.onnx"))
            let imported = try ImportedNetwork(contentsOf: directory.file("n.onnx"))
            let expected = architecture.network
            #expect(
                imported.network.layers.flatMap(\.operators).map(\.key)
                    == expected.layers.flatMap(\.operators).map(\.key))
            #expect(imported.network.macs == expected.macs && imported.unknown.isEmpty)
            #expect(imported.network.input == expected.input && imported.network.classes == expected.classes)
            #expect(imported.network.name == architecture.name)
            // Folding leaves a bias a channel of the scale and the offset.
            let normalized = expected.layers.flatMap(\.operators).filter(\.hasNormalization).reduce(0) {
                $0 + $1.output.channels
            }
            #expect(imported.network.parameters == expected.parameters - (fold ? normalized : 0))
        }
    }

    @Test("are the same bytes every time, and tell how they came about")
    func metadata() throws {
        let directory = try TemporaryDirectory()
        let architecture = try SmallArchitectures.plain()
        let files = try ["a.onnx", "b.onnx"].map { name in
            try export(architecture, fold: true, to: directory.file(name))
            return try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
        }
        #expect(files[0] == files[1])
        let text = String(decoding: files[0], as: UTF8.self)
        for part in ["onepath.search", "by hand", "onepath.batch_normalization", "folded", "image", "logits", "batch"] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.contains(architecture.json().text(pretty: false)))
    }
}
