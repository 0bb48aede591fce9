import Architectures
import Foundation

/// Writes the nodes of an architecture's graph, in the order in which they run.
struct ONNXGraphWriter {
    private(set) var graph = ONNXGraphProto()
    private let weights: TrainedWeights
    private let tensors: [String: WeightTensor]
    private let isFolded: Bool

    init(_ weights: TrainedWeights, isFolded: Bool) {
        self.weights = weights
        self.isFolded = isFolded
        let architecture = weights.architecture
        tensors = Dictionary(uniqueKeysWithValues: architecture.weightTensors.map { ($0.name, $0) })
        graph.name = architecture.name
        let input = architecture.input
        graph.input = [Self.value("image", sides: [input.channels, input.height, input.width])]
        graph.output = [Self.value("logits", sides: [architecture.classes])]

        let stem = architecture.stem.convolution
        var value = convolution(
            "image", "stem.convolution", normalization: "stem.normalization", kernel: stem.kernel, stride: stem.stride)
        value = activate(value, architecture.stem.activation, "stem.activation")
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            value = append(block, named: layer.name, to: value)
        }
        if let head = architecture.head {
            value = convolution(value, "head.convolution", normalization: "head.normalization")
            value = activate(value, head.activation, "head.activation")
        }
        value = node("GlobalAveragePool", "classifier.pool", [value])
        if let head = architecture.head, head.pooledChannels != nil {
            value = dense(value, "head.pooled")
            value = activate(value, head.activation, "head.pooled_activation")
        }
        value = node("Flatten", "classifier.flatten", [value])
        addInitializer("classifier.weights", shape: { [$0[0], $0[1]] })
        addInitializer("classifier.bias", shape: { $0 })
        _ = node("Gemm", "classifier", [value, "classifier.weights", "classifier.bias"], output: "logits")
    }

    private mutating func append(_ block: Block, named name: String, to input: String) -> String {
        var value = input
        if block.expandConvolution {
            value = convolution(value, "\(name).expand", normalization: "\(name).expand_normalization")
            value = activate(value, block.activation, "\(name).expand_activation")
        }
        value = convolution(
            value, "\(name).depthwise", normalization: "\(name).depthwise_normalization", kernel: block.kernel,
            stride: block.stride, groups: block.hiddenChannels)
        value = activate(value, block.activation, "\(name).depthwise_activation")
        if block.squeezedChannels > 0 {
            var factors = node("GlobalAveragePool", "\(name).squeeze_pool", [value])
            factors = dense(factors, "\(name).squeeze")
            factors = activate(factors, block.squeezeActivation, "\(name).squeeze_activation")
            factors = dense(factors, "\(name).excite")
            factors = activate(factors, block.seActivation, "\(name).excite_activation")
            value = node("Mul", "\(name).scale", [value, factors])
        }
        value = convolution(value, "\(name).project", normalization: "\(name).project_normalization")
        value = activate(value, block.projectionActivation, "\(name).project_activation")
        return block.residual ? node("Add", "\(name).add", [value, input]) : value
    }

    /// A convolution padded by half a kernel, and its batch normalisation.
    private mutating func convolution(
        _ input: String, _ name: String, normalization: String, kernel: Int = 1, stride: Int = 1, groups: Int = 1
    ) -> String {
        let tensor = tensor(name)
        var values = tensor.channelsFirst(weights[name])
        var inputs = [input, "\(name).weights"]
        func part(_ part: String) -> [Float] { weights["\(normalization).\(part)"] }
        let scale = part("scale"), offset = part("offset"), mean = part("mean"), variance = part("variance")
        if isFolded {
            let factors = zip(scale, variance).map {
                Double($0) / (Double($1) + Architecture.normalizationEpsilon).squareRoot()
            }
            let window = values.count / factors.count
            for index in values.indices { values[index] = Float(Double(values[index]) * factors[index / window]) }
            let bias = offset.indices.map { Float(Double(offset[$0]) - Double(mean[$0]) * factors[$0]) }
            addInitializer("\(name).bias", shape: [bias.count], bias)
            inputs.append("\(name).bias")
        }
        addInitializer(inputs[1], shape: tensor.channelsFirstShape, values)
        let pad = kernel / 2
        let result = node(
            "Conv", name, inputs,
            attributes: [
                .ints("dilations", [1, 1]), .int("group", groups), .ints("kernel_shape", [kernel, kernel]),
                .ints("pads", [pad, pad, pad, pad]), .ints("strides", [stride, stride]),
            ])
        if isFolded { return result }
        let parts = ["scale", "offset", "mean", "variance"].map { "\(normalization).\($0)" }
        for (name, values) in zip(parts, [scale, offset, mean, variance]) {
            addInitializer(name, shape: [values.count], values)
        }
        return node(
            "BatchNormalization", normalization, [result] + parts,
            attributes: [.float("epsilon", Float(Architecture.normalizationEpsilon))])
    }

    private mutating func activate(_ input: String, _ activation: Activation, _ name: String) -> String {
        switch activation {
        case .none: return input
        case .relu: return node("Relu", name, [input])
        case .swish:
            let factors = node("Sigmoid", "\(name).factors", [input])
            return node("Mul", name, [input, factors])
        case .hardSwish: return node("HardSwish", name, [input])
        case .sigmoid: return node("Sigmoid", name, [input])
        case .hardSigmoid:
            return node("HardSigmoid", name, [input], attributes: [.float("alpha", 1 / 6), .float("beta", 0.5)])
        }
    }

    /// A matrix product with a bias on a map of one pixel.
    private mutating func dense(_ input: String, _ name: String) -> String {
        let tensor = tensor("\(name).weights")
        addInitializer(tensor.name, shape: tensor.channelsFirstShape, tensor.channelsFirst(weights[tensor.name]))
        addInitializer("\(name).bias", shape: { $0 })
        return node(
            "Conv", name, [input, tensor.name, "\(name).bias"], attributes: [.ints("kernel_shape", [1, 1])])
    }

    private func tensor(_ name: String) -> WeightTensor {
        guard let tensor = tensors[name] else { preconditionFailure("ONNXGraphWriter: there is no tensor \(name)") }
        return tensor
    }

    /// Adds a node with one output, named after it, and returns that.
    private mutating func node(
        _ kind: String, _ name: String, _ inputs: [String], attributes: [ONNXAttributeProto] = [], output: String? = nil
    ) -> String {
        var node = ONNXNodeProto()
        node.opType = kind
        node.name = name
        node.input = inputs
        node.output = [output ?? "\(name).output"]
        node.attribute = attributes
        graph.node.append(node)
        return node.output[0]
    }

    /// Adds a tensor of the weights as it is.
    private mutating func addInitializer(_ name: String, shape: ([Int]) -> [Int]) {
        addInitializer(name, shape: shape(tensor(name).shape), weights[name])
    }

    private mutating func addInitializer(_ name: String, shape: [Int], _ values: [Float]) {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = shape.map(Int64.init)
        tensor.dataType = ONNXDataType.float
        tensor.rawData = values.withUnsafeBytes { Data($0) }
        graph.initializer.append(tensor)
    }

    /// A float32 value with a symbolic batch before `sides`.
    private static func value(_ name: String, sides: [Int]) -> ONNXValueInfoProto {
        .with {
            $0.name = name
            $0.type.tensorType.elemType = ONNXDataType.float
            $0.type.tensorType.shape.dim =
                [.with { $0.dimParam = "batch" }] + sides.map { side in .with { $0.dimValue = Int64(side) } }
        }
    }
}

extension ONNXAttributeProto {
    fileprivate static func int(_ name: String, _ value: Int) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .int
            $0.i = Int64(value)
        }
    }

    fileprivate static func ints(_ name: String, _ values: [Int]) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .ints
            $0.ints = values.map(Int64.init)
        }
    }

    fileprivate static func float(_ name: String, _ value: Float) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .float
            $0.f = value
        }
    }
}
