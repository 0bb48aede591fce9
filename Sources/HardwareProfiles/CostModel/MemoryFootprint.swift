import Architectures

/// The memory that a runtime needs for a network: the weights, and an arena for the maps that are alive together.
///
/// The arena is that of an ideal allocation in the order of the network: an operator's inputs and output are alive
/// while it runs, and so is what later operators read. A block's input stays alive until the residual addition, and the map
/// that a squeeze-excite scales until it is scaled. What is computed value by value from one map is written over it.
public struct MemoryFootprint: Hashable, Sendable {
    /// Bytes of weights and biases.
    public let weightBytes: Int
    /// Bytes of maps at the worst moment.
    public let arenaBytes: Int
    public var peakBytes: Int { weightBytes + arenaBytes }

    /// - Parameters:
    ///   - network: whose layers run one after another. Those of a graph know which maps wait (`Network.Layer.maps`).
    ///   - type: of weights and maps, where an operator has none of its own. The biases of int8 operators have four bytes.
    public init(_ network: Network, type: ValueType) {
        self.init(network.layers, type: type)
    }

    /// The footprint of some layers of a network: weights add up, and the largest arena counts.
    init(_ layers: [Network.Layer], type: ValueType) {
        var weights = 0, arena = 0
        for layer in layers {
            if let maps = layer.maps {
                weights += layer.operators.reduce(0) { $0 + $1.weightBytes(of: $1.valueType ?? type) }
                arena = max(arena, maps.bytes(of: type))
                continue
            }
            let residual = layer.block?.residual ?? false ? layer.input.count : 0
            // The map that a squeeze-excite keeps alive while its small products run.
            var weighed = 0
            for (index, step) in layer.operators.enumerated() {
                let type = step.valueType ?? type
                weights += step.weightBytes(of: type)
                if step.kind == .multiply { weighed = 0 }
                // The first operator and the addition read the residual's map themselves, so it must not count twice.
                let kept = index == 0 || step.kind == .add ? 0 : residual
                arena = max(arena, ((step.inputBytes + step.outputBytes) / 4 + kept + weighed) * type.bytes)
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
