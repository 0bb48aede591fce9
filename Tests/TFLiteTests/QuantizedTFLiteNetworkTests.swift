import Architectures
import Engine
import Quantization
import Testing
import TestSupport

import TFLite

@Suite("Quantised networks as TensorFlow Lite models")
struct QuantizedTFLiteNetworkTests {
    private func quantized() throws -> QuantizedNetwork {
        let images = SmallRuns.images(60, seed: 4)
        var quantization = PostTrainingQuantization(context: ExecutionContext(threads: 2))
        quantization.images = 50
        return try quantization.quantize(
            FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: 17)), images: images,
            statistics: images.channelStatistics)
    }

    @Test("compute with integers alone between the image and the answer")
    func operators() throws {
        let network = try quantized(), model = QuantizedTFLiteNetwork(network).model
        #expect(model.operators.first?.operation == .plain(.quantize) && model.operators.last?.operation == .plain(.dequantize))
        #expect(model.operators.count { $0.operation.name == "ADD" } == 2)
        #expect(model.operators.count { $0.operation.name == "DEPTHWISE_CONV_2D" } == 4)
        // Maps of 8x8 and 4x4 pixels at stride 2.
        #expect(model.operators.count { $0.operation == .plain(.pad) } == 2)
        for step in model.operators.dropFirst().dropLast() {
            let maps = [step.inputs[0], step.outputs[0]].compactMap(\.self).map { model.tensors[$0] }
            #expect(maps.allSatisfy { $0.type == .int8 && $0.quantization?.scales.count == 1 }, "\(step.operation.name)")
            if ["PAD", "RESHAPE"].contains(step.operation.name) { #expect(maps[0].quantization == maps[1].quantization) }
            guard step.inputs.count == 3 else { continue }
            let constants = step.inputs.dropFirst().compactMap(\.self).map { model.tensors[$0] }
            let weights = try #require(constants[0].quantization), bias = try #require(constants[1].quantization)
            #expect(constants[0].type == .int8 && constants[1].type == .int32)
            #expect(constants[0].shape[weights.dimension] == weights.scales.count && weights.zeroPoints.allSatisfy { $0 == 0 })
            #expect(bias.scales == weights.scales.map { maps[0].quantization!.scales[0] * $0 })
        }
        #expect(model.inputs.map { model.tensors[$0].name } == ["image"])
        #expect(model.outputs.map { model.tensors[$0].name } == ["logits"])
    }

    @Test("have no fully connected operator, whose scales by channel not every runtime knows, and the same shape of the answer")
    func classifier() throws {
        let network = try quantized(), model = QuantizedTFLiteNetwork(network).model
        #expect(model.operators.suffix(3).map(\.operation.name) == ["CONV_2D", "RESHAPE", "DEQUANTIZE"])
        #expect(!model.operators.contains { $0.operation.name == "FULLY_CONNECTED" })
        let weights = try #require(model.tensors.first { $0.name == "classifier.weights" })
        let channels = network.steps[network.steps.count - 1].input.channels
        #expect(weights.shape == [network.classes, 1, 1, channels] && weights.quantization?.scales.count == network.classes)
        #expect(model.tensors[model.outputs[0]].shape == [1, network.classes])
        for delegate in TFLiteDelegate.allCases { #expect(delegate.left(of: model).isEmpty, "\(delegate)") }
    }

    @Test("hold the weights with the output channel first")
    func weights() throws {
        let network = try quantized(), model = QuantizedTFLiteNetwork(network).model
        for step in network.steps where step.hasWeights {
            let tensor = try #require(model.tensors.first { $0.name == "\(step.name).weights" })
            let values = try #require(tensor.integers)
            let outputs = step.output.channels, rows = step.weights.count / outputs
            let isDepthwise = if case .depthwise = step.kind { true } else { false }
            for row in 0..<rows {
                for output in 0..<outputs {
                    let place = isDepthwise ? row * outputs + output : output * rows + row
                    #expect(values[place] == Int(step.weights[row * outputs + output]))
                }
            }
        }
    }

    @Test("take bytes and answer probabilities where that is asked")
    func ends() throws {
        let model = QuantizedTFLiteNetwork(
            try quantized(), input: .bytes(mean: [0.5], std: [0.25]), output: .probabilities
        ).model
        #expect(model.operators.prefix(4).map(\.operation.name) == ["DEQUANTIZE", "ADD", "MUL", "QUANTIZE"])
        #expect(model.operators.suffix(2).map(\.operation.name) == ["DEQUANTIZE", "SOFTMAX"])
        #expect(model.tensors[model.inputs[0]].type == .uint8)
        #expect(model.outputs.map { model.tensors[$0].name } == ["probabilities"])
    }
}
