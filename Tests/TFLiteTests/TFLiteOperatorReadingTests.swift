import Architectures
import Files
import Graphs
import Testing
import TestSupport

import TFLite

/// Multiply-accumulates by hand, from the shapes of weights and of what they are multiplied by.
@Suite("Operators of TensorFlow Lite models in neutral graphs")
struct TFLiteOperatorReadingTests {
    private func network(_ model: TFLiteModel) throws -> GraphNetwork {
        GraphNetwork(try TFLiteGraphReader(model, path: "m.tflite").graph)
    }

    private func macs(_ network: GraphNetwork) -> [Int] { network.operators.map(\.step.macs) }

    /// A model of one operator whose first input is an image, with further inputs.
    private static func single(
        _ operation: TFLiteOperation, image: [Int], others: [TFLiteTensor] = [], output: [Int], imageFirst: Bool = true
    ) -> TFLiteModel {
        var model = TFLiteModel(name: "single")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: image))
        let further = others.map { model.add($0) }
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: output))
        model.add(operation, inputs: imageFirst ? [image] + further : further + [image], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        return model
    }

    private static func zeros(_ shape: [Int]) -> TFLiteTensor {
        TFLiteTensor("zeros", floats: [Float](repeating: 0, count: shape.reduce(1, *)), shape: shape)
    }

    /// Four values, to which a product of the state is added; another product of the sum is the next state.
    @Test("with a state multiply it, and compute the next one though the answer does not need it")
    func states() throws {
        var model = TFLiteModel(name: "state")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 4]))
        let handle = model.add(TFLiteTensor("handle", type: .resource, shape: []))
        let first = model.add(Self.zeros([4, 6])), second = model.add(Self.zeros([6, 4]))
        let state = model.add(TFLiteTensor("state", type: .float32, shape: [1, 6]))
        let product = model.add(TFLiteTensor("product", type: .float32, shape: [1, 4]))
        let sum = model.add(TFLiteTensor("sum", type: .float32, shape: [1, 4]))
        let next = model.add(TFLiteTensor("next", type: .float32, shape: [1, 6]))
        model.add(.plain(TFLiteCode(rawValue: 142)), inputs: [], outputs: [handle])
        model.add(.plain(.readVariable), inputs: [handle], outputs: [state])
        model.add(.fullyConnected(.none, keepsSides: false), inputs: [state, first], outputs: [product])
        model.add(.arithmetic(.add, .none), inputs: [image, product], outputs: [sum])
        model.add(.fullyConnected(.none, keepsSides: false), inputs: [sum, second], outputs: [next])
        model.add(.plain(.assignVariable), inputs: [handle, next], outputs: [])
        model.inputs = [image]
        model.outputs = [sum]
        let found = try network(model)
        #expect(found.unknown.isEmpty)
        #expect(found.operators.map(\.step.kind) == [.memoryMove, .fullyConnected, .add, .fullyConnected, .memoryMove])
        #expect(macs(found) == [0, 24, 0, 24, 0])
    }

    @Test("compute shapes from shapes, which launch nothing")
    func shapes() throws {
        var model = TFLiteModel(name: "shapes")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 4]))
        let places = (0..<2).map { model.add(TFLiteTensor("place", int32s: [Int32($0)], shape: [1])) }
        let rest = model.add(TFLiteTensor("rest", int32s: [256], shape: []))
        let shape = model.add(TFLiteTensor("shape", type: .int32, shape: [4]))
        let batch = model.add(TFLiteTensor("batch", type: .int32, shape: []))
        let sides = model.add(TFLiteTensor("sides", type: .int32, shape: [2]))
        let flat = model.add(TFLiteTensor("flat", type: .float32, shape: [1, 256]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 256]))
        model.add(.plain(.shape), inputs: [image], outputs: [shape])
        model.add(.plain(.stridedSlice), inputs: [shape, places[0], places[1], places[1]], outputs: [batch])
        model.add(.plain(.pack), inputs: [batch, rest], outputs: [sides])
        model.add(.reshape([]), inputs: [image, sides], outputs: [flat])
        model.add(.plain(.relu), inputs: [flat], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        let found = try network(model)
        #expect(found.unknown.isEmpty && found.operators.map(\.step.kind) == [.activate])
    }

    @Test("are depthwise over a single channel, of which each output has a kernel")
    func singleChannel() throws {
        let operation = TFLiteOperation.depthwiseConvolution(TFLiteWindow(padding: .same, stride: 2), .relu)
        func model(_ weights: [Int]) -> TFLiteModel {
            Self.single(operation, image: [1, 49, 40, 1], others: [Self.zeros(weights), Self.zeros([8])], output: [1, 25, 20, 8])
        }
        #expect(try macs(network(model([1, 10, 8, 8]))) == [25 * 20 * 8 * 80])
        #expect(throws: FileError.self) { try network(model([8, 10, 8, 1])) }
    }

    @Test("spread maps whose channels the weights have")
    func spread() throws {
        func model(_ weights: [Int], _ output: [Int]) -> TFLiteModel {
            Self.single(
                .transposedConvolution(TFLiteWindow(padding: .same, stride: 2), .none), image: [1, 8, 8, 4],
                others: [TFLiteTensor("sides", int32s: output.map(Int32.init), shape: [4]), Self.zeros(weights)],
                output: output, imageFirst: false)
        }
        #expect(try macs(network(model([6, 3, 3, 4], [1, 16, 16, 6]))) == [64 * 4 * 6 * 9])
        for (weights, output) in [([6, 3, 3, 2], [1, 16, 16, 6]), ([6, 3, 3, 4], [1, 16, 16, 9])] {
            #expect(throws: FileError.self) { try network(model(weights, output)) }
        }
    }

    @Test("read several inputs, of any number of sides")
    func inputs() throws {
        var model = TFLiteModel(name: "inputs")
        var sums: [Int] = []
        for count in [3, 5] {
            let input = model.add(TFLiteTensor("input", type: .float32, shape: [1, count]))
            let weights = model.add(Self.zeros([7, count]))
            let sum = model.add(TFLiteTensor("sum", type: .float32, shape: [1, 7]))
            model.add(.fullyConnected(.none, keepsSides: false), inputs: [input, weights], outputs: [sum])
            model.inputs.append(input)
            sums.append(sum)
        }
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 14]))
        model.add(.concatenation(axis: 1, .none), inputs: sums, outputs: [answer])
        model.outputs = [answer]
        #expect(try macs(network(model)) == [7 * 3, 7 * 5, 0])
    }

    @Test("are said to take several images at once")
    func batch() throws {
        func assumptions(_ count: Int) throws -> [String] {
            let sides = [count, 8, 8, 4]
            return try TFLiteGraphReader(Self.single(.plain(.relu), image: sides, output: sides), path: "m.tflite").assumptions
        }
        #expect(try assumptions(1) == [])
        #expect(try assumptions(8) == ["the model takes 8 images at once: all of them are priced"])
    }

    @Test("may be of half precision where the file says so")
    func precision() throws {
        var model = Self.single(.plain(.relu), image: [1, 4], output: [1, 4])
        model.metadata = [TFLiteMetadata(name: "reduced_precision_support", bytes: Array("fp16accfp32".utf8)[...])]
        #expect(
            try TFLiteGraphReader(model, path: "m.tflite").assumptions == [
                "the file lets a runtime compute in float16 (reduced_precision_support): float32 is priced"
            ])
    }

    static let unary: [(TFLiteCode, Operator.Kind)] = [
        (.logarithm, .function), (.sine, .function), (.floor, .function), (.sign, .function), (.fakeQuantize, .function),
        (.relu0To1, .activate), (.reverse, .memoryMove), (.cumulativeSum, .memoryMove), (.normalizationOfLength, .layerNormalization),
    ]

    @Test("of one value are known", arguments: unary.indices)
    func functions(index: Int) throws {
        let (code, kind) = Self.unary[index], sides = [1, 8, 8, 4]
        let found = try network(Self.single(.plain(code), image: sides, output: sides))
        #expect(found.unknown.isEmpty && found.operators.map(\.step.kind) == [kind], "\(code)")
    }

    @Test(
        "of several values are known",
        arguments: [TFLiteCode.equal, .less, .greaterOrEqual, .select, .selectOfBroadcast, .flooredQuotient, .remainder, .angle, .sumOfAll])
    func severalValues(code: TFLiteCode) throws {
        let sides = [1, 8, 8, 4], count = code == .select || code == .selectOfBroadcast ? 2 : 1
        let others = (0..<count).map { _ in Self.zeros([4]) }
        let found = try network(Self.single(.plain(code), image: sides, others: others, output: sides))
        #expect(found.unknown.isEmpty && found.operators.map(\.step.kind) == [.elementwise], "\(code)")
    }

    @Test("with slopes count them")
    func slopes() throws {
        let found = try network(
            Self.single(.plain(.prelu), image: [1, 8, 8, 4], others: [Self.zeros([1, 1, 4])], output: [1, 8, 8, 4]))
        #expect(found.operators.map(\.step.kind) == [.elementwise] && found.operators.map(\.step.parameters) == [4])
    }

    @Test("of factors and offsets count them, also beside values that are no maps")
    func factors() throws {
        var model = TFLiteModel(name: "factors")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 4]))
        let weights = model.add(Self.zeros([8, 4])), factors = model.add(Self.zeros([8])), offsets = model.add(Self.zeros([8]))
        let values = (0..<4).map { model.add(TFLiteTensor("v\($0)", type: .float32, shape: [1, 8])) }
        model.add(.fullyConnected(.none, keepsSides: false), inputs: [image, weights], outputs: [values[0]])
        model.add(.plain(.tanh), inputs: [values[0]], outputs: [values[1]])
        model.add(.arithmetic(.multiply, .none), inputs: [values[1], factors], outputs: [values[2]])
        model.add(.arithmetic(.add, .none), inputs: [values[2], offsets], outputs: [values[3]])
        model.inputs = [image]
        model.outputs = [values[3]]
        #expect(try network(model).operators.map(\.step.parameters) == [32, 0, 8, 8])
    }

    @Test("that move what another computes keep it")
    func updates() throws {
        var model = TFLiteModel(name: "updates")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 4]))
        let weights = model.add(Self.zeros([6, 4])), kept = model.add(Self.zeros([9, 6]))
        let start = model.add(TFLiteTensor("start", int32s: [2, 0], shape: [2]))
        let row = model.add(TFLiteTensor("row", type: .float32, shape: [1, 6]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [9, 6]))
        model.add(.fullyConnected(.none, keepsSides: false), inputs: [image, weights], outputs: [row])
        model.add(.plain(.updateSlice), inputs: [kept, row, start], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        #expect(try macs(network(model)) == [24, 0])
        // Nothing is kept.
        let none = model.add(TFLiteTensor("none", floats: [], shape: [0, 6]))
        model.replace(kept, by: model.tensors[none])
        #expect(try macs(network(model)) == [24, 0])
    }

    /// Of five rows of three values, with two cells: four matrices [2, 3], four [2, 2], and four biases.
    @Test("of LSTM are the products of all gates")
    func longShortTermMemory() throws {
        let matrices = (0..<4).map { _ in Self.zeros([2, 3]) } + (0..<4).map { _ in Self.zeros([2, 2]) }
        var model = Self.single(
            .plain(.sequenceOfLongShortTermMemory), image: [1, 5, 3], others: matrices + (0..<4).map { _ in Self.zeros([2]) },
            output: [1, 5, 2])
        let found = try network(model)
        #expect(found.unknown.isEmpty && macs(found).reduce(0, +) == 5 * 4 * (2 * 3 + 2 * 2))
        let parameters = found.operators.map(\.step.parameters).reduce(0, +)
        #expect(parameters == 4 * (2 * 3 + 2 * 2 + 2))
        // Five rows come one after another.
        #expect(found.operators.map(\.step).filter { $0.macs > 0 }.map(\.timeSteps) == Array(repeating: 5, count: 8))
        #expect(try TFLiteGraphReader(model, path: "m.tflite").assumptions == [Graph.recurrenceAssumption])
        // Nothing is known of one without weights.
        model = Self.single(.plain(.sequenceOfLongShortTermMemory), image: [1, 5, 3], output: [1, 5, 2])
        #expect(try network(model).unknown.map(\.kind) == ["UNIDIRECTIONAL_SEQUENCE_LSTM"])
    }

    /// Six filters of four values, each over ten of its own results.
    @Test("of memory filters are products over values and over time")
    func filteredMemory() throws {
        let model = Self.single(
            .plain(.filteredMemory), image: [1, 4], others: [Self.zeros([6, 4]), Self.zeros([6, 10]), Self.zeros([6])],
            output: [1, 6])
        #expect(try macs(network(model)).reduce(0, +) == 6 * 4 + 6 * 10)
    }

    @Test("over volumes are products of patches")
    func volumes() throws {
        let plain = Self.single(
            .plain(.volumeConvolution), image: [1, 4, 4, 4, 2], others: [Self.zeros([3, 3, 3, 2, 5])], output: [1, 4, 4, 4, 5])
        #expect(try macs(network(plain)) == [64 * 27 * 2 * 5])
        // Every one of the eight values is spread over eight places.
        let sides = TFLiteTensor("sides", int32s: [1, 4, 4, 4, 5], shape: [5])
        let spread = Self.single(
            .plain(.transposedVolumeConvolution), image: [1, 2, 2, 2, 3], others: [sides, Self.zeros([2, 2, 2, 5, 3])],
            output: [1, 4, 4, 4, 5], imageFirst: false)
        #expect(try macs(network(spread)) == [8 * 8 * 3 * 5])
    }

    /// A convolution on int16 maps with int8 weights, and a function of its dequantised result that is quantised again.
    @Test("on integers of sixteen bits are no int8 ones, and it is said")
    func wideIntegers() throws {
        var model = TFLiteModel(name: "wide")
        func map(_ name: String, _ type: TFLiteType, channels: Int = 8) -> Int {
            let quantization = type == .int16 ? TFLiteQuantization(scale: 0.1, zeroPoint: 0) : nil
            return model.add(TFLiteTensor(name, type: type, shape: [1, 8, 8, channels], quantization: quantization))
        }
        let image = map("image", .int16, channels: 4), convolved = map("convolved", .int16)
        let wide = map("wide", .float32), bent = map("bent", .float32), answer = map("answer", .int16)
        let weights = model.add(
            TFLiteTensor(
                "weights", int8s: [Int8](repeating: 1, count: 32), shape: [8, 1, 1, 4],
                quantization: .init(scalesByChannel: [Float](repeating: 0.1, count: 8), dimension: 0)))
        model.add(.convolution(TFLiteWindow(padding: .same), .none), inputs: [image, weights, nil], outputs: [convolved])
        model.add(.plain(.dequantize), inputs: [convolved], outputs: [wide])
        model.add(.leakyRelu(slope: 0.1), inputs: [wide], outputs: [bent])
        model.add(.plain(.quantize), inputs: [bent], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        let reader = try TFLiteGraphReader(model, path: "m.tflite")
        #expect(GraphNetwork(reader.graph).operators.allSatisfy { $0.step.valueType == nil })
        #expect(
            reader.assumptions == [
                "maps of int16 are multiplied by weights in 1 operator: they are priced as float32, which has twice their bytes"
            ])
    }

    @Test("of float32 maps and weights of integers are said to be such", arguments: [TFLiteType.int8, .uint8, .int4])
    func hybrids(type: TFLiteType) throws {
        let bytes = [UInt8](repeating: 0, count: 32 * (type.bits ?? 8) / 8)
        let weights = TFLiteTensor(
            "weights", type: type, shape: [8, 4], quantization: .init(scale: 0.1, zeroPoint: 0), data: bytes[...])
        let model = Self.single(.fullyConnected(.none, keepsSides: false), image: [1, 4], others: [weights], output: [1, 8])
        let assumptions = try TFLiteGraphReader(model, path: "m.tflite").assumptions
        #expect(assumptions.count == 1 && assumptions[0].hasPrefix("maps of float32 are multiplied by weights of integers in 1 operator:"))
    }

    /// 4 · 8 products of the composite operator, 8 · 8 of the branch that costs more, and the 32 and 64 weights of both.
    @Test("that call a graph of the file are the operators of that graph, of two graphs the dearer")
    func calls() throws {
        let reader = try TFLiteGraphReader(TFLiteModel(CallingTFLiteFile.bytes, path: "m.tflite"), path: "m.tflite")
        let found = GraphNetwork(reader.graph)
        #expect(found.unknown.isEmpty)
        #expect(found.operators.map(\.step.kind) == [.fullyConnected, .reduce, .elementwise, .fullyConnected])
        #expect(macs(found) == [32, 0, 0, 64])
        #expect(found.operators.reduce(0) { $0 + $1.step.parameters } == 96)
        #expect(reader.choices.map { "\($0.place), graph \($0.graph), \($0.difference)" } == ["operator 3 IF, graph 2, 64"])
        #expect(
            reader.assumptions == [
                "composite operators (odml.widen) are priced as the operators that the file has for them, which a delegate may "
                    + "run as one",
                "programs call further graphs of the file, by the signatures \"decode\": the first graph is priced",
            ])
    }

    @Test("that have graphs which are not there are named")
    func missingGraphs() throws {
        var model = Self.single(.branch(then: 1, otherwise: 2), image: [1, 4], output: [1, 4])
        #expect(try network(model).unknown.map(\.kind) == ["IF"])
        model = Self.single(.composite("odml.fold", graph: 1), image: [1, 4], output: [1, 4])
        #expect(try network(model).unknown.map(\.kind) == ["odml.fold"])
    }
}
