import Architectures
import Engine

/// The memory of a training, computed from the network's shapes, in bytes.
///
/// It counts everything that grows with the network and the batch. It does not count the threads' scratch, the objects
/// around the values, and the program's own pages, which are a few MiB together.
public struct TrainingMemory: Hashable, Sendable {
    /// Values and gradients of all feature maps.
    public let featureMaps: Int
    /// Weights, gradients, the optimiser's state, EMA, running statistics, and values that layers
    /// derive from them; in a search also the EMA at the end of its warm-up, and the copies with which blocks run as
    /// one of their smaller choices.
    public let weights: Int
    /// A checkpoint while it is written.
    public let checkpoint: Int
    /// What a search needs to rank candidates; 0 for a training.
    public let comparison: Int
    /// Copies of the weights while the result is written.
    public let result: Int

    /// The last three are never needed at the same time.
    public var total: Int { featureMaps + weights + max(checkpoint, comparison, result) }

    /// For a search that continues from the warm-up of another, which stays in memory with its last checkpoint.
    public var besideItsWarmUp: Int { total + featureMaps + weights + checkpoint }

    /// For the training of one network.
    ///
    /// - Parameters:
    ///   - batch: images in a step.
    ///   - optimizer: which keeps state for each weight.
    ///   - frozen: what has no optimiser state and no EMA; nil for nothing.
    ///   - roundsToEightBits: whether weights are rounded in some steps, of which a copy is kept.
    public init(
        training architecture: Architecture, batch: Int, optimizer: OptimizerConfiguration.Kind = .rmsprop,
        frozen: FrozenPart? = nil, roundsToEightBits: Bool = false
    ) {
        let values = NetworkValues(architecture, gated: false)
        let still = frozen?.parameters ?? 0, constants = frozen?.statistics ?? 0
        // Their gradients, which stay zero, are not in the one piece of memory of the others.
        let padding = (frozen?.tensors ?? []).filter(\.role.isTrained).reduce(0) {
            $0 + FlatGradients.paddedCount($1.count) - $1.count
        }
        featureMaps = Self.bytes(batch * values.maps)
        weights = Self.bytes(
            (2 + optimizer.stateValues) * values.parameters - (1 + optimizer.stateValues) * still + values.gradients - padding + 2 * values.statistics - constants
                + values.kept + (roundsToEightBits ? values.operatorWeights : 0))
        // Gradients are not saved.
        checkpoint = Self.bytes((2 + optimizer.stateValues) * (values.parameters - still) + 2 * (values.statistics - constants))
        comparison = 0
        // The EMA weights, and the bytes of the file.
        result = Self.bytes(2 * (values.parameters + values.statistics))
    }

    package init(featureMaps: Int, weights: Int, checkpoint: Int, comparison: Int, result: Int) {
        self.featureMaps = featureMaps
        self.weights = weights
        self.checkpoint = checkpoint
        self.comparison = comparison
        self.result = result
    }

    package static func bytes(_ values: Int) -> Int { MemoryLayout<Float>.size * values }
}

/// The numbers of values of a network that can be trained.
package struct NetworkValues {
    /// Feature maps and their gradients, for one image.
    package let maps: Int
    /// Weights.
    package let parameters: Int
    /// Those of them that are weights of operators, which int8 rounds.
    package let operatorWeights: Int
    /// Their gradients, in one piece of memory.
    package let gradients: Int
    /// Running statistics.
    package let statistics: Int
    /// The layers' other values.
    package let kept: Int

    /// - Parameter gated: whether the channels of searchable blocks can be closed.
    package init(_ architecture: Architecture, gated: Bool) {
        let network = architecture.network
        let stemChannels = network.layers[0].output.channels
        // Values and gradients; the gradients within the blocks share the memory of the largest block.
        var values = 2 * (architecture.input.count + 2 * network.layers[0].output.count)
        var kept = KeptValues.normalizedMap(channels: stemChannels)
        var expanded = 0, hidden = 0
        var last = network.layers[0].output
        for layer in network.layers {
            guard case .block(let block) = layer.content else { continue }
            let wide = layer.input.height * layer.input.width * block.shape.hiddenChannels
            let deep = layer.output.height * layer.output.width * block.shape.hiddenChannels
            values += (block.expandConvolution ? wide : 0) + deep
            // The projection's output, the block's output, and its gradient, which a residual block shares with its
            // input.
            values += (block.residual ? 2 : 3) * layer.output.count
            expanded = max(expanded, wide)
            hidden = max(hidden, deep)
            last = layer.output
            let shape = InvertedBottleneck.Shape(
                kernelSize: block.shape.kernel, stride: block.shape.stride,
                hiddenChannels: block.shape.hiddenChannels, outputChannels: block.shape.outputChannels,
                expands: block.expandConvolution, residual: block.residual)
            kept += KeptValues.block(
                shape, inputChannels: layer.input.channels, gated: gated && layer.isSearchable)
        }
        let headChannels = architecture.head?.outputChannels ?? 0
        values += expanded + hidden + 2 * last.height * last.width * headChannels
        maps = values + 3 * headChannels + 2 * architecture.classes
        self.kept = kept + KeptValues.pointwise(inputs: last.channels, outputs: headChannels)

        let tensors = architecture.weightTensors
        let trained = tensors.filter(\.role.isTrained)
        parameters = trained.reduce(0) { $0 + $1.count }
        operatorWeights = trained.filter { $0.layout != .vector }.reduce(0) { $0 + $1.count }
        gradients = trained.reduce(0) { $0 + FlatGradients.paddedCount($1.count) }
        statistics = tensors.reduce(0) { $0 + $1.count } - parameters
    }
}
