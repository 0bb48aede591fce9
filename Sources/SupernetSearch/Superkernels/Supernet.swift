import Architectures
import Engine
import Training

/// The over-parameterised network of a search space: the largest network of the space, whose searchable layers decide
/// their sizes.
///
/// One training step:
///
///     supernet.decide()
///     supernet.network.forward(training: true)
///     let loss = supernet.loss(labels: labels, lambda: 0.05)
///     supernet.backward()
///     optimizer.update(learningRate: rate)
public final class Supernet {
    public let space: SearchSpace
    /// The largest network of the space, gated.
    public let network: ConvNet
    /// One superkernel for each searchable layer, in order.
    public let superkernels: [Superkernel]
    public let runtime: RuntimeTerm
    /// The trained parameters, in the order of the forward pass: the network's tensors, with each searchable layer's
    /// superkernel instead of its depthwise kernel.
    public let parameters: [Parameter]

    /// The parts of the loss of a batch.
    public struct Loss: Hashable, Sendable {
        /// The mean over the batch, including label smoothing.
        public let crossEntropy: Double
        /// The latency of the selected network.
        public let runtimeMs: Double
        /// cross-entropy + λ · log(runtime / 1 ms), or a sum of such cost terms. The optimiser adds weight decay.
        public let total: Double
    }

    /// - Parameters:
    ///   - batch: images in a step.
    ///   - regularization: of the cross-entropy and before the classifier.
    ///   - seed: draws the weights and the dropout.
    ///   - context: what the layers share.
    public init(
        space: SearchSpace, runtime: RuntimeTerm, batch: Int, regularization: Regularization = Regularization(),
        seed: UInt64, context: ExecutionContext
    ) {
        self.space = space
        self.runtime = runtime
        var random = RandomSource(seed: seed, stream: RandomStream.weights)
        let network = ConvNet(
            space.largest, batch: batch, gated: true, regularization: regularization, random: &random, context: context)
        network.dropout.random = RandomSource(seed: seed, stream: RandomStream.dropout)
        self.network = network
        let blocks = Dictionary(uniqueKeysWithValues: network.blocks.map { ($0.name, $0) })
        var superkernels: [Superkernel] = []
        var replacements: [ObjectIdentifier: Parameter] = [:]
        for layer in space.searchableLayers {
            guard let block = blocks[layer.name] else {
                preconditionFailure("Supernet: the largest network of \(space.name) has no layer \(layer.name)")
            }
            let superkernel = Superkernel(layer: layer, block: block, random: &random)
            superkernels.append(superkernel)
            replacements[ObjectIdentifier(block.depthwise.kernel)] = superkernel.kernel
        }
        self.superkernels = superkernels
        parameters = network.parameters.map { replacements[ObjectIdentifier($0)] ?? $0 }
        decide()
    }

    /// The minimal work of deciding and its backward pass: superkernels, effective kernels and the gradients of both
    /// are read and written.
    package var decisionWork: Work {
        let values = superkernels.reduce(0) { $0 + $1.kernel.value.count }
        return Work(macs: 4 * values, bytes: 8 * values * MemoryLayout<Float>.stride)
    }

    /// The result of the last `decide` or `select`, layer by layer.
    public var indicators: [LayerIndicators] { Array(indicatorsInPlace) }

    /// The same without copies, for work in every step.
    var indicatorsInPlace: some RandomAccessCollection<LayerIndicators> { superkernels.lazy.map { $0.indicators } }

    /// The choices that the indicators make, layer by layer.
    public var choices: [LayerChoice] { Array(choicesInPlace) }

    var choicesInPlace: some RandomAccessCollection<LayerChoice> { superkernels.lazy.map { $0.choice } }

    /// The latency of the selected network, in milliseconds.
    public var runtimeMs: Double { runtime.term.value(of: indicatorsInPlace) }

    /// Lets every superkernel decide by its norms; parts that are off are not computed.
    public func decide() { network.context.pool.run(decision) }

    private lazy var decision = SharedWork { [unowned self] thread in
        forEachSuperkernel(of: thread) { superkernels[$0].decide() }
    }

    /// Later layers are wider, so layers are assigned to threads in turn, which balances the work.
    private func forEachSuperkernel(of thread: Int, _ body: (_ index: Int) -> Void) {
        for index in stride(from: thread, to: superkernels.count, by: network.context.pool.threads) { body(index) }
    }

    /// Uses the given indicators and ignores the norms.
    ///
    /// - Parameter probing: whether `backward(probing: true)` follows, for which the parts that are off must be computed
    ///   too.
    public func select(_ indicators: [LayerIndicators], probing: Bool = false) {
        precondition(
            indicators.count == superkernels.count,
            "Supernet: indicators of \(indicators.count) layers for a space of \(superkernels.count)")
        for (superkernel, chosen) in zip(superkernels, indicators) { superkernel.select(chosen, probing: probing) }
    }

    /// Keeps the indicators and uses the present kernels.
    func selectAgain() {
        for superkernel in superkernels { superkernel.selectAgain() }
    }

    /// Uses one choice of each searchable layer; other parts are not computed.
    public func select(_ choices: [LayerChoice]) {
        select(zip(space.searchableLayers, choices).map { LayerIndicators($1, in: $0) })
    }

    /// The loss of the batch after the forward pass of `network`.
    ///
    /// - Parameters:
    ///   - labels: one for each image, in 0..<classes.
    ///   - lambda: the weight of the runtime's logarithm.
    public func loss(labels: UnsafePointer<Int32>, lambda: Double) -> Loss {
        loss(labels: labels, costs: [WeightedCost(term: runtime.term, weight: lambda)])
    }

    /// As `loss(labels:lambda:)`, with any cost terms.
    ///
    /// - Parameter second: the classes of images that share a frame with another.
    package func loss(
        labels: UnsafePointer<Int32>, second: SoftmaxCrossEntropy.SecondLabels? = nil, costs: [WeightedCost]
    ) -> Loss {
        let crossEntropy = Double(network.loss.evaluate(labels: labels, second: second))
        return Loss(
            crossEntropy: crossEntropy, runtimeMs: runtimeMs,
            total: costs.reduce(crossEntropy) { $0 + $1.loss(of: indicatorsInPlace) })
    }

    /// Computes the gradient of every weight, after `decide` or `select`, the forward pass and `loss`.
    ///
    /// - Parameter probing: whether to compute every superkernel's `derivatives` too.
    public func backward(probing: Bool = false) {
        network.backward()
        backwardSuperkernels(probing: probing)
    }

    /// The second part of `backward`, for superkernels, after the network's backward pass.
    package func backwardSuperkernels(probing: Bool) { network.context.pool.run(probing ? probedBackward : plainBackward) }

    private lazy var probedBackward = SharedWork { [unowned self] thread in
        forEachSuperkernel(of: thread) { superkernels[$0].backward(probing: true) }
    }

    private lazy var plainBackward = SharedWork { [unowned self] thread in
        forEachSuperkernel(of: thread) { superkernels[$0].backward() }
    }

    /// The architecture that the indicators select.
    ///
    /// - Parameter name: of the architecture.
    public func derivedArchitecture(name: String) -> Architecture {
        do {
            return try space.architecture(name: name, choices: choices)
        } catch {
            preconditionFailure("Supernet: its own choices are not of its space: \(error)")
        }
    }

    /// The network that the indicators select, with its present weights and statistics.
    public func derivedNetwork(name: String, batch: Int) -> ConvNet {
        var random = RandomSource(seed: 0)
        let derived = ConvNet(
            derivedArchitecture(name: name), batch: batch,
            regularization: Regularization(labelSmoothing: network.loss.smoothing, dropout: 0), random: &random,
            context: network.context)
        derived.inherit(from: network)
        return derived
    }
}
