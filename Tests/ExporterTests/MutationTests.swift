import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

/// What reads files of others must survive whatever they hold; `make test-sanitized` runs this under AddressSanitizer.
@Suite("Mutated files")
struct MutationTests {
    /// Reads mutations of the file at `path`.
    private func survive(_ path: String, seed: UInt64, _ read: (String) throws -> Void) throws {
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try read(path)
        let found = try Mutations(at: path, seed: seed, make: { Mutations.damaged(original, &$0) }, read: read)
        #expect(found.refused > Mutations.rounds / 4 && found.unnamed.isEmpty, "\(found.unnamed.first ?? "")")
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
                ONNXBytes.node("Erf", ["l"], ["m"]),
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

    @Test("of ONNX models with functions, branches and operators on integers are read or refused", arguments: [
        (ONNXSamples.functions(), 9), (ONNXSamples.branches(limit: 9), 10), (ONNXSamples.quantized, 11),
    ] as [([UInt8], UInt64)])
    func beside(bytes: [UInt8], seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "beside.onnx")
        try survive(path, seed: seed) { _ = try ImportedNetwork(contentsOf: $0).network.macs }
    }

    @Test("of weights in half types, with prefixes, are read or refused")
    func halfTypes() throws {
        let directory = try TemporaryDirectory()
        let header = #"{"_orig_mod.module.a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"#
            + #""_orig_mod.module.b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        let path = try directory.write(length + Array(header.utf8) + [UInt8](repeating: 60, count: 16), to: "h.safetensors")
        try survive(path, seed: 12) {
            let file = try SafetensorsFile(path: $0)
            for entry in file.entries { _ = try file.tensor(entry.name)?.values }
        }
    }

    @Test("of timm networks are read or refused")
    func timm() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("network.py")
        try TimmNetwork(SmallArchitectures.squeezed()).write(to: path, provenance: nil)
        try survive(path, seed: 6) { _ = try TimmNetwork(contentsOf: $0) }
    }
}
