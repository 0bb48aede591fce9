/// An inverted bottleneck (MBConv; Sandler et al., 2018): 1×1 expansion, depthwise k×k, 1×1 projection, each
/// normalised, ReLU after the first two, and the input added where the block is residual.
///
/// - Input: [N, H, W, Cin], plain; output: [N, ⌈H/s⌉, ⌈W/s⌉, Cout], plain; hidden width C.
///
/// `hidden.setGate` closes channels of the hidden width: they contribute zero to the projection. `branch.gate`
/// closes the whole block: the output is the input.
public final class InvertedBottleneck {
    /// The sizes of a block.
    public struct Shape: Hashable, Sendable {
        public var kernelSize, stride, hiddenChannels, outputChannels: Int
        /// Whether there is an expansion; without one the hidden width is the input's.
        public var expands: Bool
        public var residual: Bool

        public init(kernelSize: Int, stride: Int, hiddenChannels: Int, outputChannels: Int, expands: Bool, residual: Bool) {
            self.kernelSize = kernelSize
            self.stride = stride
            self.hiddenChannels = hiddenChannels
            self.outputChannels = outputChannels
            self.expands = expands
            self.residual = residual
        }
    }

    public let name: String
    public let shape: Shape
    public let input: FeatureMap
    public let output: FeatureMap
    /// The depthwise convolution's output, which the projection reads through the gate.
    public let hidden: FeatureMap
    public let expansion: PointwiseConvolution?
    public let depthwise: DepthwiseConvolution
    public let projection: PointwiseConvolution
    public let branch: BranchOutput

    /// All but the gates, in the order of the forward pass.
    public var parameters: [Parameter] { layers.flatMap(\.parameters) }

    /// The batch normalisations in the order of the forward pass.
    public var normalizations: [BatchNormalization] {
        [expansion?.output.normalization, hidden.normalization, projection.output.normalization].compactMap { $0 }
    }

    /// What the block consists of, in the order of the forward pass.
    public let layers: [Layer]

    /// - Parameters:
    ///   - gated: whether channels of the hidden width can be closed.
    ///   - gradients: memory for the gradients of the hidden maps, shared by the blocks of a network.
    ///   - outputGradient: memory for the output's gradient. Not used where the block is residual: the gradient
    ///     of the output is then the first part of the input's, in the same memory.
    public init(
        name: String, shape: Shape, input: FeatureMap, gated: Bool = false, gradients: SharedGradients,
        outputGradient: Storage? = nil, context: ExecutionContext
    ) {
        require(input.normalization == nil, "InvertedBottleneck \(name): the input must be plain")
        require(
            shape.expands || shape.hiddenChannels == input.channels,
            "InvertedBottleneck \(name): without expansion the hidden width \(shape.hiddenChannels) must be the input's \(input.channels)")
        require(
            !shape.residual || (shape.stride == 1 && shape.outputChannels == input.channels),
            "InvertedBottleneck \(name): residual needs stride 1 and \(input.channels) output channels, got stride \(shape.stride) and \(shape.outputChannels)")
        self.name = name
        self.shape = shape
        self.input = input
        let batch = input.batch
        let height = (input.height + shape.stride - 1) / shape.stride
        let width = (input.width + shape.stride - 1) / shape.stride
        var layers: [Layer] = []

        var wide = input
        if shape.expands {
            wide = FeatureMap(
                batch: batch, height: input.height, width: input.width, channels: shape.hiddenChannels,
                normalization: BatchNormalization(name: name + ".expand_normalization", channels: shape.hiddenChannels, context: context),
                gradient: gradients.expanded(batch * input.height * input.width * shape.hiddenChannels), context: context)
            let expansion = PointwiseConvolution(
                name: name + ".expand", input: input, output: wide, accumulatesInputGradient: shape.residual, context: context)
            layers.append(expansion)
            self.expansion = expansion
        } else {
            expansion = nil
        }

        hidden = FeatureMap(
            batch: batch, height: height, width: width, channels: shape.hiddenChannels,
            normalization: BatchNormalization(name: name + ".depthwise_normalization", channels: shape.hiddenChannels, context: context),
            gated: gated, gradient: gradients.hidden(batch * height * width * shape.hiddenChannels), context: context)
        depthwise = DepthwiseConvolution(
            name: name + ".depthwise", input: wide, output: hidden, kernelSize: shape.kernelSize, stride: shape.stride,
            accumulatesInputGradient: !shape.expands && shape.residual, context: context)
        layers.append(depthwise)

        output = FeatureMap(
            batch: batch, height: height, width: width, channels: shape.outputChannels,
            gradient: shape.residual ? input.gradient : outputGradient, context: context)
        let projected = FeatureMap(
            batch: batch, height: height, width: width, channels: shape.outputChannels,
            normalization: BatchNormalization(name: name + ".project_normalization", channels: shape.outputChannels, context: context),
            gradient: output.gradient, context: context)
        projection = PointwiseConvolution(name: name + ".project", input: hidden, output: projected, context: context)
        layers.append(projection)
        branch = BranchOutput(
            name: name, projected: projected, shortcut: shape.residual ? input : nil, output: output, context: context)
        layers.append(branch)
        self.layers = layers
    }

    /// As a layer's.
    public func forward(training: Bool) {
        for layer in layers { layer.forward(training: training) }
    }

    /// As a layer's.
    public func backward() {
        for layer in layers.reversed() { layer.backward() }
    }
}

/// Memory for gradients that live only while one block runs backward, shared by all blocks of a network.
public final class SharedGradients {
    private let expandedStorage: Storage
    private let hiddenStorage: Storage

    /// - Parameters:
    ///   - expanded: the most values that any block's expanded map has.
    ///   - hidden: the most values that any block's depthwise output has.
    public init(expanded: Int, hidden: Int) {
        expandedStorage = Storage(count: expanded)
        hiddenStorage = Storage(count: hidden)
    }

    func expanded(_ count: Int) -> Storage {
        require(count <= expandedStorage.count, "SharedGradients: \(count) values wanted, \(expandedStorage.count) there")
        return expandedStorage
    }

    func hidden(_ count: Int) -> Storage {
        require(count <= hiddenStorage.count, "SharedGradients: \(count) values wanted, \(hiddenStorage.count) there")
        return hiddenStorage
    }
}
