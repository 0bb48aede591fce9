import Architectures
import Engine
import Files
import HardwareProfiles
import TFLite
import Testing
import TestSupport
import Training

import Exporter

@Suite("Networks in TensorFlow Lite files")
struct TFLiteFileTests {
    private static let mean = [0.5, 0.4, 0.3], deviation = [0.2, 0.25, 0.3]

    /// Weights with batch normalisation that changes values.
    private static func weights(of architecture: Architecture, classNames: [String]? = nil) throws -> WeightsFile {
        var random = SeededRandom(seed: 7)
        let untrained = try TrainedWeights(untrained: architecture)
        let weights = try TrainedWeights(for: architecture) { tensor in
            guard tensor.layout == .vector else { return (tensor.shape, untrained[tensor.name]) }
            let least: Float = tensor.role == .normalizationWeight || tensor.role == .runningVar ? 0.5 : -0.3
            return (tensor.shape, (0..<tensor.count).map { _ in least + Float(random.below(1000)) / 1000 })
        }
        return WeightsFile(
            weights, imageMean: mean, imageDeviation: deviation, classNames: classNames, provenance: nil)
    }

    private static func images(_ count: Int, of input: FeatureShape) -> [[Float]] {
        var random = SeededRandom(seed: 8)
        return (0..<count).map { _ in (0..<input.count).map { _ in Float(random.below(256)) / 255 } }
    }

    private func answer(_ file: TFLiteFile, at path: String, _ image: [Float]) throws -> [Float] {
        try file.write(to: path)
        let evaluation = try TFLiteEvaluation(TFLiteModel(contentsOf: path), path: path)
        return image.withUnsafeBufferPointer { evaluation.answer($0) }
    }

    @Test("of which the image chooses a branch are priced with the dearer one, and it is said")
    func branches() throws {
        let directory = try TemporaryDirectory()
        let imported = try ImportedNetwork(tflite: directory.write(CallingTFLiteFile.bytes, to: "m.tflite"))
        #expect(imported.network.macs == 4 * 8 + 8 * 8 && imported.unknown.isEmpty)
        #expect(
            imported.choices == [
                "which branch of operator 3 IF runs depends on the image: its graph 2 is priced, which costs more, by 64 "
                    + "multiply-accumulates"
            ])
    }

    @Test("answer what the Engine answers, at strides and paddings of both kinds")
    func logits() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        for architecture in [space.smallest, space.largest] {
            let input = architecture.input, file = try Self.weights(of: architecture)
            let images = Self.images(3, of: input)
            var random = RandomSource(seed: 0)
            let network = ConvNet(
                architecture, batch: 3, random: &random, context: ExecutionContext(threads: 1))
            network.load(file.weights)
            for (row, image) in images.enumerated() {
                for (place, value) in image.enumerated() { network.images.values.pointer[row * input.count + place] = value }
            }
            network.forward(training: false)
            for (row, image) in images.enumerated() {
                let found = try answer(TFLiteFile(file), at: directory.file("n.tflite"), image)
                #expect(found.count == architecture.classes)
                for (place, value) in found.enumerated() {
                    let expected = network.logits.values.pointer[row * architecture.classes + place]
                    #expect(abs(value - expected) <= 1e-4 * max(1, abs(expected)))
                }
            }
        }
    }

    @Test("that take bytes and answer probabilities answer the same")
    func ends() throws {
        let directory = try TemporaryDirectory(), architecture = try SmallArchitectures.active()
        let file = try Self.weights(of: architecture), image = Self.images(1, of: architecture.input)[0]
        let normalized = image.enumerated().map { ($1 - Float(Self.mean[$0 % 3])) / Float(Self.deviation[$0 % 3]) }
        let path = directory.file("n.tflite")
        let logits = try answer(TFLiteFile(file), at: path, normalized)
        let raw = try answer(TFLiteFile(file, takesBytes: true), at: path, image)
        let probabilities = try answer(TFLiteFile(file, takesBytes: true, answersProbabilities: true), at: path, image)
        let size = logits.map(abs).max() ?? 0
        #expect(size > 0.01 && size.isFinite)
        #expect(zip(logits, raw).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, size) })
        let powers = raw.map { Double($0) - Double(raw.max() ?? 0) }.map { value in Self.exponential(value) }
        let sum = powers.reduce(0, +)
        #expect(zip(probabilities, powers).allSatisfy { abs(Double($0) - $1 / sum) < 1e-5 })
    }

    /// By its series, so that the test computes with nothing of what it tests.
    private static func exponential(_ value: Double) -> Double {
        var term = 1.0, sum = 1.0
        let part = value / 64
        for index in 1..<30 {
            term *= part / Double(index)
            sum += term
        }
        return (0..<6).reduce(sum) { power, _ in power * power }
    }

    @Test("say how images are normalised, in bytes, and what the classes are called")
    func described() throws {
        let directory = try TemporaryDirectory(), path = directory.file("n.tflite")
        let names = ["a", "b", "c", "d", "e"]
        let file = try Self.weights(of: SmallArchitectures.active(), classNames: names)
        try TFLiteFile(file, metadata: [("provenance", "{}")]).write(to: path)
        let model = try TFLiteModel(contentsOf: path), description = try #require(model.described)
        #expect(model.classNames == names)
        #expect(description.mean == Self.mean.map { Float(255 * $0) } && description.std == Self.deviation.map { Float(255 * $0) })
        #expect(description.width == 24 && description.height == 32 && description.channels == 3)
        #expect(model.metadata.contains { $0.name == "onepath.provenance" })
        let raw = TFLiteFile(file, takesBytes: true).model.described
        #expect(raw?.mean == [] && raw?.greatest == [255])
    }

    @Test("are priced like the architecture")
    func priced() throws {
        let directory = try TemporaryDirectory(), path = directory.file("n.tflite")
        let architecture = try SmallArchitectures.squeezed()
        try TFLiteFile(Self.weights(of: architecture)).write(to: path)
        let imported = try ImportedNetwork(tflite: path)
        #expect(imported.network.macs == architecture.network.macs && imported.network.name == "squeezed")
        #expect(imported.network.classes == 5 && imported.unknown.isEmpty && imported.assumptions.isEmpty)
        let arena = MemoryFootprint(architecture.network, type: .float32).arenaBytes
        #expect(MemoryFootprint(imported.network, type: .float32).arenaBytes == arena)
        // In int8 too, as measuring elsewhere needs it.
        try TFLitePart(architecture.network, isInt8: true).model.write(to: path)
        let integers = try ImportedNetwork(tflite: path)
        #expect(integers.network.macs == architecture.network.macs && integers.unknown.isEmpty)
        #expect(MemoryFootprint(integers.network, type: .float32).arenaBytes == arena / 4)
    }
}

/// What reads models of others must survive whatever they hold; `make test-sanitized` runs this under AddressSanitizer.
@Suite("Mutated TensorFlow Lite models")
struct TFLiteMutationTests {
    @Test("are read or refused, priced and evaluated, with their metadata and labels", arguments: [false, true])
    func survived(hasBytes: Bool) throws {
        let directory = try TemporaryDirectory(), path = directory.file("n.tflite")
        let weights = WeightsFile(
            try TrainedWeights(untrained: SmallArchitectures.squeezed()), imageMean: [0, 0, 0], imageDeviation: [1, 1, 1],
            classNames: ["a", "b", "c", "d", "e"], provenance: nil)
        try TFLiteFile(weights, takesBytes: hasBytes, answersProbabilities: hasBytes).write(to: path)
        let original = try BinaryFile.read(path, what: "model")
        // The tables lie behind the constants: most of the damage there, as they are what is read.
        let tables = original.count - 12_000
        let found = try Mutations(
            at: path, seed: hasBytes ? 31 : 32,
            make: { random in
                guard random.below(4) > 0, tables > 0 else { return Mutations.damaged(original, &random) }
                return Array(original[..<tables]) + Mutations.damaged(Array(original[tables...]), &random)
            },
            read: { path in
                let model = try TFLiteModel(contentsOf: path)
                _ = model.described
                _ = model.classNames
                for delegate in TFLiteDelegate.allCases { _ = delegate.report(of: model) }
                _ = try ImportedNetwork(tflite: path).network.macs
                let evaluation = try TFLiteEvaluation(model, path: path)
                let count = evaluation.height * evaluation.width * evaluation.channels
                guard count <= 1 << 12, model.tensors.allSatisfy({ $0.count <= 1 << 16 }) else { return }
                let image = [Float](repeating: 0.5, count: count)
                _ = image.withUnsafeBufferPointer { evaluation.answer($0) }
            })
        #expect(found.refused > Mutations.rounds / 4 && found.unnamed.isEmpty, "\(found.unnamed.first ?? "")")
        #expect(found.longest < 5, "\(found.longest) s")
    }
}
