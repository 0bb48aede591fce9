import Architectures

/// The memory that a runtime needs for a network: the weights, and an arena for the maps that are alive at a time.
///
/// The arena is that of the best allocation in the order of the network: an operator's inputs and its output are alive
/// while it runs, and so is a block's input until the residual addition, and the map that a squeeze-excite weighs.
public struct MemoryFootprint: Hashable, Sendable {
    /// Bytes of weights and biases.
    public let weightBytes: Int
    /// Bytes of maps at the worst moment.
    public let arenaBytes: Int
    public var peakBytes: Int { weightBytes + arenaBytes }

    /// - Parameters:
    ///   - network: whose layers run one after another.
    ///   - valueBytes: of one weight or one value of a map.
    public init(_ network: Network, valueBytes: Int) {
        self.init(network.layers, valueBytes: valueBytes)
    }

    /// Of some layers of a network: weights add up, and the largest arena counts.
    init(_ layers: [Network.Layer], valueBytes: Int) {
        var weights = 0, arena = 0
        for layer in layers {
            let residual = layer.block?.residual ?? false ? layer.input.count : 0
            // What a squeeze-excite holds back while its small products run.
            var weighed = 0
            for (index, step) in layer.operators.enumerated() {
                weights += step.weightBytes / 4
                if step.kind == .multiply { weighed = 0 }
                // The first operator reads what the residual keeps, and so does the addition.
                let kept = index == 0 || step.kind == .add ? 0 : residual
                arena = max(arena, (step.inputBytes + step.outputBytes) / 4 + kept + weighed)
                if step.kind == .globalAveragePool, layer.block != nil { weighed = step.input.count }
            }
        }
        weightBytes = weights * valueBytes
        arenaBytes = arena * valueBytes
    }
}

extension Network.Layer {
    fileprivate var block: Block? { if case .block(let block) = content { block } else { nil } }
}
