import Architectures

/// An architecture with its weights as a graph of TensorFlow Lite's operators on float32: channels last, batch
/// normalisation folded into the convolutions, ReLU and ReLU6 fused into the operator before.
///
/// Input "image" [1, height, width, channels]; output "logits" [1, classes], or "probabilities". A tensor has the name of
/// the layer's part that writes it, "stage1.2.expand". Where a window of stride 2 meets an even side, TensorFlow's own
/// padding would shift the map by a pixel against PyTorch's and this program's, so a `PAD` is written before it; XNNPACK
/// and the GPU delegate make both one operator.
///
///     let model = TFLiteNetwork(weights, input: .bytes(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])).model
///     try model.write(to: "network.tflite")
public struct TFLiteNetwork: Sendable {
    /// What the graph takes.
    public enum Input: Hashable, Sendable {
        /// Normalised float32 values.
        case normalized
        /// Bytes of 0 to 255; the graph divides them by 255, and normalises the channels.
        case bytes(mean: [Double], std: [Double])
    }

    /// What the graph answers.
    public enum Output: Hashable, Sendable {
        case logits
        /// The softmax of the logits.
        case probabilities
    }

    public static let inputName = "image"

    public let model: TFLiteModel

    public init(_ weights: TrainedWeights, input: Input = .normalized, output: Output = .logits) {
        var writer = TFLiteNetworkWriter(weights, input: input)
        writer.write(output)
        model = writer.model
    }
}

extension TFLiteNetwork.Output {
    /// The name of the output.
    public var name: String { self == .logits ? "logits" : "probabilities" }
}

/// Writes the operators of an architecture in the order of execution.
struct TFLiteNetworkWriter {
    var model: TFLiteModel { builder.model }
    private var builder: TFLiteGraphBuilder
    private let weights: TrainedWeights
    private let tensors: [String: WeightTensor]
    private let input: TFLiteNetwork.Input

    init(_ weights: TrainedWeights, input: TFLiteNetwork.Input) {
        self.weights = weights
        self.input = input
        let architecture = weights.architecture
        tensors = Dictionary(uniqueKeysWithValues: architecture.weightTensors.map { ($0.name, $0) })
        builder = TFLiteGraphBuilder(name: architecture.name)
    }

    mutating func write(_ output: TFLiteNetwork.Output) {
        let architecture = weights.architecture, stem = architecture.stem
        // The stem's weights are divided by the std instead of the image: what pads the image stays zero.
        var value = convolution(
            builder.image(architecture.input, input), "stem.convolution", "stem.normalization", stride: stem.convolution.stride,
            stem.activation)
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            value = append(block, named: layer.name, to: value)
        }
        if let head = architecture.head {
            value = convolution(value, "head.convolution", "head.normalization", head.activation)
        }
        value = builder.mean(value, "classifier.pool")
        if let head = architecture.head, head.pooledChannels != nil { value = pixel(value, "head.pooled", head.activation) }
        value = builder.fullyConnected(
            value, "classifier", weights: values(of: "classifier.weights"), bias: weights["classifier.bias"])
        if output == .probabilities { value = builder.softmax(value, "probabilities") }
        builder.output(value, output.name)
    }

    private mutating func append(_ block: Block, named name: String, to input: Int) -> Int {
        var value = input
        if block.expandConvolution {
            value = convolution(value, "\(name).expand", "\(name).expand_normalization", block.activation)
        }
        value = convolution(
            value, "\(name).depthwise", "\(name).depthwise_normalization", stride: block.shape.stride, block.activation)
        if let squeezeExcite = block.squeezeExcite {
            var factors = builder.mean(value, "\(name).squeeze_pool")
            factors = pixel(factors, "\(name).squeeze", squeezeExcite.activation)
            factors = pixel(factors, "\(name).excite", squeezeExcite.gate)
            value = builder.arithmetic(.multiply, value, factors, "\(name).scale")
        }
        value = convolution(value, "\(name).project", "\(name).project_normalization", block.projectionActivation)
        return block.residual ? builder.arithmetic(.add, value, input, "\(name).add") : value
    }

    /// A convolution with its batch normalisation and activation.
    private mutating func convolution(
        _ input: Int, _ name: String, _ normalization: String, stride: Int = 1, _ activation: Activation
    ) -> Int {
        guard let tensor = tensors[name] else { preconditionFailure("TFLiteNetwork: there is no tensor \(name)") }
        let folded = weights.folded(name, normalization: normalization)
        var values = tensor.outputsFirst(folded.weights)
        if name == "stem.convolution", case .bytes(_, let std) = self.input {
            for index in values.indices { values[index] = Float(Double(values[index]) / std[index % std.count]) }
        }
        return builder.convolution(
            input, name,
            .init(
                weights: values, shape: tensor.outputsFirstShape, bias: folded.bias, isDepthwise: tensor.layout == .depthwise,
                stride: stride, activation: activation))
    }

    /// A matrix product with a bias on a map of one pixel.
    private mutating func pixel(_ input: Int, _ name: String, _ activation: Activation) -> Int {
        builder.pixel(input, name, weights: values(of: "\(name).weights"), bias: weights["\(name).bias"], activation)
    }

    /// The values of a tensor, output channels first.
    private func values(of name: String) -> [Float] { tensors[name].map { $0.outputsFirst(weights[name]) } ?? [] }
}

extension WeightTensor {
    /// The shape in TensorFlow Lite: [output channels, k, k, input channels], of a depthwise convolution [1, k, k, channels].
    var outputsFirstShape: [Int] {
        switch layout {
        case .convolution: [shape[3], shape[0], shape[1], shape[2]]
        case .matrix: [shape[1], 1, 1, shape[0]]
        case .depthwise: [1] + shape
        case .vector: shape
        }
    }

    /// Values of this tensor's layout in TensorFlow Lite's.
    func outputsFirst(_ values: [Float]) -> [Float] {
        guard layout == .convolution || layout == .matrix, let outputs = shape.last else { return values }
        let inputs = values.count / outputs
        return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
            for output in 0..<outputs {
                for input in 0..<inputs { buffer.initializeElement(at: output * inputs + input, to: values[input * outputs + output]) }
            }
            count = values.count
        }
    }
}
