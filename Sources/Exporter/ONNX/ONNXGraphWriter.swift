import Architectures

/// Writes the nodes of an architecture's graph, in the order of execution.
struct ONNXGraphWriter {
    var graph: ONNXGraphProto { builder.graph }
    private var builder: ONNXGraphBuilder
    private let weights: TrainedWeights
    private let tensors: [String: WeightTensor]
    private let isFolded: Bool

    /// - Parameters:
    ///   - bytes: the mean and std of images, for a graph that takes bytes and normalises them.
    ///   - answersProbabilities: whether a softmax ends the graph.
    init(
        _ weights: TrainedWeights, isFolded: Bool, bytes: (mean: [Double], std: [Double])? = nil,
        answersProbabilities: Bool = false
    ) {
        self.weights = weights
        self.isFolded = isFolded
        let architecture = weights.architecture
        tensors = Dictionary(uniqueKeysWithValues: architecture.weightTensors.map { ($0.name, $0) })
        builder = ONNXGraphBuilder(name: architecture.name)
        let input = architecture.input
        let output = answersProbabilities ? "probabilities" : "logits"
        builder.addInput(
            "image", [.symbolic("batch"), .fixed(input.channels), .fixed(input.height), .fixed(input.width)],
            type: bytes == nil ? ONNXDataType.float : ONNXDataType.uint8)
        builder.addOutput(output, [.symbolic("batch"), .fixed(architecture.classes)])

        let stem = architecture.stem.convolution
        var value = convolution(
            bytes.map { builder.normalize("image", mean: $0.mean, std: $0.std) } ?? "image", "stem.convolution",
            normalization: "stem.normalization", kernel: stem.kernel, stride: stem.stride)
        value = builder.activate(value, architecture.stem.activation, "stem.activation")
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            value = append(block, named: layer.name, to: value)
        }
        if let head = architecture.head {
            value = convolution(value, "head.convolution", normalization: "head.normalization")
            value = builder.activate(value, head.activation, "head.activation")
        }
        value = builder.node("GlobalAveragePool", "classifier.pool", [value])
        if let head = architecture.head, head.pooledChannels != nil {
            value = dense(value, "head.pooled")
            value = builder.activate(value, head.activation, "head.pooled_activation")
        }
        value = builder.node("Flatten", "classifier.flatten", [value])
        addInitializer("classifier.weights", shape: { [$0[0], $0[1]] })
        addInitializer("classifier.bias", shape: { $0 })
        _ = builder.node("Gemm", "classifier", [value, "classifier.weights", "classifier.bias"], output: "logits")
        if answersProbabilities {
            _ = builder.node("Softmax", "probabilities", ["logits"], attributes: [.int("axis", 1)], output: output)
        }
    }

    private mutating func append(_ block: Block, named name: String, to input: String) -> String {
        var value = input
        if block.expandConvolution {
            value = convolution(value, "\(name).expand", normalization: "\(name).expand_normalization")
            value = builder.activate(value, block.activation, "\(name).expand_activation")
        }
        value = convolution(
            value, "\(name).depthwise", normalization: "\(name).depthwise_normalization",
            kernel: block.shape.kernel, stride: block.shape.stride, groups: block.shape.hiddenChannels)
        value = builder.activate(value, block.activation, "\(name).depthwise_activation")
        if let squeezeExcite = block.squeezeExcite {
            var factors = builder.node("GlobalAveragePool", "\(name).squeeze_pool", [value])
            factors = dense(factors, "\(name).squeeze")
            factors = builder.activate(factors, squeezeExcite.activation, "\(name).squeeze_activation")
            factors = dense(factors, "\(name).excite")
            factors = builder.activate(factors, squeezeExcite.gate, "\(name).excite_activation")
            value = builder.node("Mul", "\(name).scale", [value, factors])
        }
        value = convolution(value, "\(name).project", normalization: "\(name).project_normalization")
        value = builder.activate(value, block.projectionActivation, "\(name).project_activation")
        return block.residual ? builder.node("Add", "\(name).add", [value, input]) : value
    }

    /// A convolution padded by half a kernel, and its batch normalisation.
    private mutating func convolution(
        _ input: String, _ name: String, normalization: String, kernel: Int = 1, stride: Int = 1, groups: Int = 1
    ) -> String {
        let tensor = tensor(name)
        var inputs = [input, "\(name).weights"]
        let folded = isFolded ? weights.folded(name, normalization: normalization) : nil
        if let folded {
            builder.addInitializer("\(name).bias", shape: [folded.bias.count], folded.bias)
            inputs.append("\(name).bias")
        }
        let values = tensor.channelsFirst(folded?.weights ?? weights[name])
        builder.addInitializer(inputs[1], shape: tensor.channelsFirstShape, values)
        let result = builder.convolution(name, inputs, kernel: kernel, stride: stride, groups: groups)
        if isFolded { return result }
        let parts = ["scale", "offset", "mean", "variance"].map { "\(normalization).\($0)" }
        for name in parts {
            let values = weights[name]
            builder.addInitializer(name, shape: [values.count], values)
        }
        return builder.node(
            "BatchNormalization", normalization, [result] + parts,
            attributes: [.float("epsilon", Float(Architecture.normalizationEpsilon))])
    }

    /// A matrix product with a bias on a map of one pixel.
    private mutating func dense(_ input: String, _ name: String) -> String {
        let tensor = tensor("\(name).weights")
        builder.addInitializer(
            tensor.name, shape: tensor.channelsFirstShape, tensor.channelsFirst(weights[tensor.name]))
        addInitializer("\(name).bias", shape: { $0 })
        return builder.node(
            "Conv", name, [input, tensor.name, "\(name).bias"], attributes: [.ints("kernel_shape", [1, 1])])
    }

    private func tensor(_ name: String) -> WeightTensor {
        guard let tensor = tensors[name] else { preconditionFailure("ONNXGraphWriter: there is no tensor \(name)") }
        return tensor
    }

    /// Adds a tensor of the weights unchanged.
    private mutating func addInitializer(_ name: String, shape: ([Int]) -> [Int]) {
        builder.addInitializer(name, shape: shape(tensor(name).shape), weights[name])
    }
}
