/// An inverted bottleneck (MBConv; Sandler et al., 2018): 1×1 expansion, depthwise k×k, 1×1 projection, each
/// normalised, ReLU or ReLU6 after the first two, and the input added where the block is residual.
///
/// - Input: [N, H, W, Cin], plain; output: [N, ⌈H/s⌉, ⌈W/s⌉, Cout], plain; hidden width C.
///
/// `hidden.setGate` closes channels of the hidden width: they contribute zero to the projection. `branch.gate`
/// closes the whole block: the output is the input. Closed parts are still computed, because the gradients of the gates
/// need them, unless `extent` excludes them.
public final class InvertedBottleneck {
    /// The sizes of a block.
    public struct Shape: Hashable, Sendable {
        public var kernelSize, stride, hiddenChannels, outputChannels: Int
        /// Whether there is an expansion; without one the hidden width is the input's width.
        public var expands: Bool
        public var residual: Bool
        /// The largest value that the block's ReLU gives: 6 in ReLU6, infinity in plain ReLU. Only a block without
        /// gates may have a finite one.
        public var ceiling = Float.infinity

        public init(kernelSize: Int, stride: Int, hiddenChannels: Int, outputChannels: Int, expands: Bool, residual: Bool) {
            self.kernelSize = kernelSize
            self.stride = stride
            self.hiddenChannels = hiddenChannels
            self.outputChannels = outputChannels
            self.expands = expands
            self.residual = residual
        }

        /// Of the depthwise convolution.
        var window: ConvolutionWindow { ConvolutionWindow(kernelSize: kernelSize, stride: stride) }
    }

    /// The part of a block that is computed.
    public enum Extent: Hashable, Sendable {
        /// Everything, whatever the gates.
        case whole
        /// The first so many hidden channels, and the centre of the kernel, as if the block had these sizes. The gates'
        /// gradients are not computed.
        case part(kernelSize: Int, hiddenChannels: Int)
        /// The first so many hidden channels; of the others, which must be closed, only what their gates' gradients
        /// need.
        case probed(hiddenChannels: Int)
        /// Nothing: the output is the input. Only for a residual block.
        case none
    }

    public let name: String
    public let shape: Shape
    /// What the passes compute; `prepare` must have made it.
    public var extent = Extent.whole {
        didSet { choosePart() }
    }
    public let input: FeatureMap
    public let output: FeatureMap
    /// The depthwise convolution's output, which the projection reads through the gate.
    public let hidden: FeatureMap
    public let expansion: PointwiseConvolution?
    public let depthwise: DepthwiseConvolution
    public let projection: PointwiseConvolution
    public let branch: BranchOutput

    /// All parameters but the gates, in the order of the forward pass.
    public let parameters: [Parameter]

    /// The batch normalisations in the order of the forward pass.
    public var normalizations: [BatchNormalization] {
        [expansion?.output.normalization, hidden.normalization, projection.output.normalization].compactMap { $0 }
    }

    /// The layers of the whole block, in the order of the forward pass.
    public let layers: [Layer]
    private let context: ExecutionContext
    private var parts: [Extent: (part: BlockPart, rest: BlockRest?)] = [:]
    /// The part for the current `extent`; nil for the whole block or nothing.
    private var chosen: (part: BlockPart, rest: BlockRest?)?

    /// - Parameters:
    ///   - name: the prefix of its parameters' names.
    ///   - shape: the block's sizes.
    ///   - input: plain.
    ///   - gated: whether channels of the hidden width can be closed.
    ///   - gradients: memory for the gradients of the hidden maps, shared by the blocks of a network. Where the block is
    ///     residual, the gradient of the output is the first summand of the input's gradient, in the same memory.
    ///   - context: what the layers of the network share.
    public convenience init(
        name: String, shape: Shape, input: FeatureMap, gated: Bool = false, gradients: SharedGradients,
        context: ExecutionContext
    ) {
        let output = shape.window.output(for: input.shape, channels: shape.outputChannels)
        let hidden = shape.hiddenChannels
        self.init(
            name: name, shape: shape, input: input,
            interior: Interior(
                gated: gated, expandedGradient: shape.expands ? gradients.expanded(hidden * input.rows) : nil,
                hiddenGradient: gradients.hidden(hidden * output.rows)),
            output: FeatureMap(shape: output, gradient: shape.residual ? input.gradient : nil, context: context),
            context: context)
    }

    /// A block between the same maps as a larger one, in its memory.
    ///
    /// - Parameter first: the channel of the whole block at which the hidden maps begin.
    convenience init(
        name: String, shape: Shape, within whole: InvertedBottleneck, after first: Int = 0, context: ExecutionContext
    ) {
        func memory(_ map: FeatureMap) -> Storage { Storage(in: map.values, from: first * map.rows) }
        self.init(
            name: name, shape: shape, input: whole.input,
            interior: Interior(
                gated: whole.hidden.gate != nil, expanded: (whole.expansion?.output).map(memory),
                expandedGradient: whole.expansion?.output.gradient,
                hidden: memory(whole.hidden), hiddenGradient: whole.hidden.gradient,
                projected: whole.projection.output.values),
            output: whole.output, context: context)
    }

    /// The maps within a block: whether channels of the hidden one can be closed, and memory; nil to allocate.
    private struct Interior {
        var gated: Bool
        var expanded: Storage?
        var expandedGradient: Storage?
        var hidden: Storage?
        var hiddenGradient: Storage?
        var projected: Storage?
    }

    private init(
        name: String, shape: Shape, input: FeatureMap, interior: Interior, output: FeatureMap, context: ExecutionContext
    ) {
        require(input.normalization == nil, "InvertedBottleneck \(name): the input must be plain")
        require(
            shape.expands || shape.hiddenChannels == input.channels,
            "InvertedBottleneck \(name): without expansion the hidden width \(shape.hiddenChannels) must be the input's \(input.channels)")
        require(
            !shape.residual || (shape.stride == 1 && shape.outputChannels == input.channels),
            "InvertedBottleneck \(name): residual needs stride 1 and \(input.channels) output channels, got stride "
                + "\(shape.stride) and \(shape.outputChannels)")
        self.name = name
        self.shape = shape
        self.input = input
        self.output = output
        self.context = context
        var layers: [Layer] = []

        var wide = input
        if shape.expands {
            wide = FeatureMap(
                shape: input.shape.with(channels: shape.hiddenChannels),
                normalization: BatchNormalization(
                    name: name + ".expand_normalization", channels: shape.hiddenChannels, ceiling: shape.ceiling, context: context),
                values: interior.expanded, gradient: interior.expandedGradient, context: context)
            let expansion = PointwiseConvolution(
                name: name + ".expand", input: input, output: wide, accumulatesInputGradient: shape.residual, context: context)
            layers.append(expansion)
            self.expansion = expansion
        } else {
            expansion = nil
        }

        hidden = FeatureMap(
            shape: shape.window.output(for: input.shape, channels: shape.hiddenChannels),
            normalization: BatchNormalization(
                name: name + ".depthwise_normalization", channels: shape.hiddenChannels, ceiling: shape.ceiling, context: context),
            gated: interior.gated, values: interior.hidden, gradient: interior.hiddenGradient, context: context)
        depthwise = DepthwiseConvolution(
            name: name + ".depthwise", input: wide, output: hidden, window: shape.window,
            accumulatesInputGradient: !shape.expands && shape.residual, context: context)
        layers.append(depthwise)

        let projected = FeatureMap(
            shape: hidden.shape.with(channels: shape.outputChannels),
            normalization: BatchNormalization(name: name + ".project_normalization", channels: shape.outputChannels, context: context),
            values: interior.projected, gradient: output.gradient, context: context)
        projection = PointwiseConvolution(name: name + ".project", input: hidden, output: projected, context: context)
        layers.append(projection)
        branch = BranchOutput(
            name: name, projected: projected, shortcut: shape.residual ? input : nil, output: output, context: context)
        layers.append(branch)
        self.layers = layers
        parameters = layers.flatMap(\.parameters)
    }

    /// Prepares an extent: allocates memory for the weights of its part.
    public func prepare(_ extent: Extent) {
        switch extent {
        case .whole, .none: break
        case .part(let kernelSize, let hiddenChannels):
            parts[extent] = (
                BlockPart(of: self, kernelSize: kernelSize, hiddenChannels: hiddenChannels, context: context), nil
            )
        case .probed(let hiddenChannels):
            let part = Extent.part(kernelSize: shape.kernelSize, hiddenChannels: hiddenChannels)
            if parts[part] == nil { prepare(part) }
            parts[extent] = parts[part].map { part, _ in
                (
                    part,
                    BlockRest(
                        of: self, from: hiddenChannels, projected: part.block.projection.output, context: context)
                )
            }
        }
    }

    private func choosePart() {
        switch extent {
        case .whole: chosen = nil
        case .none:
            require(shape.residual, "InvertedBottleneck \(name): without a shortcut it cannot be left out")
            chosen = nil
        case .part, .probed:
            chosen = parts[extent]
            require(chosen != nil, "InvertedBottleneck \(name): \(extent) is not prepared")
        }
    }

    /// As `Layer.forward`.
    ///
    /// - Parameters:
    ///   - training: as in `Layer.forward`.
    ///   - times: collects the time of the layers.
    public func forward(training: Bool, times: LayerTimes? = nil) {
        if let chosen {
            if branch.gate != 0 { chosen.rest?.forward(training: training, times: times) }
            chosen.part.forward(training: training, times: times)
        } else if extent == .none {
            branch.passOnShortcut()
        } else {
            for layer in layers { layer.forward(training: training, times: times) }
        }
    }

    /// As `Layer.backward`; the gradients of parts that are not computed are zero.
    ///
    /// - Parameter times: as in `forward`.
    public func backward(times: LayerTimes? = nil) {
        if let chosen {
            hidden.gateGradient?.fill(0)
            chosen.part.backward(times: times) { chosen.rest?.probe() }
        } else if extent == .none {
            clearGradients()
        } else {
            backward(times: times, probe: {})
        }
    }

    /// The backward pass of the whole block.
    ///
    /// - Parameter probe: called when the gradient of the projection's output is known and not yet overwritten; not
    ///   called where the branch is closed.
    func backward(times: LayerTimes?, probe: () -> Void) {
        branch.backward(times: times)
        // No gradient flows through a closed branch, and the shortcut's is already in place.
        if branch.gate == 0, shape.residual { return clearGradients() }
        probe()
        for layer in layers.dropLast().reversed() { layer.backward(times: times) }
    }

    private func clearGradients() {
        for parameter in parameters { parameter.gradient.fill(0) }
        hidden.gateGradient?.fill(0)
    }
}

/// Memory for gradients that live only while one block runs backward, shared by all blocks of a network.
public final class SharedGradients {
    private let expandedStorage: Storage
    private let hiddenStorage: Storage

    /// - Parameters:
    ///   - expanded: the number of values of the largest expanded map of any block.
    ///   - hidden: the number of values of the largest depthwise output of any block.
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
