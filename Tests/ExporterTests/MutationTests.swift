import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

/// What reads files of others must survive whatever they hold; `make test-sanitized` runs this under AddressSanitizer.
@Suite("Mutated files")
struct MutationTests {
    static let rounds = 10_000

    /// A copy with a few bytes flipped, replaced, removed, repeated or cut off.
    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.integer(in: 1...4) where !bytes.isEmpty {
            // Half of the damage at the start, where structure is dense.
            let end = random.bool() ? min(bytes.count, 600) : bytes.count
            let at = random.below(end)
            switch random.below(7) {
            case 0, 1: bytes[at] ^= 1 << random.below(8)
            case 2: bytes[at] = random.element(of: [0, 0xff, 0x7f, 0x80, 0x22, 0x7b, 0x30])
            case 3: bytes[at] = random.byte(in: 0...255)
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + random.integer(in: 1...16)))
            case 5:
                let part = bytes[at..<min(bytes.count, at + random.integer(in: 1...64))]
                bytes.insert(contentsOf: part, at: random.integer(in: 0...bytes.count))
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }

    /// Reads mutations of the file at `path`; each is read, or refused with a sentence that names the file.
    private func survive(_ path: String, seed: UInt64, _ read: (String) throws -> Void) throws {
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try read(path)
        var random = SeededRandom(seed: seed)
        var refused = 0
        for round in 0..<Self.rounds {
            try Data(mutated(original, &random)).write(to: URL(fileURLWithPath: path))
            do {
                try read(path)
            } catch let error as FileError {
                refused += 1
                if !error.description.contains(path) { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > Self.rounds / 4)
    }

    @Test("of weights are read or refused")
    func safetensors() throws {
        let directory = try TemporaryDirectory()
        let architecture = try SmallArchitectures.plain()
        let provenance = Provenance(command: "x", seed: 1, inputs: [], date: "2026-01-31T23:59:59Z")
        let weights = WeightsFile(
            try TrainedWeights(untrained: architecture), imageMean: [0, 1], imageDeviation: [1, 1],
            provenance: provenance)
        for isForTimm in [false, true] {
            let path = directory.file("w.safetensors")
            try isForTimm ? weights.writeForTimm(to: path) : weights.write(to: path)
            try survive(path, seed: isForTimm ? 1 : 2) { _ = try WeightsFile(contentsOf: $0, for: architecture) }
        }
    }

    @Test("of ONNX models are read or refused", arguments: [false, true])
    func onnx(isFolded: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("n.onnx")
        let weights = WeightsFile(try TrainedWeights(untrained: SmallArchitectures.squeezed()), provenance: nil)
        try ONNXFile(weights, isFolded: isFolded).write(to: path)
        try survive(path, seed: isFolded ? 3 : 4) { _ = try ImportedNetwork(contentsOf: $0).network.macs }
    }

    @Test("of ONNX models of our own are refused, or read back as what they were", arguments: [false, true])
    func exported(isFolded: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("n.onnx")
        let weights = WeightsFile(try TrainedWeights(untrained: SmallArchitectures.squeezed()), provenance: nil)
        try ONNXFile(weights, isFolded: isFolded).write(to: path)
        let original = try ONNXFile(contentsOf: path).weights.weights
        try survive(path, seed: isFolded ? 7 : 8) {
            if try ONNXFile(contentsOf: $0).weights.weights != original { Issue.record("other weights are read back") }
        }
    }

    /// A small graph of the operators that compute with shapes and windows, where a wrong number does the most.
    @Test("of ONNX models that compute shapes are read or refused")
    func shapes() throws {
        let directory = try TemporaryDirectory()
        let bytes = ONNXBytes.model(
            nodes: [
                ONNXBytes.node(
                    "Conv", ["image", "w"], ["a"], [.ints("pads", [1, 1, 1, 1]), .ints("strides", [2, 2])]),
                ONNXBytes.node("MaxPool", ["a"], ["b"], [.ints("kernel_shape", [2, 2]), .int("ceil_mode", 1)]),
                ONNXBytes.node("Split", ["b", "sizes"], ["c", "d"], [.int("axis", 1)]),
                ONNXBytes.node("Concat", ["d", "c"], ["e"], [.int("axis", 1)]),
                ONNXBytes.node("Pad", ["e", "pads"], ["f"]),
                ONNXBytes.node("Shape", ["f"], ["g"]),
                ONNXBytes.node("Slice", ["g", "one", "two"], ["h"]),
                ONNXBytes.node("Mul", ["h", "two"], ["i"]),
                ONNXBytes.node("Concat", ["one", "i", "minus"], ["j"], [.int("axis", 0)]),
                ONNXBytes.node("Reshape", ["f", "j"], ["k"]),
                ONNXBytes.node("Transpose", ["k"], ["l"], [.ints("perm", [0, 2, 1])]),
                ONNXBytes.node("Fancy", ["l"], ["m"]),
                ONNXBytes.node("ReduceMean", ["m"], ["n"], [.ints("axes", [1]), .int("keepdims", 0)]),
                ONNXBytes.node("Expand", ["n", "wide"], ["o"]),
                ONNXBytes.node("Unsqueeze", ["o", "two"], ["p"]),
                ONNXBytes.node("Squeeze", ["p", "two"], ["q"]),
                ONNXBytes.node("MatMul", ["q", "v"], ["out"]),
            ],
            weights: [
                ONNXBytes.weights("w", [6, 4, 3, 3]), ONNXBytes.integers("sizes", [2, 4]),
                ONNXBytes.integers("pads", [0, 0, 1, 1, 0, 0, 0, 0]), ONNXBytes.integers("one", [1]),
                ONNXBytes.integers("two", [2]), ONNXBytes.integers("minus", [-1]), ONNXBytes.integers("wide", [1, 12]),
                ONNXBytes.weights("v", [12, 3]),
            ], input: [nil, 4, 8, 8])
        let path = try directory.write(bytes, to: "shapes.onnx")
        try survive(path, seed: 5) { _ = try ImportedNetwork(contentsOf: $0).network.macs }
    }

    @Test("of timm networks are read or refused")
    func timm() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("network.py")
        try TimmNetwork(SmallArchitectures.squeezed()).write(to: path, provenance: nil)
        try survive(path, seed: 6) { _ = try TimmNetwork(contentsOf: $0) }
    }
}
