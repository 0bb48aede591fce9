import Architectures
import Engine
import Training

extension TrainingMemory {
    /// For a search. It trains the largest network of the space, and for every searchable layer a superkernel in
    /// addition to the effective kernel.
    ///
    /// - Parameters:
    ///   - batch: images in a step.
    ///   - strategy: how candidates are compared.
    public init(searching space: SearchSpace, batch: Int, strategy: SearchStrategy) {
        let kernels = space.searchableLayers.reduce(0) { sum, layer in
            let size = layer.largestSize
            return sum + size.kernel * size.kernel * size.expansion * layer.input.channels
        }
        let parts = space.searchableLayers.reduce(0) { $0 + Self.partValues(of: $1) }
        let values = NetworkValues(space.largest, gated: true)
        let featureMaps = Self.bytes(batch * values.maps)
        let weights = Self.bytes(5 * values.parameters + values.gradients + 3 * values.statistics + values.kept + 2 * kernels + parts)
        let checkpoint = Self.bytes(5 * values.parameters + 3 * values.statistics)
        // A copy of all values that a trial changes; without trials, of the running statistics.
        let comparison: Int
        switch strategy {
        case .gradient: comparison = 0
        case .surrogate, .evolution: comparison = Self.bytes(values.statistics)
        case .halving: comparison = Self.bytes(3 * values.parameters + values.statistics)
        }
        // The network for one image, at most the largest, and a copy of its weights.
        let found = NetworkValues(space.largest, gated: false)
        let result = Self.bytes(found.maps + 3 * found.parameters + 2 * found.statistics + found.kept)
        self.init(featureMaps: featureMaps, weights: weights, checkpoint: checkpoint, comparison: comparison, result: result)
    }

    /// What a layer needs in addition to its largest block: to run as each of its smaller choices and, while it
    /// decides, to compute its closed channels. These are weights, normalisations and the gradients of both, running
    /// statistics, and the layers' other values.
    private static func partValues(of layer: SearchSpace.Layer) -> Int {
        let inputs = layer.input.channels, outputs = layer.output.channels
        func values(kernel: Int, hidden: Int) -> Int {
            let shape = InvertedBottleneck.Shape(
                kernelSize: kernel, stride: layer.stride, hiddenChannels: hidden, outputChannels: outputs,
                expands: true, residual: layer.residual)
            return 2 * (inputs + kernel * kernel + outputs) * hidden + 6 * (2 * hidden + outputs)
                + KeptValues.block(shape, inputChannels: inputs, gated: true)
        }
        let whole = layer.largestSize
        let choices = Set(layer.choices.compactMap(layer.size)), expansions = Set(choices.map(\.expansion))
        // While it decides, every width runs with the largest kernel, whether or not that is a choice.
        let sizes = choices.union(expansions.map { BlockSize(kernel: whole.kernel, expansion: $0) })
        var total = 0
        for size in sizes where size != whole { total += values(kernel: size.kernel, hidden: size.expansion * inputs) }
        for expansion in expansions where expansion != whole.expansion {
            let closed = (whole.expansion - expansion) * inputs
            total += values(kernel: whole.kernel, hidden: closed) + closed * outputs
        }
        return total
    }
}
