import Architectures
import Files

/// The range of costs of random architectures of a search space, of which all choices of a layer are equally likely, and
/// those of its smallest and largest.
public struct CostSweep: Sendable {
    public struct Row: Sendable {
        /// "latency ms", …
        public let name: String
        let key: String
        /// Of the random architectures.
        public let minimum, median, maximum: Double
        /// Of the architectures with the least and with the most in every layer.
        public let smallest, largest: Double
        /// Whether these are counts of layers.
        public var isCount: Bool { name.hasPrefix("layers") }
    }

    public let rows: [Row]
    /// What the estimate of any of the architectures lacks.
    public let gaps: CostGaps
    private let basisOfModel: String

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
        var gaps = CostGaps(), basisOfModel = ""
        let architectures = space.randomArchitectures(count, seed: seed) + [space.smallest, space.largest]
        for architecture in architectures {
            let estimate = model.estimate(architecture.network)
            latencies.append(estimate.latencyMs)
            measured.append(Double(estimate.measuredLayers))
            modelled.append(Double(estimate.modelledLayers))
            extrapolated.append(Double(estimate.extrapolatedLayers))
            basisOfModel = estimate.basisOfModel
            let found = estimate.gaps
            gaps.assumptions += found.assumptions.filter { !gaps.assumptions.contains($0) }
            gaps.profileErrors += found.profileErrors.filter { !gaps.profileErrors.contains($0) }
            if let energy = estimate.energyMj { energies.append(energy) }
            memories.append(Double(estimate.memory.peakBytes) / 1_048_576)
            macs.append(Double(estimate.macs) / 1e6)
            parameters.append(Double(estimate.parameters) / 1e6)
        }
        // What is wrong in a profile is wrong in every choice of a layer, with another number each.
        let more = gaps.profileErrors.count - Self.mostErrors
        if more > 0 {
            gaps.profileErrors = gaps.profileErrors.prefix(Self.mostErrors) + ["there are \(more) more errors like these"]
        }
        self.gaps = gaps
        self.basisOfModel = basisOfModel
        rows = [
            ("latency ms", "latency_ms", latencies), ("energy mJ", "energy_mj", energies),
            ("peak memory MiB", "peak_memory_mib", memories), ("MACs in millions", "macs_millions", macs),
            ("parameters in millions", "parameters_millions", parameters),
            ("layers measured", "measured_layers", measured), ("layers modelled", "modelled_layers", modelled),
            ("layers extrapolated", "extrapolated_layers", extrapolated),
        ].compactMap { name, key, values in
            guard values.count == architectures.count else { return nil }
            let sorted = values.prefix(count).sorted(), median = sorted.median
            return Row(
                name: name, key: key, minimum: sorted[0], median: median, maximum: sorted[count - 1],
                smallest: values[count], largest: values[count + 1])
        }
    }

    private static let mostErrors = 3

    /// Whether a layer of any of the architectures was measured.
    public var isMeasured: Bool { rows.contains { $0.key == "measured_layers" && $0.maximum > 0 } }

    public var json: JSON {
        let members = rows.map { row in
            JSON.Member(
                key: row.key,
                value: [
                    "minimum": .number(row.minimum), "median": .number(row.median), "maximum": .number(row.maximum),
                    "smallest": .number(row.smallest), "largest": .number(row.largest),
                ])
        }
        return .object(members + gaps.members + [JSON.Member(key: "model", value: .string(basisOfModel))])
    }
}
