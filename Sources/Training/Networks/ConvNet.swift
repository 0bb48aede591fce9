import Architectures
import Engine
import Glibc

/// A network that can be trained and evaluated, for one batch size: stem, blocks, head, pooling, dropout,
/// classifier and loss.
///
/// All memory is allocated when it is built; a step allocates no activations and no gradients.
public final class ConvNet {
    public let architecture: Architecture
    public let context: ExecutionContext
    /// The images of a batch, [N, H, W, C]: write them into `images.values`.
    public let images: FeatureMap
    /// [N, 1, 1, classes].
    public let logits: FeatureMap
    /// The blocks by layer name, in order; a skipped layer has none.
    public let blocks: [InvertedBottleneck]
    public let loss: SoftmaxCrossEntropy

    public let stem: SpatialConvolution
    public let head: PointwiseConvolution
    public let dropout: Dropout
    public let classifier: FullyConnected
    /// Collects the time of the passes; nil to measure nothing.
    public var times: LayerTimes?
    /// The layers before the blocks.
    private let entry: [Layer]
    /// The layers after the blocks, up to the pooled features.
    private let exit: [Layer]
    /// The layers after those.
    private let top: [Layer]
    /// Whether a training pass computes with weights and maps that are rounded to eight bits (`RoundedWeights`,
    /// `FeatureMap.roundToEightBits`), as int8 will. It stays as it is between a pass forward and the one backward.
    public var roundsToEightBits = false
    private lazy var roundedWeights = RoundedWeights(
        [stem.weights] + blocks.flatMap { block in
            [block.expansion?.weights, block.depthwise.kernel, block.projection.weights].compactMap(\.self)
        } + [head.weights, classifier.weights])
    /// How many of the layers with weights (stem, blocks, head) are frozen, from the stem on.
    private var frozenLayers = 0

    public var batch: Int { images.batch }
    /// All trained tensors in the order of the forward pass.
    public var parameters: [Parameter] {
        entry.flatMap(\.parameters) + blocks.flatMap(\.parameters) + (exit + top).flatMap(\.parameters)
    }
    /// Those that are not frozen.
    public var trainedParameters: [Parameter] { byDepth.dropFirst(frozenLayers).flatMap(\.parameters) }
    /// All batch normalisations in the order of the forward pass.
    public var normalizations: [BatchNormalization] {
        [stem.output.normalization!] + blocks.flatMap(\.normalizations) + [head.output.normalization!]
    }
    /// The running means and variances of all batch normalisations.
    public var runningStatistics: [Storage] { namedStatistics.map(\.storage) }
    /// The same, by the names of the architecture's `weightTensors`.
    var namedStatistics: [(name: String, storage: Storage)] { Self.statistics(of: normalizations) }
    /// Those that are not frozen.
    var trainedStatistics: [(name: String, storage: Storage)] {
        Self.statistics(of: byDepth.dropFirst(frozenLayers).flatMap(\.normalizations))
    }
    private static func statistics(of normalizations: [BatchNormalization]) -> [(name: String, storage: Storage)] {
        normalizations.flatMap { normalization in
            [
                ("\(normalization.name).mean", normalization.runningMean),
                ("\(normalization.name).variance", normalization.runningVar),
            ]
        }
    }
    /// What is trained of each layer with weights: the stem, the blocks, the head, the classifier.
    private var byDepth: [(parameters: [Parameter], normalizations: [BatchNormalization])] {
        [(stem.parameters, [stem.output.normalization!])] + blocks.map { ($0.parameters, $0.normalizations) }
            + [(head.parameters, [head.output.normalization!]), (classifier.parameters, [])]
    }
    /// The outputs of the layers, in the order of the forward pass.
    var namedMaps: [(name: String, map: FeatureMap)] {
        var maps = [("stem.convolution", stem.output)]
        for block in blocks {
            if let expansion = block.expansion { maps.append(("\(block.name).expand", expansion.output)) }
            maps += [
                ("\(block.name).depthwise", block.hidden), ("\(block.name).project", block.projection.output),
                (block.name, block.output),
            ]
        }
        return maps + [("head.convolution", head.output), ("classifier.pool", dropout.map), ("classifier", logits)]
    }

    /// - Parameters:
    ///   - architecture: one that `canTrain` accepts.
    ///   - batch: images in a step.
    ///   - gated: whether the searchable blocks get gates, for superkernels to set.
    ///   - regularization: of the loss and before the classifier; without dropout if not given. The dropout draws from
    ///     `dropout.random`, which is that of seed 0 until it is set.
    ///   - random: draws the weights; those of convolutions by their fan-out, like published mobile networks. Wide
    ///     expansions then start small and, because they are normalised, learn fast.
    public init(
        _ architecture: Architecture, batch: Int, gated: Bool = false,
        regularization: Regularization = Regularization(dropout: 0), random: inout RandomSource,
        context: ExecutionContext
    ) {
        guard Self.canTrain(architecture), let headChannels = architecture.head?.outputChannels else {
            preconditionFailure(
                "only a network with ReLU or ReLU6, without squeeze-excite, and with a head that the classifier reads can be "
                    + "trained, given \(architecture.name)")
        }
        self.architecture = architecture
        self.context = context
        let input = architecture.input
        func map(
            _ shape: FeatureShape, normalization: String? = nil, activation: Architectures.Activation = .none
        ) -> FeatureMap {
            FeatureMap(
                shape: .init(batch: batch, height: shape.height, width: shape.width, channels: shape.channels),
                normalization: normalization.map {
                    BatchNormalization(
                        name: $0, channels: shape.channels, ceiling: Self.ceiling(of: activation), context: context)
                },
                context: context)
        }
        images = map(input)

        let network = architecture.network
        let stemShape = network.layers[0].output
        let stemOutput = map(
            stemShape, normalization: "stem.normalization", activation: architecture.stem.activation)
        stem = SpatialConvolution(
            name: "stem.convolution", input: images, output: stemOutput,
            window: ConvolutionWindow(
                kernelSize: architecture.stem.convolution.kernel, stride: architecture.stem.convolution.stride),
            context: context)
        stem.weights.initializeHe(
            fan: stem.kernelSize * stem.kernelSize * stemShape.channels, random: &random)
        let activated = map(stemShape)
        entry = [stem, Engine.Activation(input: stemOutput, output: activated, context: context)]

        var expanded = 0, hidden = 0
        for layer in network.layers {
            guard case .block(let block) = layer.content else { continue }
            expanded = max(expanded, batch * layer.input.height * layer.input.width * block.shape.hiddenChannels)
            hidden = max(hidden, batch * layer.output.height * layer.output.width * block.shape.hiddenChannels)
        }
        let gradients = SharedGradients(expanded: expanded, hidden: hidden)
        var current = activated
        var blocks: [InvertedBottleneck] = []
        for layer in network.layers {
            guard case .block(let block) = layer.content else { continue }
            var shape = InvertedBottleneck.Shape(
                kernelSize: block.shape.kernel, stride: block.shape.stride,
                hiddenChannels: block.shape.hiddenChannels, outputChannels: block.shape.outputChannels,
                expands: block.expandConvolution, residual: block.residual)
            shape.ceiling = Self.ceiling(of: block.activation)
            let built = InvertedBottleneck(
                name: layer.name, shape: shape, input: current, gated: gated && layer.isSearchable, gradients: gradients, context: context)
            built.expansion?.weights.initializeHe(fan: block.shape.hiddenChannels, random: &random)
            built.depthwise.kernel.initializeHe(fan: block.shape.kernel * block.shape.kernel, random: &random)
            built.projection.weights.initializeHe(fan: block.shape.outputChannels, random: &random)
            current = built.output
            blocks.append(built)
        }
        self.blocks = blocks

        let headOutput = map(
            FeatureShape(height: current.height, width: current.width, channels: headChannels),
            normalization: "head.normalization", activation: architecture.head?.activation ?? .none)
        head = PointwiseConvolution(name: "head.convolution", input: current, output: headOutput, context: context)
        head.weights.initializeHe(fan: headChannels, random: &random)
        let pooled = map(FeatureShape(height: 1, width: 1, channels: headChannels))
        logits = map(FeatureShape(height: 1, width: 1, channels: architecture.classes))
        classifier = FullyConnected(name: "classifier", input: pooled, output: logits, context: context)
        classifier.weights.initializeHe(fan: headChannels, random: &random)
        dropout = Dropout(map: pooled, rate: regularization.dropout, random: RandomSource(seed: 0))
        exit = [head, GlobalAveragePooling(input: headOutput, output: pooled, context: context)]
        top = [dropout, classifier]
        loss = SoftmaxCrossEntropy(logits: logits, smoothing: regularization.labelSmoothing)
    }

    /// What ReLU gives at most: 6 as ReLU6, without a bound as plain ReLU.
    private static func ceiling(of activation: Architectures.Activation) -> Float { activation == .relu6 ? 6 : .infinity }

    /// Whether the Engine has all layers of the architecture.
    public static func canTrain(_ architecture: Architecture) -> Bool { obstacle(to: architecture) == nil }

    /// The first thing in an architecture that the Engine does not have, for people; nil where it has all. It supports ReLU
    /// or ReLU6 after stem, expansion, depthwise convolution and head and nowhere else, and no squeeze-excite.
    static func obstacle(to architecture: Architecture) -> String? {
        func obstacle(_ activation: Architectures.Activation, in place: String) -> String? {
            activation == .relu || activation == .relu6 ? nil : "\(activation.rawValue) in \(place)"
        }
        if let found = obstacle(architecture.stem.activation, in: "the stem") { return found }
        for layer in architecture.layers {
            guard case .block(let block) = layer.content else { continue }
            if block.squeezeExcite != nil { return "squeeze-excite in \(layer.name)" }
            if let found = obstacle(block.activation, in: layer.name) { return found }
            if block.projectionActivation != .none {
                return "\(block.projectionActivation.rawValue) after the projection of \(layer.name)"
            }
        }
        guard let head = architecture.head else { return "no head" }
        if head.pooledChannels != nil { return "two fully connected operators after the head" }
        return obstacle(head.activation, in: "the head")
    }

    /// Checks that the Engine has all layers of the architecture.
    ///
    /// - Throws: `TrainingError.cannotTrain`.
    public static func check(_ architecture: Architecture) throws(TrainingError) {
        if let found = obstacle(to: architecture) { throw .cannotTrain(network: architecture.name, found: found) }
    }

    /// Leaves the first layers as they are from now on: they compute what they do in evaluation, and have no backward
    /// pass.
    ///
    /// - Parameter part: of this network; nil for none of it.
    public func freeze(_ part: FrozenPart?) {
        let frozen = part?.layers ?? [], layers = architecture.network.layers.filter { $0.content != .skip }.map(\.name)
        precondition(
            layers.dropLast().starts(with: frozen), "ConvNet.freeze: \(frozen) are not the first layers of \(layers)")
        frozenLayers = frozen.count
    }

    /// Multiplies the learning rate of a layer by `factor` for every step down from the classifier, which has the full
    /// rate: once for the head, twice for the last block, and most often for the stem (Howard and Ruder, 2018,
    /// "Universal Language Model Fine-tuning for Text Classification", section 3.2; for a factor for each block, Bao et
    /// al., 2021, "BEiT").
    public func setLearningRates(decayByDepth factor: Double) {
        let layers = byDepth
        for (index, layer) in layers.enumerated() {
            let share = Float(pow(factor, Double(layers.count - 1 - index)))
            for parameter in layer.parameters { parameter.learningRateFactor = share }
        }
    }

    /// Computes the logits of the images.
    ///
    /// - Parameter training: whether to use batch statistics, update the running ones, and apply dropout; in frozen layers
    ///   there is none of that.
    public func forward(training: Bool) {
        if training, roundsToEightBits { return forwardInEightBits() }
        for layer in entry { layer.forward(training: training && trains(0), times: times) }
        for (index, block) in blocks.enumerated() {
            block.forward(training: training && trains(index + 1), times: times)
        }
        for layer in exit { layer.forward(training: training && trains(blocks.count + 1), times: times) }
        for layer in top { layer.forward(training: training, times: times) }
    }

    /// The pass of training in which weights and maps are rounded. Blocks must be computed as a whole.
    private func forwardInEightBits() {
        roundedWeights.round()
        images.roundToEightBits(isActivated: false)
        for layer in entry {
            layer.forward(training: trains(0), times: times)
            if layer === stem { stem.output.roundToEightBits(isActivated: true) }
        }
        for (index, block) in blocks.enumerated() {
            for layer in block.layers {
                layer.forward(training: trains(index + 1), times: times)
                if layer === block.expansion { block.expansion?.output.roundToEightBits(isActivated: true) }
                if layer === block.depthwise { block.hidden.roundToEightBits(isActivated: true) }
                if layer === block.projection { block.projection.output.roundToEightBits(isActivated: false) }
                if layer === block.branch, block.shape.residual { block.output.roundToEightBits(isActivated: false) }
            }
        }
        for layer in exit {
            layer.forward(training: trains(blocks.count + 1), times: times)
            if layer === head { head.output.roundToEightBits(isActivated: true) }
        }
        dropout.map.roundToEightBits(isActivated: false)
        for layer in top { layer.forward(training: true, times: times) }
    }

    /// Computes the gradient of every parameter that is not frozen from the logits' gradient.
    public func backward() {
        // Their copies take memory, which other trainings do not count.
        defer { if roundsToEightBits { roundedWeights.restore() } }
        for layer in top.reversed() { layer.backward(times: times) }
        if trains(blocks.count + 1) {
            for layer in exit.reversed() { layer.backward(times: times) }
        }
        for index in blocks.indices.reversed() where trains(index + 1) { blocks[index].backward(times: times) }
        if trains(0) {
            for layer in entry.reversed() { layer.backward(times: times) }
        }
    }

    /// Whether a layer is trained, by its place among those with weights.
    private func trains(_ layer: Int) -> Bool { layer >= frozenLayers }
}
