/// One named tensor of a network's weights: what it is called and how its values lie.
public struct WeightTensor: Hashable, Sendable {
    /// What the sides of a tensor are, outermost first.
    public enum Layout: Hashable, Sendable {
        /// A dense convolution: [k, k, input channels, output channels].
        case convolution
        /// A 1x1 convolution or a fully connected operator: [input channels, output channels].
        case matrix
        /// A convolution of every channel with its own window: [k, k, channels].
        case depthwise
        /// One value a channel: [channels].
        case vector
    }

    /// The layer and the part: "stage1.2.expand", "stage1.2.expand_normalization.scale".
    public let name: String
    public let layout: Layout
    public let shape: [Int]

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
}

extension Architecture {
    /// The tensors that hold all trained weights and running statistics of the network, in the order of the forward
    /// pass.
    ///
    /// A layer `L` of operators has, each where it has the operator:
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
            tensors.append(WeightTensor(name: name, layout: layout, shape: shape))
        }
        func appendNormalization(_ name: String, _ channels: Int) {
            for part in ["scale", "offset", "mean", "variance"] { append("\(name).\(part)", .vector, [channels]) }
        }
        func appendDense(_ name: String, _ inputs: Int, _ outputs: Int) {
            append("\(name).weights", .matrix, [inputs, outputs])
            append("\(name).bias", .vector, [outputs])
        }
        append(
            "\(Self.stemName).convolution", .convolution,
            [stem.convolution.kernel, stem.convolution.kernel, input.channels, stem.convolution.outputChannels])
        appendNormalization("\(Self.stemName).normalization", stem.convolution.outputChannels)
        var width = stem.convolution.outputChannels
        for layer in layers {
            guard case .block(let block) = layer.content else { continue }
            if block.expandConvolution {
                append("\(layer.name).expand", .matrix, [block.inputChannels, block.hiddenChannels])
                appendNormalization("\(layer.name).expand_normalization", block.hiddenChannels)
            }
            append("\(layer.name).depthwise", .depthwise, [block.kernel, block.kernel, block.hiddenChannels])
            appendNormalization("\(layer.name).depthwise_normalization", block.hiddenChannels)
            if block.squeezedChannels > 0 {
                appendDense("\(layer.name).squeeze", block.hiddenChannels, block.squeezedChannels)
                appendDense("\(layer.name).excite", block.squeezedChannels, block.hiddenChannels)
            }
            append("\(layer.name).project", .matrix, [block.hiddenChannels, block.outputChannels])
            appendNormalization("\(layer.name).project_normalization", block.outputChannels)
            width = block.outputChannels
        }
        if let head {
            append("\(Self.headName).convolution", .matrix, [width, head.outputChannels])
            appendNormalization("\(Self.headName).normalization", head.outputChannels)
            width = head.outputChannels
            if let pooledChannels = head.pooledChannels {
                appendDense("\(Self.headName).pooled", width, pooledChannels)
                width = pooledChannels
            }
        }
        appendDense(Self.classifierName, width, classes)
        return tensors
    }

    /// The ε of every batch normalisation, the published constant of the field's mobile networks.
    public static let normalizationEpsilon = 1e-3
}
