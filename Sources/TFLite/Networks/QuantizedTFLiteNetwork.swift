import Architectures
import Quantization

/// A quantised network as a graph of TensorFlow Lite's operators on int8, between a quantisation of the image and a
/// dequantisation of the answer: the input and the output are those of `TFLiteNetwork`, and XNNPACK takes every operator.
///
/// A fully connected step is a convolution of one pixel, which computes the same integers: NNAPI and older runtimes of
/// microcontrollers have one scale for all weights of a fully connected operator, and one for each channel of a convolution.
///
///     try QuantizedTFLiteNetwork(quantized).model.write(to: "network.tflite")
public struct QuantizedTFLiteNetwork: Sendable {
    public let model: TFLiteModel

    public init(_ network: QuantizedNetwork, input: TFLiteNetwork.Input = .normalized, output: TFLiteNetwork.Output = .logits) {
        var builder = TFLiteGraphBuilder(name: network.name)
        // The tensor of every value.
        var tensors = [builder.quantize(Self.image(network.input, input, &builder), network.encodings[0].tflite, "image.quantized")]
        for (index, step) in network.steps.enumerated() {
            let inputs = step.inputs.map { tensors[$0] }
            tensors.append(
                builder.append(
                    step, inputs, scale: network.encodings[step.inputs[0]].scale, output: network.encodings[index + 1].tflite))
        }
        let answer = builder.flatten(tensors[tensors.count - 1], "classifier.flat")
        var value = builder.dequantize(answer, "classifier.dequantized")
        if output == .probabilities { value = builder.softmax(value, "probabilities") }
        builder.output(value, output.name)
        model = builder.model
    }

    /// Adds the input and returns the normalised image.
    private static func image(
        _ shape: FeatureShape, _ input: TFLiteNetwork.Input, _ builder: inout TFLiteGraphBuilder
    ) -> Int {
        let image = builder.image(shape, input)
        guard case .bytes(_, let std) = input else { return image }
        return builder.arithmetic(
            .multiply, image, builder.constant("image.factors", std.map { Float(1 / $0) }), "image.normalized")
    }
}

extension Encoding {
    fileprivate var tflite: TFLiteQuantization { TFLiteQuantization(scale: scale, zeroPoint: Int(zeroPoint)) }
}

extension TFLiteGraphBuilder {
    /// The integers of a map.
    fileprivate mutating func quantize(_ input: Int, _ quantization: TFLiteQuantization, _ name: String) -> Int {
        let value = model.add(TFLiteTensor(name, type: .int8, shape: shape(of: input), quantization: quantization))
        model.add(.plain(.quantize), inputs: [input], outputs: [value])
        return value
    }

    /// The integers of a map of one pixel as [1, channels].
    fileprivate mutating func flatten(_ input: Int, _ name: String) -> Int {
        let map = model.tensors[input], sides = [1, map.count]
        let shape = model.add(TFLiteTensor("\(name).shape", int32s: sides.map(Int32.init), shape: [sides.count]))
        let value = model.add(TFLiteTensor(name, type: map.type, shape: sides, quantization: map.quantization))
        model.add(.reshape(sides), inputs: [input, shape], outputs: [value])
        return value
    }

    /// An operator on integers.
    ///
    /// - Parameters:
    ///   - inputs: the maps that it reads.
    ///   - scale: of the first of them.
    ///   - output: what its result means.
    fileprivate mutating func append(
        _ step: QuantizedNetwork.Step, _ inputs: [Int], scale: Float, output: TFLiteQuantization
    ) -> Int {
        let name = step.name, sides = step.output, activation = step.activation.fused ?? .none
        var reads = inputs
        let operation: TFLiteOperation
        switch step.kind {
        case .convolution(let kernel, let stride), .depthwise(let kernel, let stride):
            let (padded, padding) = padded(inputs[0], name, side: kernel, stride: stride)
            let window = TFLiteWindow(padding: padding, stride: stride)
            if case .depthwise = step.kind {
                reads = [padded] + constants(
                    of: step, shape: [1, kernel, kernel, sides.channels], dimension: 3, step.weights, scale: scale)
                operation = .depthwiseConvolution(window, activation)
            } else {
                reads = [padded] + constants(
                    of: step, shape: [sides.channels, kernel, kernel, step.input.channels], dimension: 0,
                    step.weightsByOutput, scale: scale)
                operation = .convolution(window, activation)
            }
        case .fullyConnected:
            reads += constants(
                of: step, shape: [sides.channels, 1, 1, step.input.channels], dimension: 0,
                step.weightsByOutput, scale: scale)
            operation = .convolution(TFLiteWindow(padding: .same), activation)
        case .add: operation = .arithmetic(.add, activation)
        case .mean:
            reads.append(model.add(TFLiteTensor("\(name).axes", int32s: [1, 2], shape: [2])))
            operation = .reduction(.mean, keepsSides: true)
        }
        let shape = [1, sides.height, sides.width, sides.channels]
        let value = model.add(TFLiteTensor(name, type: .int8, shape: shape, quantization: output))
        model.add(operation, inputs: reads, outputs: [value])
        return value
    }

    /// Adds the weights and the bias of a step.
    private mutating func constants(
        of step: QuantizedNetwork.Step, shape: [Int], dimension: Int, _ weights: [Int8], scale: Float
    ) -> [Int] {
        [
            model.add(
                TFLiteTensor(
                    "\(step.name).weights", int8s: weights, shape: shape,
                    quantization: .init(scalesByChannel: step.weightScales, dimension: dimension))),
            model.add(
                TFLiteTensor(
                    "\(step.name).bias", int32s: step.bias, shape: [step.bias.count],
                    quantization: .init(scalesByChannel: step.weightScales.map { scale * $0 }, dimension: 0))),
        ]
    }
}
