import Architectures
import Files

/// The range of costs of random architectures of a search space; all choices of a layer are equally likely.
public struct CostSweep: Sendable {
    public struct Row: Sendable {
        /// "latency ms", …
        public let name: String
        let key: String
        public let minimum, median, maximum: Double
        /// Whether these are counts of layers.
        public var isCount: Bool { name.hasPrefix("layers") }
    }

    public let rows: [Row]
    /// What was assumed of any of the architectures, in sentences.
    public let assumptions: [String]

    /// - Parameters:
    ///   - space: whose architectures are drawn.
    ///   - count: how many architectures, at least 1.
    ///   - model: of the device.
    ///   - seed: the same seed draws the same architectures.
    public init(of space: SearchSpace, count: Int, on model: CostModel, seed: UInt64) {
        precondition(count > 0, "a sweep needs at least one architecture")
        var latencies: [Double] = [], energies: [Double] = [], memories: [Double] = []
        var macs: [Double] = [], parameters: [Double] = []
        var measured: [Double] = [], modelled: [Double] = [], extrapolated: [Double] = []
        var assumed: [String] = []
        for architecture in space.randomArchitectures(count, seed: seed) {
            let estimate = model.estimate(architecture.network)
            latencies.append(estimate.latencyMs)
            measured.append(Double(estimate.measuredLayers))
            modelled.append(Double(estimate.modelledLayers))
            extrapolated.append(Double(estimate.extrapolatedLayers))
            for sentence in estimate.gaps.assumptions where !assumed.contains(sentence) { assumed.append(sentence) }
            if let energy = estimate.energyMj { energies.append(energy) }
            memories.append(Double(estimate.memory.peakBytes) / 1_048_576)
            macs.append(Double(estimate.macs) / 1e6)
            parameters.append(Double(estimate.parameters) / 1e6)
        }
        assumptions = assumed
        rows = [
            ("latency ms", "latency_ms", latencies), ("energy mJ", "energy_mj", energies),
            ("peak memory MiB", "peak_memory_mib", memories), ("MACs in millions", "macs_millions", macs),
            ("parameters in millions", "parameters_millions", parameters),
            ("layers measured", "measured_layers", measured), ("layers modelled", "modelled_layers", modelled),
            ("layers extrapolated", "extrapolated_layers", extrapolated),
        ].compactMap { name, key, values in
            let sorted = values.sorted()
            guard let first = sorted.first, let last = sorted.last else { return nil }
            return Row(name: name, key: key, minimum: first, median: sorted[sorted.count / 2], maximum: last)
        }
    }

    /// Whether a layer of any of the architectures was measured.
    public var isMeasured: Bool { rows.contains { $0.key == "measured_layers" && $0.maximum > 0 } }

    public var json: JSON {
        let members = rows.map { row in
            JSON.Member(
                key: row.key,
                value: [
                    "minimum": .number(row.minimum), "median": .number(row.median), "maximum": .number(row.maximum),
                ])
        }
        return .object(members + [JSON.Member(key: "assumptions", value: .array(assumptions.map(JSON.string)))])
    }
}
