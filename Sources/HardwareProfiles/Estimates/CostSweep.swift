import Architectures
import Files

/// The range of what random architectures of a search space cost, every choice of a layer being as likely.
public struct CostSweep: Sendable {
    public struct Row: Sendable {
        /// "latency ms", …
        public let name: String
        let key: String
        public let minimum, median, maximum: Double
    }

    public let rows: [Row]

    /// - Parameters:
    ///   - space: whose architectures are drawn.
    ///   - count: how many architectures, at least 1.
    ///   - model: of the device.
    ///   - seed: the same seed draws the same architectures.
    public init(of space: SearchSpace, count: Int, on model: CostModel, seed: UInt64) {
        precondition(count > 0, "a sweep needs at least one architecture")
        var latencies: [Double] = [], energies: [Double] = [], memories: [Double] = []
        var macs: [Double] = [], parameters: [Double] = []
        for architecture in space.randomArchitectures(count, seed: seed) {
            let estimate = model.estimate(architecture.network)
            latencies.append(estimate.latencyMs)
            if let energy = estimate.energyMj { energies.append(energy) }
            memories.append(Double(estimate.memory.peakBytes) / 1_048_576)
            macs.append(Double(estimate.macs) / 1e6)
            parameters.append(Double(estimate.parameters) / 1e6)
        }
        rows = [
            ("latency ms", "latency_ms", latencies), ("energy mJ", "energy_mj", energies),
            ("peak memory MiB", "peak_memory_mib", memories), ("MACs in millions", "macs_millions", macs),
            ("parameters in millions", "parameters_millions", parameters),
        ].compactMap { name, key, values in
            let sorted = values.sorted()
            guard let first = sorted.first, let last = sorted.last else { return nil }
            return Row(name: name, key: key, minimum: first, median: sorted[sorted.count / 2], maximum: last)
        }
    }

    public var json: JSON {
        .object(rows.map { row in
            JSON.Member(
                key: row.key,
                value: [
                    "minimum": .number(row.minimum), "median": .number(row.median), "maximum": .number(row.maximum),
                ])
        })
    }
}
