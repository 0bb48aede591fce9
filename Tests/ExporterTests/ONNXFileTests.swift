import Architectures
import Engine
import Exporter
import Files
import Foundation
import HardwareProfiles
import Training
import Testing
import TestSupport

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
            // By who reads what, as by the rules of blocks: residuals, and maps that a squeeze-excite scales.
            #expect(
                MemoryFootprint(imported.network, type: .float32).arenaBytes
                    == MemoryFootprint(expected, type: .float32).arenaBytes, "\(architecture.name)")
            // Folding leaves a bias a channel of the scale and the offset.
            let normalized = expected.layers.flatMap(\.operators).filter(\.epilogue.hasNormalization).reduce(0) {
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

    @Test("give back the weights that they were written with")
    func readBack() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("n.onnx")
        for architecture in try Self.architectures() {
            let mean = Array(repeating: 0.25, count: architecture.input.channels)
            let weights = WeightsFile(
                try TrainedWeights(untrained: architecture), imageMean: mean, imageDeviation: mean.map { $0 + 1 },
                provenance: Provenance(command: "x", seed: 3, inputs: [], date: "2026-01-31T23:59:59Z"))
            try ONNXFile(weights, isFolded: false).write(to: path)
            let read = try ONNXFile(contentsOf: path)
            #expect(read.weights.weights == weights.weights && !read.isFolded)
            #expect(read.weights.imageMean == weights.imageMean)
            #expect(read.weights.imageDeviation == weights.imageDeviation)
            #expect(read.weights.provenance == weights.provenance)
        }
    }

    @Test("that are folded give back weights with which the network computes the same")
    func readBackFolded() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("n.onnx")
        let architecture = try SmallArchitectures.plain()
        let context = ExecutionContext(threads: 1)
        func network(seed: UInt64) -> ConvNet {
            var random = RandomSource(seed: seed)
            return ConvNet(architecture, batch: 4, random: &random, context: context)
        }
        var random = RandomSource(seed: 5)
        let own = network(seed: 1), other = network(seed: 2)
        for normalization in own.normalizations {
            normalization.weight.value.draw(&random)
            normalization.runningMean.draw(&random, deviation: 0.3)
            normalization.runningVar.write((0..<normalization.channels).map { _ in 0.5 + random.uniform() })
        }
        try ONNXFile(WeightsFile(own.weights, provenance: nil), isFolded: true).write(to: path)
        let read = try ONNXFile(contentsOf: path)
        #expect(read.isFolded && read.weights.imageMean == nil)
        other.load(read.weights.weights)
        let values = (0..<own.images.values.count).map { _ in random.normal() }
        for network in [own, other] {
            network.images.values.write(values)
            network.forward(training: false)
        }
        #expect(relativeDistance(other.logits.values.doubles, own.logits.values.doubles) < 1e-5)
    }

    @Test("of others, and changed ones, are not read back, with a sentence that says why")
    func notOurs() throws {
        let directory = try TemporaryDirectory()
        let foreign = try directory.write(
            ONNXBytes.model(
                nodes: [ONNXBytes.node("Conv", ["image", "w"], ["out"])],
                weights: [ONNXBytes.weights("w", [6, 4, 3, 3])], input: [nil, 4, 8, 8]), to: "foreign.onnx")
        #expect(
            invalidPlace { try ONNXFile(contentsOf: foreign) }?.sentence.contains("that onepath export wrote") == true)
        let path = directory.file("n.onnx")
        try export(SmallArchitectures.plain(), fold: false, to: path)
        let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for (old, new) in [("Relu", "Tanh"), ("stage1.1.depthwise.weights", "stage1.1.depthwise.weighty")] {
            var changed = text
            let found = try #require(changed.firstRange(of: Array(old.utf8)))
            changed.replaceSubrange(found, with: Array(new.utf8))
            let file = try directory.write(changed, to: "changed.onnx")
            let sentence = try #require(invalidPlace { try ONNXFile(contentsOf: file) }?.sentence)
            #expect(sentence.hasPrefix(file) && sentence.contains("something changed the model"), "\(sentence)")
        }
    }

    @Test("of which a byte of the weights was changed are refused, untouched ones are not", arguments: [false, true])
    func changedWeights(fold: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("n.onnx")
        let weights = WeightsFile(try TrainedWeights(untrained: SmallArchitectures.squeezed()), provenance: nil)
        try ONNXFile(weights, isFolded: fold).write(to: path)
        let model = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(try ONNXFile(contentsOf: path).weights.weights.architecture == weights.weights.architecture)
        let names = ["stem.convolution.weights", "a.2.squeeze.weights", "classifier.weights", "classifier.bias"]
        let normalized = fold ? ["stem.convolution.bias"] : ["stem.normalization.scale", "stem.normalization.variance"]
        for name in names + normalized {
            let values = try #require(Self.values(of: name, in: model), "\(name)")
            for index in [values.lowerBound, values.lowerBound + values.count / 2, values.upperBound - 1] {
                var changed = model
                changed[index] ^= 1
                try refuse(changed, in: directory, "\(name), byte \(index) of the file")
            }
        }
    }

    @Test("whose digest or other metadata were changed or are missing are refused", arguments: [false, true])
    func changedMetadata(fold: Bool) throws {
        let directory = try TemporaryDirectory()
        let weights = WeightsFile(
            try TrainedWeights(untrained: SmallArchitectures.plain()), imageMean: [0.25, 0.25],
            imageDeviation: [0.5, 0.5], provenance: nil)
        let path = directory.file("n.onnx")
        try ONNXFile(weights, isFolded: fold).write(to: path)
        let model = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for (old, new) in [("[0.25, 0.25]", "[0.25, 0.35]"), ("onepath.sha256", "onepath.sha255")] {
            var changed = model
            changed.replaceSubrange(try #require(changed.firstRange(of: Array(old.utf8))), with: Array(new.utf8))
            try refuse(changed, in: directory, new)
        }
        var changed = model
        changed[changed.count - 1] ^= 1
        try refuse(changed, in: directory, "the last digit of the digest")
    }

    /// Expects that a changed model is not read back, and that its digest is what tells.
    private func refuse(_ model: [UInt8], in directory: TemporaryDirectory, _ change: String) throws {
        let file = try directory.write(model, to: "changed.onnx")
        let error = invalidPlace { try ONNXFile(contentsOf: file) }
        #expect(error?.place == "metadata_props onepath.sha256", "\(change)")
        #expect(error?.sentence.contains("something changed the model") == true, "\(change)")
    }

    /// Where in a model's bytes the values of an initializer are: a field 9 right after the name, which is field 8.
    private static func values(of name: String, in model: [UInt8]) -> Range<Int>? {
        var before = ONNXBytes()
        before.add(8, text: name)
        guard let found = model.firstRange(of: before.bytes + [9 << 3 | 2]) else { return nil }
        var count = 0, start = found.upperBound
        for shift in stride(from: 0, to: 35, by: 7) {
            let byte = model[start]
            start += 1
            count |= Int(byte & 0x7f) << shift
            if byte < 0x80 { break }
        }
        return start..<start + count
    }
}
