/// The name, role and memory layout of one tensor of a network's weights.
public struct WeightTensor: Hashable, Sendable {
    /// The dimensions of a tensor, outermost first.
    public enum Layout: Hashable, Sendable {
        /// A dense convolution: [k, k, input channels, output channels].
        case convolution
        /// A 1x1 convolution or a fully connected operator: [input channels, output channels].
        case matrix
        /// A depthwise convolution: [k, k, channels].
        case depthwise
        /// One value for each channel: [channels].
        case vector
    }

    /// The role of a tensor in its operator.
    public enum Role: Hashable, Sendable {
        /// The kernel of a convolution, or the matrix of a product.
        case weight
        /// What is added to each output channel.
        case bias
        /// The batch normalisation of a convolution's output; the first two are trained, the others are running
        /// statistics.
        case normalizationWeight, normalizationBias, runningMean, runningVar

        /// Whether training updates it.
        public var isTrained: Bool {
            switch self {
            case .weight, .bias, .normalizationWeight, .normalizationBias: true
            case .runningMean, .runningVar: false
            }
        }
    }

    /// The layer and the part: "stage1.2.expand", "stage1.2.expand_normalization.scale".
    public let name: String
    public let role: Role
    /// The operator it belongs to: "stage1.2.expand" for the convolution's kernel and its normalisation's tensors.
    public let operatorName: String
    public let layout: Layout
    public let shape: [Int]

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
}

extension Architecture {
    /// The tensors that do not depend on the classes: all but those of the classifier.
    public var featureTensors: [WeightTensor] { weightTensors.filter { $0.operatorName != Self.classifierName } }

    /// The tensors that hold all trained weights and running statistics of the network, in the order of the forward
    /// pass.
    ///
    /// A layer `L` has the tensors of the operators that it contains:
    ///
    /// - stem and head: `L.convolution`, `L.normalization.*`
    /// - a block: `L.expand`, `L.expand_normalization.*`, `L.depthwise`, `L.depthwise_normalization.*`,
    ///   `L.squeeze.weights`, `L.squeeze.bias`, `L.excite.weights`, `L.excite.bias`, `L.project`,
    ///   `L.project_normalization.*`
    /// - a head with a product after the pool: `head.pooled.weights`, `head.pooled.bias`
    /// - `classifier.weights`, `classifier.bias`
    ///
    /// where `*` stands for `scale`, `offset`, `mean` and `variance`: batch normalisation computes
    /// scale · (x − mean) / √(variance + ε) + offset, with ε = `normalizationEpsilon`.
    public var weightTensors: [WeightTensor] {
        var tensors: [WeightTensor] = []
        func append(_ name: String, _ layout: WeightTensor.Layout, _ shape: [Int]) {
            tensors.append(WeightTensor(name: name, role: .weight, operatorName: name, layout: layout, shape: shape))
        }
        func appendNormalization(_ name: String, of convolution: String, _ channels: Int) {
            let parts: [(String, WeightTensor.Role)] = [
                ("scale", .normalizationWeight), ("offset", .normalizationBias), ("mean", .runningMean),
                ("variance", .runningVar),
            ]
            for (part, role) in parts {
                tensors.append(
                    WeightTensor(
                        name: "\(name).\(part)", role: role, operatorName: convolution, layout: .vector, shape: [channels]))
            }
        }
        func appendDense(_ name: String, _ inputs: Int, _ outputs: Int) {
            tensors += [
                WeightTensor(
                    name: "\(name).weights", role: .weight, operatorName: name, layout: .matrix, shape: [inputs, outputs]),
                WeightTensor(name: "\(name).bias", role: .bias, operatorName: name, layout: .vector, shape: [outputs]),
            ]
        }
        append(
            "\(Self.stemName).convolution", .convolution,
            [stem.convolution.kernel, stem.convolution.kernel, input.channels, stem.convolution.outputChannels])
        appendNormalization(
            "\(Self.stemName).normalization", of: "\(Self.stemName).convolution", stem.convolution.outputChannels)
        var width = stem.convolution.outputChannels
        for layer in layers {
            guard case .block(let block) = layer.content else { continue }
            let shape = block.shape, hidden = shape.hiddenChannels
            if block.expandConvolution {
                append("\(layer.name).expand", .matrix, [shape.inputChannels, hidden])
                appendNormalization("\(layer.name).expand_normalization", of: "\(layer.name).expand", hidden)
            }
            append("\(layer.name).depthwise", .depthwise, [shape.kernel, shape.kernel, hidden])
            appendNormalization("\(layer.name).depthwise_normalization", of: "\(layer.name).depthwise", hidden)
            if block.squeezedChannels > 0 {
                appendDense("\(layer.name).squeeze", hidden, block.squeezedChannels)
                appendDense("\(layer.name).excite", block.squeezedChannels, hidden)
            }
            append("\(layer.name).project", .matrix, [hidden, shape.outputChannels])
            appendNormalization(
                "\(layer.name).project_normalization", of: "\(layer.name).project", shape.outputChannels)
            width = shape.outputChannels
        }
        if let head {
            append("\(Self.headName).convolution", .matrix, [width, head.outputChannels])
            appendNormalization(
                "\(Self.headName).normalization", of: "\(Self.headName).convolution", head.outputChannels)
            width = head.outputChannels
            if let pooledChannels = head.pooledChannels {
                appendDense("\(Self.headName).pooled", width, pooledChannels)
                width = pooledChannels
            }
        }
        appendDense(Self.classifierName, width, classes)
        return tensors
    }

    /// The ε of every batch normalisation, as in the published mobile networks.
    public static let normalizationEpsilon = 1e-3
}
