import Architectures
import Files
import Graphs
import Testing
import TestSupport

import TFLite

@Suite("TensorFlow Lite models as neutral graphs")
struct TFLiteGraphReaderTests {
    private func network(_ model: TFLiteModel) throws -> GraphNetwork {
        GraphNetwork(try TFLiteGraphReader(model, path: "m.tflite").graph)
    }

    @Test("of a network launch what the architecture launches, with the same counts")
    func networks() throws {
        for architecture in try [SmallArchitectures.plain(), SmallArchitectures.squeezed(), SmallArchitectures.active()] {
            let model = TFLiteNetwork(try TrainedWeights(untrained: architecture)).model
            let found = try network(model), expected = architecture.network.layers.flatMap(\.operators)
            #expect(found.unknown.isEmpty)
            #expect(found.operators.reduce(0) { $0 + $1.step.macs } == architecture.network.macs)
            let weighed: Set<Operator.Kind> = [.convolution, .depthwiseConvolution, .fullyConnected, .globalAveragePool]
            #expect(
                found.operators.map(\.step.kind).filter(weighed.contains)
                    == expected.map(\.kind).filter(weighed.contains), "\(architecture.name)")
        }
    }

    /// A convolution on int8 with an int8 sum, an average over the map, and a dequantised answer.
    private static func integers() -> TFLiteModel {
        var model = TFLiteModel(name: "integers")
        func map(_ name: String, _ shape: [Int]) -> Int {
            model.add(TFLiteTensor(name, type: .int8, shape: shape, quantization: .init(scale: 0.1, zeroPoint: 1)))
        }
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let quantized = map("quantized", [1, 8, 8, 4]), convolved = map("convolved", [1, 8, 8, 8])
        let sum = map("sum", [1, 8, 8, 8]), mean = map("mean", [1, 1, 1, 8])
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 1, 1, 8]))
        let scales = [Float](repeating: 0.1, count: 8)
        let weights = model.add(
            TFLiteTensor(
                "weights", int8s: [Int8](repeating: 1, count: 8 * 9 * 4), shape: [8, 3, 3, 4],
                quantization: .init(scalesByChannel: scales, dimension: 0)))
        let bias = model.add(
            TFLiteTensor(
                "bias", int32s: [Int32](repeating: 1, count: 8), shape: [8],
                quantization: .init(scalesByChannel: scales, dimension: 0)))
        let axes = model.add(TFLiteTensor("axes", int32s: [1, 2], shape: [2]))
        model.add(.plain(.quantize), inputs: [image], outputs: [quantized])
        model.add(.convolution(TFLiteWindow(padding: .same), .relu), inputs: [quantized, weights, bias], outputs: [convolved])
        model.add(.arithmetic(.add, .none), inputs: [convolved, convolved], outputs: [sum])
        model.add(.reduction(.mean, keepsSides: true), inputs: [sum, axes], outputs: [mean])
        model.add(.plain(.dequantize), inputs: [mean], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        return model
    }

    @Test("of integers are priced as integers, with the bytes that their weights have")
    func types() throws {
        let found = try network(Self.integers())
        let types = found.operators.map { "\($0.step.kind) \($0.step.valueType.map(\.rawValue) ?? "float32")" }
        #expect(types == ["convert float32", "convolution int8", "add int8", "globalAveragePool int8", "convert float32"])
        #expect(found.operators.reduce(0) { $0 + $1.step.macs } >= 8 * 8 * 8 * 9 * 4)
    }

    @Test("with half-precision weights are those of the same network on float32")
    func halves() throws {
        var model = TFLiteModel(name: "halves")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let stored = model.add(
            TFLiteTensor("half", type: .float16, shape: [8, 1, 1, 4], data: [UInt8](repeating: 0, count: 64)[...]))
        let weights = model.add(TFLiteTensor("weights", type: .float32, shape: [8, 1, 1, 4]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 8, 8, 8]))
        model.add(.plain(.dequantize), inputs: [stored], outputs: [weights])
        model.add(.convolution(TFLiteWindow(padding: .same), .none), inputs: [image, weights, nil], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        let found = try network(model)
        #expect(found.operators.map(\.step.kind) == [.convolution])
        #expect(found.operators[0].step.macs == 8 * 8 * 4 * 8)
    }

    @Test("with tables of which the image chooses rows count the tables", arguments: [TFLiteCode.gather, .embeddingLookup])
    func tables(code: TFLiteCode) throws {
        var model = TFLiteModel(name: "tables")
        let image = model.add(TFLiteTensor("image", type: .int32, shape: [1, 4, 4]))
        let table = model.add(TFLiteTensor("table", floats: [Float](repeating: 0, count: 10 * 8), shape: [10, 8]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 4, 4, 8]))
        model.add(.plain(code), inputs: code == .gather ? [table, image] : [image, table], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        let found = try network(model)
        #expect(found.unknown.isEmpty && found.operators.map(\.step.kind) == [.memoryMove])
        #expect(found.operators[0].step.parameters == 80)
    }

    @Test("name what they do not know, custom operators too")
    func unknown() throws {
        var model = TFLiteModel(name: "odd")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let values = (0..<3).map { model.add(TFLiteTensor("v\($0)", type: .float32, shape: [1, 8, 8, 4])) }
        model.add(.custom("Convolution2DTransposeBias"), inputs: [image], outputs: [values[0]])
        model.add(.plain(TFLiteCode(rawValue: 131)), inputs: [values[0]], outputs: [values[1]])
        model.add(.plain(TFLiteCode(rawValue: 9999)), inputs: [values[1]], outputs: [values[2]])
        model.inputs = [image]
        model.outputs = [values[2]]
        #expect(
            try network(model).unknown.map { "\($0.kind) \($0.nodes.joined())" } == [
                "Convolution2DTransposeBias v0", "RFFT2D v1", "operator 9999 v2",
            ])
    }

    @Test("with sides that the caller chooses are priced with those that the file has, and not as one pixel")
    func freeSides() throws {
        func model(side: Int, free: Set<Int>) throws -> TFLiteModel {
            var model = TFLiteModel(name: "free")
            var tensor = TFLiteTensor("image", type: .float32, shape: [1, side, side, 4])
            tensor.freeSides = free
            let image = model.add(tensor)
            let weights = model.add(TFLiteTensor("weights", floats: [Float](repeating: 0, count: 32), shape: [8, 1, 1, 4]))
            let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, side, side, 8]))
            model.add(.convolution(TFLiteWindow(padding: .same), .none), inputs: [image, weights, nil], outputs: [answer])
            model.inputs = [image]
            model.outputs = [answer]
            // As it comes from a file.
            return try TFLiteModel(#require(model.bytes()), path: "m.tflite")
        }
        // A free batch is no question: one image is priced.
        let batch = try TFLiteGraphReader(model(side: 8, free: [0]), path: "m.tflite")
        #expect(batch.assumptions == [])
        let sized = try TFLiteGraphReader(model(side: 8, free: [0, 1, 2]), path: "m.tflite")
        #expect(sized.assumptions == ["the caller chooses sides of the image, 1x?x?x4: they are taken to be 1x8x8x4"])
        let error = #expect(throws: FileError.self) {
            try TFLiteGraphReader(model(side: 1, free: [0, 1, 2]), path: "m.tflite")
        }
        let sentence = "m.tflite: tensor 0 \"image\": expected an image of fixed sides, found 1x?x?x4"
        #expect(error.map { "\($0)" }?.hasPrefix(sentence) == true, "\(error.map { "\($0)" } ?? "")")
    }

    /// Two 1x1 convolutions of one image, to 8 and to 16 channels, the outputs "answer" and "other"; then a tensor that
    /// nothing writes, and a stored one.
    private static func branches(outputs names: [String]) -> TFLiteModel {
        var model = TFLiteModel(name: "branches")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        for (name, channels) in [("answer", 8), ("other", 16)] {
            let weights = model.add(
                TFLiteTensor(
                    "\(name) weights", floats: [Float](repeating: 0, count: 4 * channels), shape: [channels, 1, 1, 4]))
            let output = model.add(TFLiteTensor(name, type: .float32, shape: [1, 8, 8, channels]))
            model.add(.convolution(TFLiteWindow(padding: .same), .none), inputs: [image, weights, nil], outputs: [output])
        }
        _ = model.add(TFLiteTensor("loose", type: .float32, shape: [1, 5]))
        _ = model.add(TFLiteTensor("stored", floats: [1, 2], shape: [1, 2]))
        model.inputs = [image]
        model.outputs = names.compactMap { name in model.tensors.firstIndex { $0.name == name } }
        return model
    }

    @Test("without an output that follows from the image are refused, in memory and from a file", arguments: [
        ([], "m.tflite: outputs: expected what the model answers, found no output"),
        (["stored"], "m.tflite: outputs: expected an output that depends on the image, found 1 of constants alone"),
        (
            ["answer", "loose"],
            "m.tflite: tensor 5 \"loose\": expected an operator that writes this output of the model, found none"
        ),
    ] as [([String], String)])
    func withoutAnswer(outputs: [String], sentence: String) throws {
        let model = Self.branches(outputs: outputs)
        #expect(model.outputs.count == outputs.count)
        let read = try TFLiteModel(#require(model.bytes()), path: "m.tflite")
        for model in [model, read] {
            let error = #expect(throws: FileError.self) { try TFLiteGraphReader(model, path: "m.tflite") }
            #expect(error.map { "\($0)" } == sentence)
        }
        // A constant beside an answer is one that the runtime gives without work.
        #expect(try network(Self.branches(outputs: ["answer", "other", "stored"])).operators.count == 2)
    }

    @Test("run what nothing reads too, as the runtime does, and say so")
    func unread() throws {
        let reader = try TFLiteGraphReader(Self.branches(outputs: ["answer"]), path: "m.tflite")
        // 64 pixels of 4 channels to 8, and to 16.
        #expect(GraphNetwork(reader.graph).operators.map(\.step.macs).sorted() == [2048, 4096])
        #expect(
            reader.assumptions == [
                "operators whose result nothing reads (1) are priced, because TensorFlow Lite runs every operator of a file"
            ])
        // The answer is still the first.
        #expect(reader.graph.outputs.first.map { reader.graph.values[$0].shape } == [1, 8, 8, 8])
        #expect(try TFLiteGraphReader(Self.branches(outputs: ["answer", "other"]), path: "m.tflite").assumptions == [])
        // Of an operator with several results one is enough.
        var model = TFLiteModel(name: "halves")
        let axis = model.add(TFLiteTensor("axis", int32s: [3], shape: [1]))
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let halves = (0..<2).map { model.add(TFLiteTensor("half\($0)", type: .float32, shape: [1, 8, 8, 2])) }
        model.add(.plain(.split), inputs: [axis, image], outputs: halves)
        model.inputs = [image]
        model.outputs = [halves[1]]
        #expect(try TFLiteGraphReader(model, path: "m.tflite").assumptions == [])
        #expect(try network(model).operators.count == 1)
    }

    @Test("with shapes that contradict each other are refused by the operator's place")
    func contradictions() throws {
        var model = TFLiteModel(name: "odd")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let weights = model.add(TFLiteTensor("weights", floats: [Float](repeating: 0, count: 24), shape: [8, 1, 1, 3]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 8, 8, 8]))
        model.add(.convolution(TFLiteWindow(padding: .same), .none), inputs: [image, weights], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        let error = #expect(throws: FileError.self) { try TFLiteGraphReader(model, path: "m.tflite") }
        #expect(error.map { "\($0)" }?.contains("m.tflite: operator 0 CONV_2D: weights [8, 1, 1, 3]") == true)
    }

    /// One operator on an image [1, 8, 8, 4], whose weights are zeros of that shape, and what the file says that it writes.
    private static func single(
        _ operation: TFLiteOperation, weights: [Int]? = nil, output: [Int], free: Set<Int> = []
    ) -> TFLiteModel {
        var model = TFLiteModel(name: "single")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let stored = weights.map { shape in
            model.add(TFLiteTensor("weights", floats: [Float](repeating: 0, count: shape.reduce(1, *)), shape: shape))
        }
        var tensor = TFLiteTensor("answer", type: .float32, shape: output)
        tensor.freeSides = free
        let answer = model.add(tensor)
        var inputs = [image]
        if let stored { inputs.append(stored) }
        model.add(operation, inputs: inputs, outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        return model
    }

    private static let wide = TFLiteWindow(padding: .valid, verticalStride: 1, horizontalStride: 2, verticalDilation: 2)

    /// Sides by TensorFlow's rules: 8 / 2 with the padding "same"; 8 − 4 and (8 − 3) / 2 + 1 with none, where three rows that
    /// are two apart reach over five.
    static let shapes: [(TFLiteOperation, weights: [Int]?, right: [Int], wrong: [Int], says: String)] = [
        (
            .convolution(TFLiteWindow(padding: .same, stride: 2), .none), [6, 3, 3, 4], [1, 4, 4, 6], [1, 8, 8, 6],
            "CONV_2D: makes 96 values, and the file says [1, 8, 8, 6]"
        ),
        (
            .depthwiseConvolution(wide, .none), [1, 3, 3, 4], [1, 4, 3, 4], [1, 4, 4, 4],
            "DEPTHWISE_CONV_2D: makes 48 values, and the file says [1, 4, 4, 4]"
        ),
        (
            .fullyConnected(.none, keepsSides: true), [5, 4], [1, 8, 8, 5], [1, 5],
            "FULLY_CONNECTED: makes 320 values, and the file says [1, 5]"
        ),
        (.reshape([-1, 16]), nil, [16, 16], [1, 16], "RESHAPE: makes 256 values, and the file says [1, 16]"),
    ]

    @Test("with shapes that do not follow from what is read are refused", arguments: shapes.indices)
    func wrongShapes(index: Int) throws {
        let (operation, weights, right, wrong, says) = Self.shapes[index]
        _ = try TFLiteGraphReader(Self.single(operation, weights: weights, output: right), path: "m.tflite")
        let error = #expect(throws: FileError.self) {
            try TFLiteGraphReader(Self.single(operation, weights: weights, output: wrong), path: "m.tflite")
        }
        #expect(error.map { "\($0)" } == "m.tflite: operator 0 \(says)")
    }

    @Test("with sides that only a run knows are refused by the operator that writes them")
    func openSides() throws {
        // A free batch is no question.
        _ = try TFLiteGraphReader(Self.single(.plain(.relu), output: [1, 8, 8, 4], free: [0]), path: "m.tflite")
        let error = #expect(throws: FileError.self) {
            try TFLiteGraphReader(Self.single(.plain(.resizeBilinear), output: [1, 1, 1, 4], free: [1, 2]), path: "m.tflite")
        }
        #expect(
            error.map { "\($0)" }
                == "m.tflite: operator 0 RESIZE_BILINEAR: expected an output of fixed sides, found 1x?x?x4, which only a run knows")
    }

    @Test("multiply lists of matrices of which each is repeated for the other")
    func repeatedMatrices() throws {
        var model = TFLiteModel(name: "matrices")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 6]))
        let left = model.add(TFLiteTensor("left", type: .float32, shape: [2, 1, 4, 6]))
        let right = model.add(TFLiteTensor("right", type: .float32, shape: [1, 2, 6, 4]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [2, 2, 4, 4]))
        model.add(.reshape([2, 1, 4, 6]), inputs: [image], outputs: [left])
        model.add(.reshape([1, 2, 6, 4]), inputs: [image], outputs: [right])
        model.add(.batchedProduct(transposesLeft: false, transposesRight: false), inputs: [left, right], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        // Four products of 4x6 and 6x4.
        #expect(try network(model).operators.map(\.step.macs) == [4 * 4 * 6 * 4])
    }
}

@Suite("Delegates of TensorFlow Lite")
struct TFLiteDelegateTests {
    @Test("take every operator of a network on float32")
    func all() throws {
        let model = TFLiteNetwork(try TrainedWeights(untrained: SmallArchitectures.active()), output: .probabilities).model
        for delegate in TFLiteDelegate.allCases { #expect(delegate.left(of: model).isEmpty, "\(delegate)") }
        #expect(TFLiteDelegate.xnnpack.report(of: model) == "XNNPACK takes all \(model.operators.count) operators")
    }

    @Test("leave what is not in their lists, by name and number")
    func some() throws {
        var model = TFLiteModel(name: "odd")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 8, 8, 4]))
        model.add(.plain(.relu), inputs: [image], outputs: [answer])
        for _ in 0..<2 { model.add(.custom("Fold"), inputs: [image], outputs: [answer]) }
        #expect(TFLiteDelegate.xnnpack.report(of: model) == "XNNPACK takes 1 of 3 operators and leaves 2 Fold")
        #expect(TFLiteDelegate.gpu.report(of: model) == "the GPU delegate takes 1 of 3 operators and leaves 2 Fold")
    }

    @Test("differ in fully connected operators whose weights have a scale for every channel", arguments: [1, 2])
    func scales(count: Int) {
        var model = TFLiteModel(name: "product")
        let map = TFLiteQuantization(scale: 0.5, zeroPoint: 0)
        let image = model.add(TFLiteTensor("image", type: .int8, shape: [1, 2], quantization: map))
        let matrix = model.add(
            TFLiteTensor(
                "weights", int8s: [1, 2, 3, 4], shape: [2, 2],
                quantization: TFLiteQuantization(scalesByChannel: Array(repeating: 0.25, count: count), dimension: 0)))
        let answer = model.add(TFLiteTensor("answer", type: .int8, shape: [1, 2], quantization: map))
        model.add(.fullyConnected(.none, keepsSides: false), inputs: [image, matrix], outputs: [answer])
        #expect(TFLiteDelegate.xnnpack.left(of: model).isEmpty && TFLiteDelegate.gpu.left(of: model).isEmpty)
        #expect(TFLiteDelegate.nnapi.left(of: model).map { $0.name } == (count == 1 ? [] : ["FULLY_CONNECTED"]))
    }
}
