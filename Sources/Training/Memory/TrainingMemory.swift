import Architectures
import Engine

/// The memory that the training of a network takes, from the network's shapes, in bytes.
///
/// It counts what grows with the network and the batch; what a thread computes with, the objects around the values, and
/// the parts of the program that a run is the first to touch, a few MiB together, are not counted.
public struct TrainingMemory: Hashable, Sendable {
    /// Values and gradients of all feature maps.
    public let featureMaps: Int
    /// Weights, gradients, the optimiser's squares and velocities, averages, running statistics, and what layers make
    /// of these to compute with; of a search also the averages at the end of its warm-up, and what its blocks run with
    /// when they run as one of their smaller choices.
    public let weights: Int
    /// A checkpoint while it is written.
    public let checkpoint: Int
    /// What a search ranks candidates with; 0 of a training.
    public let comparison: Int
    /// What is found or trained, while it is made ready to be written.
    public let result: Int

    /// The last three come one after the other.
    public var total: Int { featureMaps + weights + max(checkpoint, comparison, result) }

    /// Of a search that goes on from the warm-up of another, which stays beside it with the checkpoint at its end.
    public var besideItsWarmUp: Int { total + featureMaps + weights + checkpoint }

    /// Of the training of one network.
    ///
    /// - Parameters:
    ///   - architecture: what is trained.
    ///   - batch: images a step.
    public init(training architecture: Architecture, batch: Int) {
        let values = NetworkValues(architecture, gated: false)
        featureMaps = Self.bytes(batch * values.maps)
        weights = Self.bytes(4 * values.parameters + values.gradients + 2 * values.statistics + values.kept)
        // The gradients are not kept.
        checkpoint = Self.bytes(4 * values.parameters + 2 * values.statistics)
        comparison = 0
        // The averages, and the bytes of the file.
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

/// How many values a network has that can be trained.
package struct NetworkValues {
    /// Of its feature maps and their gradients, for one image.
    package let maps: Int
    /// Of its weights.
    package let parameters: Int
    /// Of their gradients, in one piece of memory.
    package let gradients: Int
    /// Of its running statistics.
    package let statistics: Int
    /// What its layers keep besides.
    package let kept: Int

    /// - Parameter gated: whether the channels of searchable blocks can be closed.
    package init(_ architecture: Architecture, gated: Bool) {
        let network = architecture.network
        let stemChannels = network.layers[0].output.channels
        // Values and gradient each; the gradients within the blocks share the memory of the largest.
        var values = 2 * (architecture.input.count + 2 * network.layers[0].output.count)
        var kept = KeptValues.normalizedMap(channels: stemChannels)
        var expanded = 0, hidden = 0
        var last = network.layers[0].output
        for layer in network.layers {
            guard case .block(let block) = layer.content else { continue }
            let wide = layer.input.height * layer.input.width * block.hiddenChannels
            let deep = layer.output.height * layer.output.width * block.hiddenChannels
            values += (block.expandConvolution ? wide : 0) + deep
            // What the projection writes, the output, and its gradient, which a residual block has from its input.
            values += (block.residual ? 2 : 3) * layer.output.count
            expanded = max(expanded, wide)
            hidden = max(hidden, deep)
            last = layer.output
            let shape = InvertedBottleneck.Shape(
                kernelSize: block.kernel, stride: block.stride, hiddenChannels: block.hiddenChannels,
                outputChannels: block.outputChannels, expands: block.expandConvolution, residual: block.residual)
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
        gradients = trained.reduce(0) { $0 + FlatGradients.paddedCount($1.count) }
        statistics = tensors.reduce(0) { $0 + $1.count } - parameters
    }
}
