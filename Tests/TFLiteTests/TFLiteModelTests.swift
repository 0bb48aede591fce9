import Architectures
import Files
import Foundation
import Testing
import TestSupport

import TFLite

@Suite("TensorFlow Lite models")
struct TFLiteModelTests {
    /// An int8 convolution with a scale a channel, an addition, and an operator of another program.
    ///
    /// - Parameter zeroPoint: of the first channel of the weights.
    private static func quantized(zeroPoint: Int64 = 0) -> TFLiteModel {
        var model = TFLiteModel(name: "small", description: "A model of integers.")
        let image = model.add(
            TFLiteTensor("image", type: .int8, shape: [1, 4, 4, 2], quantization: .init(scale: 0.02, zeroPoint: -3)))
        let weights = model.add(
            TFLiteTensor(
                "weights", int8s: (0..<6).map { Int8($0 - 3) }, shape: [3, 1, 1, 2],
                quantization: .init(scales: [0.1, 0.2, 0.3], zeroPoints: [zeroPoint, 0, 0])))
        let bias = model.add(
            TFLiteTensor(
                "bias", int32s: [70_000, -1, .min], shape: [3],
                quantization: .init(scalesByChannel: [0.002, 0.004, 0.006], dimension: 0)))
        let maps = (0..<3).map { index in
            model.add(
                TFLiteTensor(
                    "map\(index)", type: .int8, shape: [1, 4, 4, 3],
                    quantization: .init(scale: 0.5, zeroPoint: 127 - index)))
        }
        model.add(.convolution(TFLiteWindow(padding: .same), .relu6), inputs: [image, weights, bias], outputs: [maps[0]])
        model.add(.arithmetic(.add, .none), inputs: [maps[0], maps[0]], outputs: [maps[1]])
        model.add(.custom("Fold"), inputs: [maps[1], nil], outputs: [maps[2]])
        model.inputs = [image]
        model.outputs = [maps[2]]
        model.metadata = [TFLiteMetadata(name: "note", bytes: [1, 2, 3])]
        model.files = [ArchivedFile(name: "labels.txt", bytes: Array("one\nzwei é\n".utf8)[...])]
        return model
    }

    @Test("with zero points or shapes that cannot be are refused")
    func impossible() throws {
        let directory = try TemporaryDirectory()
        try Self.quantized(zeroPoint: .min).write(to: directory.file("wild.tflite"))
        #expect { try TFLiteModel(contentsOf: directory.file("wild.tflite")) } throws: { "\($0)".contains("zero points of 32 bits") }

        var padded = TFLiteModel(name: "padded")
        let image = padded.add(TFLiteTensor("image", type: .float32, shape: [1, 4, 4, 1]))
        let map = padded.add(TFLiteTensor("map", type: .float32, shape: [4, 4, 1]))
        let widths = padded.add(TFLiteTensor("widths", int32s: [Int32](repeating: 0, count: 8), shape: [4, 2]))
        let answer = padded.add(TFLiteTensor("answer", type: .float32, shape: [1, 4, 4, 1]))
        padded.add(.reshape([4, 4, 1]), inputs: [image], outputs: [map])
        padded.add(.plain(.pad), inputs: [map, widths], outputs: [answer])
        padded.inputs = [image]
        padded.outputs = [answer]
        #expect { try TFLiteEvaluation(padded, path: "padded.tflite") } throws: {
            "\($0)".contains("its shapes do not fit each other")
        }

        var empty = TFLiteModel(name: "empty")
        let most = Int(Int32.max)
        empty.inputs = [empty.add(TFLiteTensor("image", type: .float32, shape: [1, 4, 4, 1]))]
        let none = empty.add(TFLiteTensor("none", type: .float32, shape: [0, most, most, most], data: []))
        let axes = empty.add(TFLiteTensor("axes", int32s: [0], shape: [1]))
        empty.outputs = [empty.add(TFLiteTensor("answer", type: .float32, shape: [1, 2]))]
        empty.add(.reduction(.mean, keepsSides: false), inputs: [none, axes], outputs: empty.outputs)
        #expect { try TFLiteEvaluation(empty, path: "empty.tflite") } throws: { "\($0)".contains("sides of at least 1") }
    }

    @Test("are read back as they were written, integers, scales, custom operators and archived files too")
    func roundTrip() throws {
        let directory = try TemporaryDirectory(), path = directory.file("m.tflite")
        let model = Self.quantized()
        try model.write(to: path)
        #expect(try TFLiteModel(contentsOf: path) == model)
    }

    @Test("hold every operation with its options")
    func operations() throws {
        let window = TFLiteWindow(
            padding: .valid, verticalStride: 2, horizontalStride: 3, verticalDilation: 1, horizontalDilation: 1)
        let dilated = TFLiteWindow(
            padding: .same, verticalStride: 1, horizontalStride: 1, verticalDilation: 2, horizontalDilation: 4)
        let operations: [TFLiteOperation] = [
            .convolution(dilated, .relu), .depthwiseConvolution(window, .relu6), .transposedConvolution(window, .none),
            .fullyConnected(.relu6, keepsSides: true), .batchedProduct(transposesLeft: false, transposesRight: true),
            .arithmetic(.add, .relu), .arithmetic(.subtract, .none), .arithmetic(.multiply, .relu6),
            .arithmetic(.divide, .tanh), .averagePool(height: 7, width: 5, window, .none),
            .maxPool(height: 2, width: 3, window, .reluN1To1), .reduction(.mean, keepsSides: true),
            .reduction(.sum, keepsSides: false), .softmax(beta: 0.5), .concatenation(axis: -1, .relu),
            .reshape([1, -1]), .leakyRelu(slope: 0.1), .plain(.logistic), .plain(.hardSwish), .plain(.pad),
            .plain(.quantize), .plain(.dequantize), .plain(.cast), .plain(.gelu), .branch(then: 1, otherwise: 2), .custom("Fold"),
        ]
        var model = TFLiteModel(name: "all")
        let value = model.add(TFLiteTensor("value", type: .float32, shape: [1, 4, 4, 2]))
        for operation in operations { model.add(operation, inputs: [value], outputs: [value]) }
        let bytes = try #require(model.bytes())
        #expect(try TFLiteModel(bytes, path: "all.tflite").operators.map(\.operation) == operations)
    }

    @Test("have every constant at a multiple of sixteen bytes, and the letters of the format")
    func alignment() throws {
        let bytes = try #require(Self.quantized().bytes())
        #expect(Array(bytes[4..<8]) == Array("TFL3".utf8))
        let read = try TFLiteModel(bytes, path: "m.tflite")
        let starts = read.tensors.compactMap(\.data).map(\.startIndex)
        #expect(starts.count == 2 && starts.allSatisfy { $0 % 16 == 0 })
    }

    @Test("are read with all of their graphs, and with constants that lie behind the tables")
    func furtherGraphs() throws {
        let model = try TFLiteModel(CallingTFLiteFile.bytes, path: "m.tflite")
        #expect(model.name == "main" && model.graphs.map(\.name) == ["body", "then", "else", "decode"])
        #expect(model.furtherSignatures == ["decode"])
        #expect(
            model.operators.map(\.operation) == [
                .composite("odml.widen", graph: 1), .reduction(.sum, keepsSides: false), .plain(.greater),
                .branch(then: 2, otherwise: 3),
            ])
        // Whole numbers from -2 to 2, 32 of them.
        let weights = try #require(model.graphs.first?.tensors.first(where: { $0.name == "w" })?.floats)
        #expect(weights.count == 32 && weights.allSatisfy { abs($0) <= 2 && $0 == $0.rounded() } && Set(weights).count == 5)
    }

    @Test("have operators by the names of LiteRT 2.3, and those after them by number")
    func names() {
        #expect([0, 206, 209, 210].map { TFLiteCode(rawValue: $0).description } == [
            "ADD", "STABLEHLO_COMPOSITE", "STABLEHLO_CASE", "operator 210",
        ])
    }

    @Test("are the same bytes at any time")
    func determinism() { #expect(Self.quantized().bytes() == Self.quantized().bytes()) }

    @Test("have the operator versions that the types of the tensors need")
    func versions() {
        let float = TFLiteTensor("f", type: .float32, shape: [1, 2, 2, 2])
        let int8 = TFLiteTensor("i", type: .int8, shape: [1, 2, 2, 2], quantization: .init(scale: 1, zeroPoint: 0))
        let window = TFLiteWindow(padding: .same)
        func version(_ operation: TFLiteOperation, _ inputs: [TFLiteTensor], _ output: TFLiteTensor) -> Int {
            var model = TFLiteModel(name: "")
            let read = inputs.map { model.add($0) }, written = model.add(output)
            model.add(operation, inputs: read, outputs: [written])
            return model.version(of: model.operators[0])
        }
        let convolution = TFLiteOperation.convolution(window, .none)
        let depthwise = TFLiteOperation.depthwiseConvolution(window, .none)
        let product = TFLiteOperation.fullyConnected(.none, keepsSides: false)
        #expect(version(convolution, [float, float, float], float) == 1)
        #expect(version(convolution, [int8, int8, int8], int8) == 3)
        #expect(version(depthwise, [float, float, float], float) == 1)
        #expect(version(depthwise, [int8, int8, int8], int8) == 3)
        #expect(version(product, [float, float, float], float) == 1)
        #expect(version(product, [int8, int8, int8], int8) == 4)
        #expect(version(product, [float, float], float) == 6)
        #expect(version(.arithmetic(.add, .none), [int8, int8], int8) == 2)
        #expect(version(.reduction(.mean, keepsSides: true), [int8, int8], int8) == 2)
        #expect(version(.plain(.pad), [int8, int8], int8) == 2)
        #expect(version(.plain(.dequantize), [int8], float) == 2)
        #expect(version(.plain(.quantize), [float], int8) == 1)
        #expect(version(.plain(.hardSwish), [int8], int8) == 1)
        #expect(version(.softmax(beta: 1), [int8], int8) == 2)
        // One whose product is not made smaller.
        #expect(version(.arithmetic(.multiply, .none), [int8, int8], int8) == 3)
        #expect(version(.arithmetic(.multiply, .none), [float, float], float) == 1)
    }

    @Test("carry what an app needs to know, and the names of the classes")
    func description() throws {
        var model = Self.quantized()
        var description = TFLiteDescription(name: "flowers", description: "Tells flowers apart.", width: 4, height: 5, channels: 3)
        description.mean = [1, 2, 3]
        description.std = [4, 5, 6]
        description.least = [-1, -2, -3]
        description.greatest = [7, 8, 9]
        description.author = "onepath"
        model.describe(description, classNames: ["rose", "two\nlines", "é"])
        let bytes = try #require(model.bytes()), directory = try TemporaryDirectory(), path = directory.file("m.tflite")
        try model.write(to: path)
        let read = try TFLiteModel(contentsOf: path)
        description.labelFile = "labels.txt"
        #expect(read.described == description)
        #expect(read.classNames == ["rose", "two lines", "é"])
        #expect(read.files.count == 1 && read.metadata.count == 2)
        // The archive alone, by its own records.
        let archive = try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(bytes.count)
        #expect(Array(archive.prefix(4)) == [0x50, 0x4b, 3, 4])
    }

    /// A model whose list of graphs names one empty graph so many times: four bytes each.
    private static func model(ofGraphs count: Int) -> [UInt8] {
        // The model has a vtable of five fields, then the version, and the offsets of the graphs and the buffers.
        let head: [UInt16] = [14, 16, 4, 0, 8, 0, 12, 0], empty: [UInt16] = [4, 4]
        func words(_ numbers: [Int]) -> [UInt8] { numbers.flatMap { number in (0..<4).map { UInt8(number >> (8 * $0) & 0xff) } } }
        func halves(_ numbers: [UInt16]) -> [UInt8] { numbers.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } }
        let start = words([24]) + Array("TFL3".utf8) + halves(head) + words([16, 3, 12, 4]) + words([0])
        let graph = start.count + 4 + 4 * count + 4
        return start + words([count]) + words((0..<count).map { graph - (start.count + 4 + 4 * $0) }) + halves(empty) + words([4])
    }

    @Test("of too many graphs or tables are refused, though the file is small", arguments: [
        (4096, "expected what the model reads, found no input"), (4097, "expected at most 4096 graphs, found more"),
        (160_000, "damaged or cut off"),
    ])
    func graphs(count: Int, part: String) throws {
        let bytes = Self.model(ofGraphs: count)
        let error = #expect(throws: FileError.self) {
            try TFLiteGraphReader(TFLiteModel(bytes, path: "m.tflite"), path: "m.tflite")
        }
        #expect(error.map { "\($0)" }?.contains(part) == true, "\(String(describing: error))")
    }

    @Test(
        "are refused where they are something else or cut off",
        arguments: [
            ("", "found an empty file"), ("\u{8}\u{8}\u{12}\u{7}pytorch", "what looks like an ONNX model"),
            ("PK\u{3}\u{4}xxxxxxxx", "a ZIP archive, to be unpacked first; give the .tflite file"),
            ("version https://git-lfs.github.com/spec/v1\n", "Git LFS"), ("<!DOCTYPE html>", "a web page"),
            ("0123TFL3", "damaged or cut off"), ("{\"schema\": \"x\"}", "TFL3"),
        ])
    func others(content: String, part: String) {
        let error = #expect(throws: FileError.self) { try TFLiteModel(Array(content.utf8), path: "m.tflite") }
        #expect(error.map { "\($0)" }?.contains(part) == true, "\(String(describing: error))")
    }

    @Test("have the files of an archive that another program compressed, and that has a comment")
    func compressedArchive() throws {
        // "labels.txt" with "crane\nc5\n" forty times, deflated by zip, with the comment "mine".
        let archive = try #require(Data(base64Encoded: Self.deflated))
        let directory = try TemporaryDirectory(), bytes = try #require(Self.quantized().bytes())
        let path = try directory.write(bytes + Array(archive), to: "m.tflite")
        let read = try TFLiteModel(contentsOf: path)
        #expect(read.files.map(\.name) == ["labels.txt"])
        #expect(read.files.first.map { String(decoding: $0.bytes, as: UTF8.self) } == String(repeating: "crane\nc5\n", count: 40))
        // One that is damaged is left out.
        var damaged = Array(archive)
        damaged[46] ^= 0xff
        let other = try directory.write(bytes + damaged, to: "d.tflite")
        #expect(try TFLiteModel(contentsOf: other).files.isEmpty)
    }

    private static let deflated = "UEsDBBQAAAAIAAAAIQDHG/f9EAAAAGgBAAAKAAAAbGFiZWxzLnR4dEsuSsxL5Uo25UoeZdCSAQBQSwECFAMUAAAACAAAACEAxxv3/RAAAABoAQAACgAAAAAAAAAAAAAAgAEAAAAAbGFiZWxzLnR4dFBLBQYAAAAAAQABADgAAAA4AAAABABtaW5l"

    /// Four values and what follows them: operators from one float32 tensor to the next, with their outputs' integers.
    private static func answering(
        _ steps: [(operation: TFLiteOperation, type: TFLiteType, scale: Float?)]
    ) -> TFLiteModel {
        var model = TFLiteModel(name: "answering")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 2, 2, 1]))
        var last = model.add(TFLiteTensor("values", type: .float32, shape: [1, 4]))
        model.add(.reshape([1, 4]), inputs: [image], outputs: [last])
        for (index, step) in steps.enumerated() {
            let next = model.add(
                TFLiteTensor(
                    "map\(index)", type: step.type, shape: [1, 4],
                    quantization: step.scale.map { .init(scale: $0, zeroPoint: step.type == .int8 ? -128 : 0) }))
            model.add(step.operation, inputs: [last], outputs: [next])
            last = next
        }
        model.inputs = [image]
        model.outputs = [last]
        return model
    }

    @Test("answer probabilities also where other operators follow the softmax, and say which they do not tell from 0")
    func probabilities() throws {
        func least(_ steps: [(operation: TFLiteOperation, type: TFLiteType, scale: Float?)]) throws -> Float? {
            try TFLiteEvaluation(Self.answering(steps), path: "m.tflite").leastProbability
        }
        let softmax = TFLiteOperation.softmax(beta: 1), step: Float = 1.0 / 256
        #expect(try least([(softmax, .float32, nil)]) == 1e-12)
        #expect(try least([(softmax, .float32, nil), (.reshape([1, 4]), .float32, nil)]) == 1e-12)
        #expect(try least([(softmax, .int8, step)]) == step / 2)
        #expect(try least([(softmax, .int8, step), (.plain(.quantize), .uint8, step)]) == step / 2)
        #expect(try least([(softmax, .int8, step), (.plain(.dequantize), .float32, nil)]) == step / 2)
        #expect(try least([(softmax, .float32, nil), (.plain(.relu), .float32, nil)]) == nil)
        #expect(try least([(.plain(.relu), .float32, nil)]) == nil)
    }

    @Test("without an input that an operator needs, and with channels first, are refused")
    func missingInputs() throws {
        func refusal(_ operation: TFLiteOperation, _ others: Int) -> String {
            var model = TFLiteModel(name: "short")
            let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 2, 2, 1]))
            let widths = model.add(TFLiteTensor("widths", int32s: [Int32](repeating: 0, count: 8), shape: [4, 2]))
            let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 2, 2, 1]))
            model.add(operation, inputs: others == 1 ? [image, nil] : [image, widths, nil], outputs: [answer])
            model.inputs = [image]
            model.outputs = [answer]
            let error = #expect(throws: FileError.self) { try TFLiteEvaluation(model, path: "m.tflite") }
            return "\(error.map(\.description) ?? "")"
        }
        for operation in [TFLiteOperation.arithmetic(.add, .none), .arithmetic(.multiply, .none), .plain(.maximum)] {
            #expect(refusal(operation, 1).contains("its shapes do not fit each other"))
        }
        #expect(refusal(.plain(.padValue), 2).contains("its shapes do not fit each other"))
        var model = TFLiteModel(name: "first")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 3, 22, 24]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 1584]))
        model.add(.reshape([1, 1584]), inputs: [image], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        #expect { try TFLiteEvaluation(model, path: "m.tflite") } throws: { "\($0)".contains("with the channels first") }
    }
}
