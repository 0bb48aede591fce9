import Architectures

/// The latency of every choice of a search space on a device, for estimates by the million.
///
///     let table = model.table(of: space)
///     table.milliseconds(choices)     // one index for each searchable layer, into its `choices`
public struct CostTable: Sendable {
    /// What is not searchable, milliseconds.
    public let fixedMs: Double
    private let latencies: [Double]
    private let stride: Int
    private let layers: Int

    /// - Parameter costs: of latency.
    init(_ costs: ChoiceCosts) {
        precondition(costs.quantity == .latency, "CostTable: \(costs.quantity.rawValue) is not latency")
        fixedMs = costs.fixed.value
        let stride = costs.choices.map(\.count).max() ?? 0
        self.stride = stride
        layers = costs.choices.count
        latencies = costs.choices.flatMap {
            $0.map(\.value) + [Double](repeating: .nan, count: stride - $0.count)
        }
    }

    /// The latency of the architecture with those choices.
    ///
    /// - Parameter choices: one for each searchable layer, an index into its `choices`. Nothing is allocated.
    public func milliseconds(_ choices: UnsafeBufferPointer<UInt8>) -> Double {
        precondition(choices.count == layers, "CostTable: \(choices.count) choices for \(layers) layers")
        return latencies.withUnsafeBufferPointer { latencies in
            var total = fixedMs
            for layer in 0..<layers {
                precondition(Int(choices[layer]) < stride, "CostTable: a choice that layer \(layer) does not have")
                total += latencies[layer &* stride &+ Int(choices[layer])]
            }
            return total
        }
    }
}

extension CostModel {
    /// Milliseconds of every choice of a space's layers.
    public func table(of space: SearchSpace) -> CostTable { CostTable(latencies(of: space)) }
}
