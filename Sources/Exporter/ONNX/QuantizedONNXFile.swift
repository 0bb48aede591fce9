import Architectures
import Files
import Quantization

/// A quantised network as an ONNX model, opset 17, in the form that runtimes fuse: every map is quantised and dequantised
/// (QuantizeLinear, DequantizeLinear) where an operator of eight bits reads or writes it.
///
/// Input "image" [batch, channels, height, width], output "logits" [batch, classes], both float32, the batch symbolic.
/// Weights are int8 with a scale for every output channel, biases int32, maps int8 with one scale and zero point.
public struct QuantizedONNXFile: Sendable {
    public let network: QuantizedNetwork

    public init(_ network: QuantizedNetwork) { self.network = network }

    static let schema = "onepath.onnx-int8/1"

    /// Replaces the file at `path` atomically.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - metadata: more texts for the model's metadata, such as the normalisation of images.
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String, metadata: [(key: String, value: String)] = []) throws {
        var model = ONNXModelProto(graph, metadata: [("schema", Self.schema)] + metadata)
        try model.addDigest()
        try AtomicFile.write(model.fileBytes(), to: path)
    }

    private var graph: ONNXGraphProto {
        var builder = ONNXGraphBuilder(name: network.name)
        let input = network.input
        builder.addInput(
            "image", [.symbolic("batch"), .fixed(input.channels), .fixed(input.height), .fixed(input.width)])
        builder.addOutput("logits", [.symbolic("batch"), .fixed(network.classes)])
        // The dequantised form of every value.
        var values = [quantized("image", "image", network.encodings[0], &builder)]
        var isFlat = false
        for (index, step) in network.steps.enumerated() {
            var inputs = step.inputs.map { values[$0] }
            let encoding = network.encodings[index + 1], name = step.name
            if step.kind == .fullyConnected, !isFlat {
                // Between integers of one encoding, which moves them and rounds nothing.
                let flat = builder.node("Flatten", "\(name).flatten", inputs)
                inputs = [quantized(flat, "\(name).flat", network.encodings[step.inputs[0]], &builder)]
                isFlat = true
            }
            if step.hasWeights { inputs += weights(of: step, &builder) }
            var result: String
            switch step.kind {
            case .convolution(let kernel, let stride):
                result = builder.convolution(name, inputs, kernel: kernel, stride: stride, groups: 1)
            case .depthwise(let kernel, let stride):
                result = builder.convolution(name, inputs, kernel: kernel, stride: stride, groups: step.output.channels)
            case .fullyConnected:
                result = builder.node("Gemm", name, inputs, attributes: [.int("transB", 1)])
            case .add: result = builder.node("Add", name, inputs)
            case .mean: result = builder.node("GlobalAveragePool", name, inputs)
            }
            result = builder.activate(result, step.activation, "\(name).activation")
            let isLast = index == network.steps.count - 1
            values.append(quantized(result, name, encoding, output: isLast ? "logits" : nil, &builder))
        }
        return builder.graph
    }

    /// Adds a quantisation of a value and its dequantisation, and returns the name of the latter's output.
    private func quantized(
        _ value: String, _ name: String, _ encoding: Encoding, output: String? = nil, _ builder: inout ONNXGraphBuilder
    ) -> String {
        builder.addInitializer("\(name).scale", shape: [], [encoding.scale])
        builder.addInitializer("\(name).zero_point", shape: [], [encoding.zeroPoint])
        let parameters = ["\(name).scale", "\(name).zero_point"]
        let integers = builder.node("QuantizeLinear", "\(name).quantize", [value] + parameters)
        return builder.node("DequantizeLinear", "\(name).dequantize", [integers] + parameters, output: output)
    }

    /// Adds the weights and the bias of a step, and returns the names of their dequantised forms.
    private func weights(of step: QuantizedNetwork.Step, _ builder: inout ONNXGraphBuilder) -> [String] {
        let name = step.name, channels = step.output.channels
        builder.addInitializer("\(name).weights", shape: shape(of: step), channelsFirst(step))
        builder.addInitializer("\(name).weights_scale", shape: [channels], step.weightScales)
        builder.addInitializer(
            "\(name).weights_zero_point", shape: [channels], [Int8](repeating: 0, count: channels))
        let input = network.encodings[step.inputs[0]].scale
        builder.addInitializer("\(name).bias", shape: [channels], step.bias)
        builder.addInitializer("\(name).bias_scale", shape: [channels], step.weightScales.map { input * $0 })
        builder.addInitializer("\(name).bias_zero_point", shape: [channels], [Int32](repeating: 0, count: channels))
        return ["\(name).weights", "\(name).bias"].map { tensor in
            builder.node(
                "DequantizeLinear", "\(tensor)_dequantize", [tensor, "\(tensor)_scale", "\(tensor)_zero_point"],
                attributes: [.int("axis", 0)])
        }
    }

    /// The weights in the order of `shape(of:)`.
    private func channelsFirst(_ step: QuantizedNetwork.Step) -> [Int8] {
        let outputs = step.output.channels, inputs = step.kind.hasInputChannels ? step.input.channels : 1
        return WeightTensor.reversingAxes(step.weights, step.weights.count / outputs / inputs, inputs, outputs)
    }

    /// [output channels, input channels, k, k] of a convolution; of a matrix, [output channels, input channels].
    private func shape(of step: QuantizedNetwork.Step) -> [Int] {
        switch step.kind {
        case .convolution(let kernel, _): [step.output.channels, step.input.channels, kernel, kernel]
        case .depthwise(let kernel, _): [step.output.channels, 1, kernel, kernel]
        case .fullyConnected: [step.output.channels, step.input.channels]
        case .add, .mean: []
        }
    }
}

extension FoldedNetwork.Step.Kind {
    /// Whether there is a weight for every pair of an input and an output channel.
    fileprivate var hasInputChannels: Bool { if case .depthwise = self { false } else { true } }
}
