import Architectures
import Testing
import TestSupport

import TFLite

@Suite("Networks as TensorFlow Lite models")
struct TFLiteNetworkTests {
    @Test("have the operators of the architecture, with what a window needs before it")
    func operators() throws {
        let model = TFLiteNetwork(try TrainedWeights(untrained: SmallArchitectures.active())).model
        #expect(
            model.operators.map(\.operation.name) == [
                "PAD", "CONV_2D",
                // Expansion and depthwise convolution with ReLU6, squeeze-excite with swish and hard sigmoid.
                "CONV_2D", "PAD", "DEPTHWISE_CONV_2D", "MEAN", "CONV_2D", "LOGISTIC", "MUL", "CONV_2D", "ADD", "MUL", "MUL",
                "CONV_2D",
                "CONV_2D", "HARD_SWISH", "PAD", "DEPTHWISE_CONV_2D", "HARD_SWISH", "MEAN", "CONV_2D", "CONV_2D", "LOGISTIC",
                "MUL", "CONV_2D",
                "CONV_2D", "LOGISTIC", "MUL", "DEPTHWISE_CONV_2D", "LOGISTIC", "MUL", "CONV_2D", "ADD",
                "CONV_2D", "HARD_SWISH", "MEAN", "CONV_2D", "HARD_SWISH", "FULLY_CONNECTED",
            ])
        #expect(model.inputs.map { model.tensors[$0].name } == ["image"])
        #expect(model.inputs.map { model.tensors[$0].shape } == [[1, 32, 24, 3]])
        #expect(model.outputs.map { model.tensors[$0].name } == ["logits"])
    }

    @Test("pad as TensorFlow does where that is half a kernel: at stride 1, and at stride 2 on odd sides")
    func padding() throws {
        let model = TFLiteNetwork(try TrainedWeights(untrained: SmallArchitectures.plain())).model
        #expect(!model.operators.contains { $0.operation == .plain(.pad) })
    }

    @Test("have shapes that follow from each other")
    func shapes() throws {
        for architecture in try [SmallArchitectures.plain(), SmallArchitectures.squeezed(), SmallArchitectures.active()] {
            let model = TFLiteNetwork(try TrainedWeights(untrained: architecture)).model
            for tensor in model.tensors {
                if let data = tensor.data { #expect(data.count == 4 * tensor.count, "\(tensor.name)") }
            }
            for step in model.operators {
                let shapes = step.inputs.compactMap(\.self).map { model.tensors[$0].shape }
                let output = model.tensors[step.outputs[0]].shape
                switch step.operation {
                case .convolution(let window, _):
                    #expect(shapes[1][3] == shapes[0][3] && shapes[1][0] == output[3] && shapes[2] == [output[3]])
                    #expect(output[1] == Self.side(shapes[0][1], shapes[1][1], window))
                case .depthwiseConvolution(let window, _):
                    #expect(shapes[1][3] == shapes[0][3] && shapes[1][3] == output[3] && shapes[2] == [output[3]])
                    #expect(output[2] == Self.side(shapes[0][2], shapes[1][2], window))
                case .fullyConnected: #expect(shapes[1] == [output[1], shapes[0][3]])
                default: break
                }
            }
        }
    }

    /// The side of an output, by LiteRT's rule.
    private static func side(_ side: Int, _ kernel: Int, _ window: TFLiteWindow) -> Int {
        let stride = window.verticalStride
        return window.padding == .same ? (side + stride - 1) / stride : (side - kernel + stride) / stride
    }

    @Test("take bytes and answer probabilities where that is asked")
    func ends() throws {
        let weights = try TrainedWeights(untrained: SmallArchitectures.squeezed())
        let model = TFLiteNetwork(
            weights, input: .bytes(mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 0.125]), output: .probabilities
        ).model
        #expect(model.operators.map(\.operation.name).prefix(2) == ["DEQUANTIZE", "ADD"])
        #expect(model.operators.last?.operation == .softmax(beta: 1))
        #expect(model.tensors[model.inputs[0]].type == .uint8)
        #expect(model.tensors[model.outputs[0]].name == "probabilities")
        let plain = TFLiteNetwork(weights).model
        func stem(_ model: TFLiteModel) throws -> [Float] {
            try #require(model.tensors.first { $0.name == "stem.convolution.weights" }?.floats)
        }
        let pairs = zip(try stem(model), try stem(plain)).enumerated()
        #expect(pairs.allSatisfy { index, pair in abs(pair.0 - pair.1 / [0.5, 0.25, 0.125][index % 3]) <= 1e-6 * abs(pair.0) })
    }
}

@Suite("Parts of networks as TensorFlow Lite models")
struct TFLitePartTests {
    @Test("are every layer of a network alone, from its input to its output")
    func parts() throws {
        for architecture in try [SmallArchitectures.plain(), SmallArchitectures.active()] {
            for layer in architecture.network.layers where !layer.operators.isEmpty {
                let model = TFLitePart(layer).model
                let input = model.tensors[model.inputs[0]], output = model.tensors[model.outputs[0]]
                #expect(input.name == "input" && output.name == "output")
                #expect(input.shape == [1, layer.input.height, layer.input.width, layer.input.channels])
                #expect(output.count == layer.output.count, "\(layer.key)")
                let bytes = try #require(model.bytes())
                #expect(try TFLiteModel(bytes, path: "part.tflite") == model)
            }
        }
    }

    @Test("in int8 are the same operators on integers, whose weights are those of float32 to half a step")
    func integers() throws {
        for architecture in try [SmallArchitectures.plain(), SmallArchitectures.active(), SmallArchitectures.squeezed()] {
            let float = TFLitePart(architecture.network).model
            let model = TFLitePart(architecture.network, isInt8: true).model
            #expect(model.operators == float.operators)
            #expect(model.tensors.allSatisfy { $0.type == .int8 || $0.type == .int32 })
            for (tensor, original) in zip(model.tensors, float.tensors) {
                guard let values = original.floats else { continue }
                let integers = try #require(tensor.integers), encoding = try #require(tensor.quantization)
                let channels = encoding.scales.count
                #expect(encoding.zeroPoints.allSatisfy { $0 == 0 })
                let isFirst = encoding.dimension == 0
                for (index, value) in values.enumerated() {
                    let channel = isFirst ? index / (values.count / channels) : index % channels
                    let scale = encoding.scales[channel]
                    #expect(abs(Float(integers[index]) * scale - value) <= 0.501 * scale, "\(tensor.name)")
                }
            }
            // Every map says what its integers mean, as the runtime requires.
            let maps = model.tensors.filter { !$0.isConstant }
            #expect(!maps.isEmpty && maps.allSatisfy { $0.quantization?.scales.count == 1 })
        }
    }
}
