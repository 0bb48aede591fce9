import Architectures

/// A trained network as an inference runtime runs it: batch normalisation is folded into the convolutions, and every
/// step writes one value.
///
///     var network = try FoldedNetwork(weights)
///     network.equalize(.activations(ranges))
///     network.steps[0].name          // "stem.convolution"
public struct FoldedNetwork: Sendable {
    /// An operator with its weights and its activation.
    public struct Step: Sendable {
        public enum Kind: Hashable, Sendable {
            /// A convolution over all channels, padded by half a kernel on every side.
            case convolution(kernel: Int, stride: Int)
            /// A convolution of every channel by itself, padded likewise.
            case depthwise(kernel: Int, stride: Int)
            case fullyConnected
            /// The sum of two maps of one shape.
            case add
            /// The mean of every channel.
            case mean
        }

        /// The operator's name in the architecture: "stage1.2.expand".
        public let name: String
        public let kind: Kind
        /// The values that it reads: 0 is the image, and step i writes value i + 1.
        public let inputs: [Int]
        public let input: FeatureShape
        public let output: FeatureShape
        /// Convolution: [k, k, input channels, output channels]; depthwise: [k, k, channels]; fully connected:
        /// [input channels, output channels]; empty for a step without weights.
        public internal(set) var weights: [Float]
        /// One for every output channel; empty for a step without weights.
        public internal(set) var bias: [Float]
        /// None, ReLU or ReLU6.
        public let activation: Activation

        public var hasWeights: Bool { kind != .add && kind != .mean }
    }

    public let name: String
    public let input: FeatureShape
    public internal(set) var steps: [Step] = []

    public var classes: Int { steps[steps.count - 1].output.channels }

    /// The shape of a value.
    public func shape(of value: Int) -> FeatureShape { value == 0 ? input : steps[value - 1].output }

    /// - Throws: `QuantizationError.activation` for a network with other activations than ReLU and ReLU6, or with a
    ///   squeeze-excite.
    public init(_ weights: TrainedWeights) throws(QuantizationError) {
        let architecture = weights.architecture
        try QuantizationError.check(architecture)
        name = architecture.name
        input = architecture.input
        let stem = architecture.stem
        var value = append(
            "stem.convolution", .convolution(kernel: stem.convolution.kernel, stride: stem.convolution.stride), to: 0,
            channels: stem.convolution.outputChannels, stem.activation,
            weights.folded("stem.convolution", normalization: "stem.normalization"))
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            let name = layer.name, hidden = block.shape.hiddenChannels, start = value
            func folded(_ part: String) -> FoldedConvolution {
                weights.folded("\(name).\(part)", normalization: "\(name).\(part)_normalization")
            }
            if block.expandConvolution {
                value = append(
                    "\(name).expand", .convolution(kernel: 1, stride: 1), to: value, channels: hidden, block.activation,
                    folded("expand"))
            }
            value = append(
                "\(name).depthwise", .depthwise(kernel: block.shape.kernel, stride: block.shape.stride), to: value,
                channels: hidden, block.activation, folded("depthwise"))
            value = append(
                "\(name).project", .convolution(kernel: 1, stride: 1), to: value, channels: block.shape.outputChannels,
                block.projectionActivation, folded("project"))
            if block.residual { value = append("\(name).add", .add, to: value, start) }
        }
        if let head = architecture.head {
            value = append(
                "head.convolution", .convolution(kernel: 1, stride: 1), to: value, channels: head.outputChannels,
                head.activation, weights.folded("head.convolution", normalization: "head.normalization"))
        }
        value = append("classifier.pool", .mean, to: value)
        func dense(_ name: String) -> FoldedConvolution {
            FoldedConvolution(weights: weights["\(name).weights"], bias: weights["\(name).bias"])
        }
        if let head = architecture.head, let channels = head.pooledChannels {
            value = append(
                "head.pooled", .fullyConnected, to: value, channels: channels, head.activation, dense("head.pooled"))
        }
        _ = append(
            "classifier", .fullyConnected, to: value, channels: architecture.classes, .none, dense("classifier"))
    }

    private mutating func append(
        _ name: String, _ kind: Step.Kind, to value: Int, channels: Int, _ activation: Activation,
        _ weights: FoldedConvolution
    ) -> Int {
        let input = shape(of: value)
        let output =
            switch kind {
            case .convolution(_, let stride), .depthwise(_, let stride): input.strided(by: stride, channels: channels)
            case .fullyConnected, .add, .mean: FeatureShape(height: 1, width: 1, channels: channels)
            }
        steps.append(
            Step(
                name: name, kind: kind, inputs: [value], input: input, output: output, weights: weights.weights,
                bias: weights.bias, activation: activation))
        return steps.count
    }

    /// Appends a step without weights.
    private mutating func append(_ name: String, _ kind: Step.Kind, to values: Int...) -> Int {
        let input = shape(of: values[0])
        steps.append(
            Step(
                name: name, kind: kind, inputs: values, input: input, output: kind == .mean ? input.pooled : input,
                weights: [], bias: [], activation: .none))
        return steps.count
    }
}
