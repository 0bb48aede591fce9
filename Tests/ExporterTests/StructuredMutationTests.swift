import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

/// Files whose structure is right and whose content is extreme: what random bytes hardly ever come to.
@Suite("Structured mutations")
struct StructuredMutationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Reads mutations into `name`, some of which must be refused and some read.
    private func survive(
        _ name: String, seed: UInt64, make: (inout SeededRandom) throws -> [UInt8], read: (String) throws -> Void
    ) throws {
        let before = Self.peakMemory
        let found = try Mutations(at: directory.file(name), seed: seed, make: make, read: read)
        #expect(found.unnamed.isEmpty, "\(found.unnamed.first ?? "")")
        #expect(found.refused > Mutations.rounds / 20 && found.refused < Mutations.rounds - 50, "\(found.refused)")
        // One file that takes longer than all others together, and one that asks for memory by a number.
        #expect(found.longest < 1)
        #expect(Self.peakMemory - before < 1 << 30)
    }

    /// The most memory that was ever resident, in bytes, of all that runs in this process.
    private static var peakMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    // MARK: - ONNX

    /// A small graph with a node of every kind that computes with shapes and windows.
    private static let shapes: ONNXSketch = {
        func node(
            _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXBytes.Attribute] = []
        ) -> ONNXSketch.Node {
            .init(kind: kind, inputs: inputs, outputs: outputs, attributes: attributes)
        }
        return ONNXSketch(
            nodes: [
                node(
                    "Conv", ["image", "w"], ["a"],
                    [
                        .ints("pads", [1, 1, 1, 1]), .ints("strides", [2, 2]), .ints("dilations", [1, 1]),
                        .int("group", 1),
                    ]),
                node("Conv", ["a", "d"], ["a2"], [.ints("pads", [1, 1, 1, 1]), .int("group", 6)]),
                node("Sigmoid", ["a2"], ["a3"]), node("Mul", ["a2", "a3"], ["a4"]),
                node("MaxPool", ["a4"], ["b"], [.ints("kernel_shape", [2, 2]), .int("ceil_mode", 1)]),
                node("Split", ["b", "sizes"], ["c", "c2"], [.int("axis", 1)]),
                node("Concat", ["c2", "c"], ["e"], [.int("axis", 1)]),
                node("Pad", ["e", "pads"], ["f"]),
                node("Shape", ["f"], ["g"], [.int("start", 0), .int("end", 4)]),
                node("Slice", ["g", "one", "two"], ["h"]),
                node("Mul", ["h", "two"], ["i"]),
                node("Concat", ["one", "i", "minus"], ["j"], [.int("axis", 0)]),
                node("Reshape", ["f", "j"], ["k"]),
                node("Transpose", ["k"], ["l"], [.ints("perm", [0, 2, 1])]),
                node("Erf", ["l"], ["m"]),
                node("ReduceMean", ["m"], ["n"], [.ints("axes", [1]), .int("keepdims", 0)]),
                node("Expand", ["n", "wide"], ["o"]),
                node("Unsqueeze", ["o", "two"], ["p"]), node("Squeeze", ["p", "two"], ["q"]),
                node("ConstantOfShape", ["two"], ["r"]), node("Cast", ["r"], ["r2"], [.int("to", 7)]),
                node("Gather", ["g", "one"], ["s"], [.int("axis", 0)]), node("Div", ["s", "two"], ["s2"]),
                node("Flatten", ["q"], ["t"], [.int("axis", 1)]),
                node("MatMul", ["t", "v"], ["u"]),
                node("Gemm", ["u", "x"], ["out"], [.int("transB", 1), .int("transA", 0)]),
            ],
            constants: [
                .init(name: "w", shape: [6, 4, 3, 3]), .init(name: "d", shape: [6, 1, 3, 3]),
                .init(name: "sizes", shape: [2], integers: [2, 4]),
                .init(name: "pads", shape: [8], integers: [0, 0, 1, 1, 0, 0, 0, 0]),
                .init(name: "one", shape: [1], integers: [1]), .init(name: "two", shape: [1], integers: [2]),
                .init(name: "minus", shape: [1], integers: [-1]), .init(name: "wide", shape: [2], integers: [1, 12]),
                .init(name: "v", shape: [12, 3]), .init(name: "x", shape: [2, 3]),
            ], input: [nil, 4, 8, 8])
    }()

    /// A small graph with attention, resizing, a dynamic quantisation, and constants that are computed.
    private static let attention: ONNXSketch = {
        func node(
            _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXBytes.Attribute] = []
        ) -> ONNXSketch.Node {
            .init(kind: kind, inputs: inputs, outputs: outputs, attributes: attributes)
        }
        return ONNXSketch(
            nodes: [
                node("Conv", ["image", "w"], ["a"], [.ints("pads", [1, 1, 1, 1])]),
                node("DynamicQuantizeLinear", ["a"], ["q", "scale", "zero"]),
                node("ConvInteger", ["q", "w2", "zero"], ["sums"]), node("Cast", ["sums"], ["wide"], [.int("to", 1)]),
                node("Mul", ["wide", "scale"], ["b"]),
                node("Range", ["zeroth", "eight", "one"], ["r"]), node("Gather", ["r", "picks"], ["s"]),
                node("Mod", ["s", "eights"], ["s2"]), node("Tile", ["s2", "two"], ["s3"]),
                node("Slice", ["s3", "minus", "least", "first", "minus"], ["s4"]),
                node("NonZero", ["s4"], ["nz"]), node("Shape", ["nz"], ["ns"]), node("Max", ["ns", "one"], ["many"]),
                node("ConstantOfShape", ["many"], ["filler"]), node("Equal", ["s4", "s4"], ["same"]),
                node("Where", ["same", "s4", "s4"], ["chosen"]), node("ReduceMax", ["chosen"], ["most"]),
                node("Resize", ["b", "", "", "sides"], ["c"]), node("DepthToSpace", ["c"], ["c2"], [.int("blocksize", 2)]),
                node("ConvTranspose", ["c2", "back"], ["c3"], [.ints("strides", [2, 2])]),
                node("Reshape", ["b", "flat"], ["d"]), node("Transpose", ["d"], ["k"], [.ints("perm", [0, 2, 1])]),
                node("MatMul", ["k", "d"], ["scores"]), node("Softmax", ["scores"], ["p"], [.int("axis", -1)]),
                node("Einsum", ["p", "k"], ["o"], [.text("equation", "bij,bjk->bik")]),
                node("LayerNormalization", ["o", "v", "v"], ["l"], [.int("axis", -1)]), node("Gelu", ["l"], ["g"]),
                node("TopK", ["g", "one1"], ["top", "places"]), node("ReduceSum", ["c3"], ["sum"], [.int("keepdims", 0)]),
                node("Add", ["top", "sum"], ["e"]), node("Sum", ["e", "most"], ["out"]),
            ],
            constants: [
                .init(name: "w", shape: [4, 4, 3, 3]), .init(name: "w2", shape: [4, 4, 1, 1]),
                .init(name: "zeroth", shape: [], integers: [0]), .init(name: "eight", shape: [], integers: [8]),
                .init(name: "one", shape: [], integers: [1]), .init(name: "picks", shape: [3], integers: [1, -1, 3]),
                .init(name: "eights", shape: [3], integers: [8, 8, 8]), .init(name: "two", shape: [1], integers: [2]),
                .init(name: "minus", shape: [1], integers: [-1]), .init(name: "least", shape: [1], integers: [.min]),
                .init(name: "first", shape: [1], integers: [0]), .init(name: "one1", shape: [1], integers: [1]),
                .init(name: "sides", shape: [4], integers: [1, 4, 6, 6]), .init(name: "back", shape: [1, 2, 3, 3]),
                .init(name: "flat", shape: [3], integers: [1, 4, -1]), .init(name: "v", shape: [4]),
            ], input: [nil, 4, 8, 8])
    }()

    @Test("of ONNX graphs are read or refused", arguments: [false, true])
    func onnx(hasAttention: Bool) throws {
        let sketch = hasAttention ? Self.attention : Self.shapes
        _ = try ImportedNetwork(contentsOf: directory.write(sketch.bytes, to: "whole.onnx"))
        try survive("n.onnx", seed: 1, make: { sketch.mutated(&$0).bytes }) {
            let network = try ImportedNetwork(contentsOf: $0).network
            _ = network.macs + network.parameters + network.layers.map(\.key).count
        }
    }

    // MARK: - Weights

    /// The header of a safetensors file as JSON, and the values after it.
    private func parts(_ path: String) throws -> (header: JSON, values: [UInt8]) {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return (try JSON(parsing: Array(bytes[8..<8 + length]), path: path), Array(bytes[(8 + length)...]))
    }

    @Test("of headers of weights are read or refused", arguments: [false, true])
    func safetensors(isForTimm: Bool) throws {
        let architecture = try SmallArchitectures.plain()
        let weights = WeightsFile(
            try TrainedWeights(untrained: architecture), imageMean: [0, 1], imageDeviation: [1, 1],
            provenance: Provenance(command: "x", seed: 1, inputs: [], date: "2026-01-31T23:59:59Z"))
        let whole = directory.file("whole.safetensors")
        try isForTimm ? weights.writeForTimm(to: whole) : weights.write(to: whole)
        let (header, values) = try parts(whole)
        guard case .object(let members) = header else { throw FileError.missing(path: whole, what: "header") }
        func text(_ member: JSON.Member) -> String {
            "\(JSON.string(member.key).text(pretty: false)): \(member.value.text(pretty: false))"
        }
        let texts = members.map(text)
        let make = { (random: inout SeededRandom) -> [UInt8] in
            var texts = texts
            var values = values
            // The first member is the metadata.
            let index = random.bool() ? 0 : random.below(members.count)
            switch random.below(12) {
            case 0: texts.remove(at: index)
            case 1: texts.insert(texts[index], at: index)
            case 2: texts.swapAt(0, index)
            case 3, 4:
                let place = random.below(values.count / 4) * 4
                let extreme: [Float] = [0, -1, .leastNonzeroMagnitude, 1e38, -1e38, .nan, .infinity, -.infinity]
                withUnsafeBytes(of: random.element(of: extreme).bitPattern.littleEndian) {
                    values.replaceSubrange(place..<place + 4, with: $0)
                }
            default: texts[index] = text(.init(key: members[index].key, value: members[index].value.mutated(&random)))
            }
            let text = Array("{\(texts.joined(separator: ", "))}".utf8)
            let isHonest = random.below(20) > 0
            let length = isHonest ? text.count : random.element(of: Mutations.integers)
            return withUnsafeBytes(of: Int64(length).littleEndian) { Array($0) } + text + values
        }
        try survive("w.safetensors", seed: isForTimm ? 2 : 3, make: make, read: { path in
            let file = try WeightsFile(contentsOf: path, for: architecture)
            Self.expectUsable(file)
        })
    }

    /// What is read must be what images can be normalised with, in single precision.
    private static func expectUsable(_ file: WeightsFile) {
        for deviation in file.imageDeviation ?? [] {
            if !(Float(deviation).isNormal && Float(deviation) > 0) { Issue.record("a std of \(deviation)") }
        }
        for mean in file.imageMean ?? [] where !Float(mean).isFinite { Issue.record("a mean of \(mean)") }
    }

    static let deviations = ["1e-320", "0.0", "0", "-1", "1e-45", "1e300", "1e999", "NaN", "Infinity", "null", "\"1\"", "[]"]

    @Test("of an image's std are refused where nothing can be divided by it", arguments: deviations)
    func deviation(text: String) throws {
        let architecture = try SmallArchitectures.plain()
        let weights = try TrainedWeights(untrained: architecture)
        for list in ["[\(text), 0.5]", "[0.5, \(text)]", text, "[0.5]", "[0.5, 0.5, 0.5]", "{}", ""] {
            for isForTimm in [false, true] {
                let path = directory.file("w.safetensors")
                let file = WeightsFile(weights, imageMean: [0, 1], imageDeviation: [0.5, 0.5], provenance: nil)
                try isForTimm ? file.writeForTimm(to: path) : file.write(to: path)
                let whole = try SafetensorsFile(path: path)
                var metadata = whole.metadata
                metadata["image_deviation"] = list
                try SafetensorsFile.write(
                    whole.entries.map { try #require(try whole.tensor($0.name)) },
                    metadata: metadata.map { (key: $0.key, value: $0.value) }, to: path)
                let found = invalidPlace { try WeightsFile(contentsOf: path, for: architecture) }
                #expect(found?.place.hasPrefix("/__metadata__/image_deviation") == true, "\(list)")
                #expect(found?.sentence.hasPrefix(path) == true)
            }
        }
    }

    // MARK: - timm

    @Test("of timm's block strings are read or refused")
    func timm() throws {
        let whole = directory.file("whole.py")
        try TimmNetwork(SmallArchitectures.squeezed()).write(to: whole, provenance: nil)
        let text = try String(contentsOfFile: whole, encoding: .utf8)
        let strings = try Array(TimmNetwork(contentsOf: whole).blockStrings.joined())
        let numbers = [
            "0", "1", "-1", "64", "65", "1e308", "1e-320", "nan", "inf", "9223372036854775807", "9223372036854775808",
            "65536", "0x10", "", "é", "1.", "0.125", "31", "32",
        ]
        let make = { (random: inout SeededRandom) -> [UInt8] in
            let old = random.element(of: strings)
            var parts = old.split(separator: "_").map(String.init)
            for _ in 0..<random.integer(in: 1...2) where !parts.isEmpty {
                let index = random.below(parts.count)
                switch random.below(8) {
                case 0: parts.remove(at: index)
                case 1: parts.append(parts[index])
                case 2: parts[index] = random.element(of: ["noskip", "nre", "nhs", "cn", "er", "se", "", "_"])
                default:
                    parts[index] = parts[index].prefix { $0.isLetter } + random.element(of: numbers)
                }
            }
            var new = "\"\(parts.joined(separator: "_"))\""
            if random.below(30) == 0 {
                new = Array(repeating: new, count: random.element(of: [2, 17, 1000])).joined(separator: ", ")
            }
            var copy = text.replacing("\"\(old)\"", with: new)
            if random.below(10) == 0 {
                let number = random.element(of: numbers)
                let field = random.element(of: ["output_channels", "channels", "height", "kernel", "classes"])
                copy = copy.replacing(#/"\#(field)": \d+/#, with: "\"\(field)\": \(number)", maxReplacements: 1)
            }
            return Array(copy.utf8)
        }
        try survive("network.py", seed: 4, make: make, read: {
            let network = try TimmNetwork(contentsOf: $0).architecture.network
            _ = network.macs + network.parameters
        })
    }

    @Test("of a run's event files, which have their order in their names, let a run go on")
    func events() throws {
        var random = SeededRandom(seed: 5)
        let folder = directory.file("run")
        for round in 0..<Mutations.rounds {
            try? FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var names = ["0000001000.onepath", "0000001001.onepath"]
            for _ in 0..<random.integer(in: 1...3) {
                let number = random.element(of: Mutations.integers)
                let other = ["\(number)", "9999999999", "9999999998", "1\(UInt64.max)", "", "+7", "1e9", "é", "0000000000"]
                names.append(random.element(of: other) + random.element(of: ["", ".x", ".onepath", "."]))
            }
            for name in names {
                try Data().write(to: URL(fileURLWithPath: "\(folder)/events.out.tfevents.\(name)"))
            }
            let kept = try FileManager.default.contentsOfDirectory(atPath: folder)
            let file = try EventFile(resuming: folder, after: 3, wallTime: 2000)
            let name = String(file.path.dropFirst(folder.count + 1))
            if kept.contains(name) || !name.hasSuffix(".onepath") || name <= "events.out.tfevents.0000001001.onepath" {
                Issue.record("round \(round): \(name) beside \(names)")
            }
        }
    }
}
