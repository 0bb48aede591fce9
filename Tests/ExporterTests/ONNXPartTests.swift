import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("A block or an operator alone as an ONNX model")
struct ONNXPartTests {
    /// Every block of the architectures that ship, and every operator alone.
    private static func layers() throws -> [Network.Layer] {
        let layers = try ShippedFiles.references().flatMap { try Architecture(contentsOf: $0).network.layers }
        var known: Set<String> = []
        return (layers + layers.flatMap { $0.operators.map(alone) }).filter { layer in
            switch layer.content {
            case .skip: false
            case .block, .operators: known.insert(layer.key).inserted
            }
        }
    }

    private static func alone(_ step: Architectures.Operator) -> Network.Layer {
        Network.Layer(name: "alone", input: step.input, content: .operators([step]), isSearchable: false)
    }

    @Test("is read back as the operators that it is of")
    func sameOperators() throws {
        let directory = try TemporaryDirectory()
        let layers = try Self.layers()
        #expect(layers.count > 300)
        for layer in layers {
            try ONNXPart(layer).write(to: directory.file("part.onnx"))
            let imported = try ImportedNetwork(contentsOf: directory.file("part.onnx"))
            #expect(imported.unknown.isEmpty && imported.network.input == layer.input)
            #expect(imported.network.layers.flatMap(\.operators).map(\.key) == layer.operators.map(\.key))
            #expect(imported.network.macs == layer.macs && imported.network.name == layer.key)
            // Batch normalisation is folded, so every output channel has a bias and no more.
            let biases = layer.operators.filter { $0.macs > 0 }.reduce(0) { $0 + $1.output.channels }
            let weights = layer.operators.reduce(0) { $0 + $1.weightBytes / 4 }
            #expect(imported.network.parameters == weights && weights >= biases, "\(layer.key)")
        }
    }

    @Test("is the same bytes every time, with what it is of")
    func repeatable() throws {
        let directory = try TemporaryDirectory()
        let shape = FeatureShape(height: 5, width: 6, channels: 4)
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4),
            squeezeExcite: SqueezeExcite(ratio: 0.5, gate: .hardSigmoid), residual: true, activation: .hardSwish)
        for layer in [
            Network.Layer(name: "alone", input: shape, content: .block(block), isSearchable: false),
            Self.alone(.add(shape)), Self.alone(.multiply(shape)),
        ] {
            let files = try ["a.onnx", "b.onnx"].map { name in
                try ONNXPart(layer).write(to: directory.file(name))
                return try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
            }
            #expect(files[0] == files[1])
            let text = String(decoding: files[0], as: UTF8.self)
            for part in ["onepath.part", layer.key, "untrained", "input", "output"] { #expect(text.contains(part)) }
            #expect(text.contains("other") == (layer.operators.map(\.kind) == [.add]))
            #expect(text.contains("factors") == (layer.operators.map(\.kind) == [.multiply]))
        }
    }
}
