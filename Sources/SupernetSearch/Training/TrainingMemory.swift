import Architectures

/// The memory that the training of a network takes, from the network's shapes, in bytes.
///
/// It counts what grows with the network and the batch; what is one value a channel, and the scratch of a thread, is
/// far below one part in a hundred of that.
public struct TrainingMemory: Hashable, Sendable {
    /// Values and gradients of all feature maps.
    public let featureMaps: Int
    /// Weights, gradients, the optimiser's squares and velocities, averages, and the running statistics; of a search also
    /// the averages at the end of its warm-up, and what its blocks run with when they run as one of their smaller choices.
    public let weights: Int
    /// A checkpoint while it is written.
    public let checkpoint: Int

    public var total: Int { featureMaps + weights + checkpoint }

    /// Of the training of one network.
    ///
    /// - Parameter batch: images a step.
    public init(training architecture: Architecture, batch: Int) {
        self.init(architecture, batch: batch, supernetValues: 0, copies: 5)
    }

    /// Of a search, which trains the largest network of the space, and for every searchable layer a superkernel beside
    /// the kernel that it decides on.
    ///
    /// - Parameter batch: images a step.
    public init(searching space: SearchSpace, batch: Int) {
        let kernels = space.searchableLayers.reduce(0) { sum, layer in
            let size = layer.kernels.max() ?? 0, width = (layer.expansions.max() ?? 0) * layer.input.channels
            return sum + size * size * width
        }
        let parts = space.searchableLayers.map(Self.partValues)
        self.init(space.largest, batch: batch, supernetValues: 2 * kernels + parts.reduce(0, +), copies: 6)
    }

    /// What a layer needs beside its largest block to run as each of its other choices and, while it decides, to compute
    /// what is closed of its width: weights, normalisations and the gradients of both, and running statistics.
    private static func partValues(of layer: SearchSpace.Layer) -> Int {
        let inputs = layer.input.channels, outputs = layer.output.channels
        func values(kernel: Int, hidden: Int) -> Int {
            2 * (inputs + kernel * kernel + outputs) * hidden + 6 * (2 * hidden + outputs)
        }
        var total = 0
        for case .block(let kernel, let expansion) in layer.choices.dropLast() {
            total += values(kernel: kernel, hidden: expansion * inputs)
        }
        let kernel = layer.kernels.max() ?? 0, width = layer.expansions.max() ?? 0
        for expansion in layer.expansions.dropLast() {
            let closed = (width - expansion) * inputs
            total += values(kernel: kernel, hidden: closed) + closed * outputs
        }
        return total
    }

    /// - Parameter copies: of every weight; of running statistics there are three fewer.
    private init(_ architecture: Architecture, batch: Int, supernetValues: Int, copies: Int) {
        let network = architecture.network
        // Values and gradient each; the gradients within the blocks share the memory of the largest.
        var values = 2 * (architecture.input.count + 2 * network.layers[0].output.count)
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
        }
        let headChannels = architecture.head?.outputChannels ?? 0
        values += expanded + hidden + 2 * last.height * last.width * headChannels
        values += 3 * headChannels + 2 * architecture.classes
        featureMaps = MemoryLayout<Float>.size * batch * values

        let tensors = architecture.weightTensors
        let statistics = tensors.filter { $0.name.hasSuffix(".mean") || $0.name.hasSuffix(".variance") }
            .reduce(0) { $0 + $1.count }
        let parameters = tensors.reduce(0) { $0 + $1.count } - statistics
        weights = MemoryLayout<Float>.size * (copies * parameters + (copies - 3) * statistics + supernetValues)
        // The gradients are not kept.
        checkpoint = MemoryLayout<Float>.size * ((copies - 1) * parameters + (copies - 3) * statistics)
    }
}
