import Architectures

/// The memory that a runtime needs for a network: the weights, and an arena for the maps that are alive together.
///
/// The arena is that of an ideal allocation in the order of the network: an operator's inputs and output are alive
/// while it runs. A block's input stays alive until the residual addition, and so does the map that a squeeze-excite
/// scales until it is scaled.
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

    /// The footprint of some layers of a network: weights add up, and the largest arena counts.
    init(_ layers: [Network.Layer], valueBytes: Int) {
        var weights = 0, arena = 0
        for layer in layers {
            let residual = layer.block?.residual ?? false ? layer.input.count : 0
            // The map that a squeeze-excite keeps alive while its small products run.
            var weighed = 0
            for (index, step) in layer.operators.enumerated() {
                let bytes = step.valueType?.bytes ?? valueBytes
                weights += step.valueType.map { step.weightBytes(of: $0) } ?? step.weightBytes / 4 * valueBytes
                if step.kind == .multiply { weighed = 0 }
                // The first operator and the addition read the residual's map themselves, so it must not count twice.
                let kept = index == 0 || step.kind == .add ? 0 : residual
                arena = max(arena, ((step.inputBytes + step.outputBytes) / 4 + kept + weighed) * bytes)
                if step.kind == .globalAveragePool, layer.block != nil { weighed = step.input.count }
            }
        }
        weightBytes = weights
        arenaBytes = arena
    }
}

extension Network.Layer {
    fileprivate var block: Block? { if case .block(let block) = content { block } else { nil } }
}
