import Exporter
import Files
import Glibc
import HardwareProfiles

/// What whole networks took, beside what a profile says of them.
struct TableCheck {
    private struct Row {
        let name: String
        /// How often the network was run; the latency is the geometric mean.
        let runs: Int
        let measuredMs, saidMs: Double
        /// The share of what the profile says that its tables hold.
        let share: Double
        let isCounted: Bool

        var json: JSON {
            [
                "network": .string(name), "runs": .integer(runs), "table_share": .number(share), "table_ms": .number(saidMs),
                "measured_ms": .number(measuredMs), "counted": .bool(isCounted),
            ]
        }
    }

    private let device: DeviceProfile
    private let rows: [Row]
    /// How many networks ran with another number of threads than the profile has, or on other cores.
    private let others: Int
    /// Whether the networks that count are mostly in the profile's tables, so that the bias is theirs.
    let isOfTable: Bool
    /// nil where no network ran with the profile's threads.
    let bias: TableBias?

    init(_ measurements: DeviceMeasurements, of device: DeviceProfile) {
        self.device = device
        let model = CostModel(device: device)
        let wholes = measurements.wholes.filter {
            $0.measured.threads == device.runtime.threads && device.isOnUsualCores($0.measured)
        }
        others = measurements.wholes.count - wholes.count
        // Runs of one network tell less of a table than other networks do: they count as one.
        var runs: [[DeviceMeasurements.Whole]] = []
        for whole in wholes {
            if let index = runs.firstIndex(where: {
                $0[0].network.input == whole.network.input && $0[0].network.layers == whole.network.layers
            }) {
                runs[index].append(whole)
            } else {
                runs.append([whole])
            }
        }
        let priced = runs.map { runs in
            let estimate = model.estimate(runs[0].network)
            let tableMs = estimate.layers.filter { $0.source == .measured }.reduce(0.0) { $0 + $1.latencyMs }
            let mean = exp(runs.reduce(0.0) { $0 + log($1.measured.latencyMs) } / Double(runs.count))
            return (
                measured: runs[0].measured, runs: runs.count, measuredMs: runs.count == 1 ? runs[0].measured.latencyMs : mean,
                ms: estimate.latencyMs, share: tableMs / estimate.latencyMs
            )
        }
        // Where some are in the tables, the others would tell of the model.
        let isOfTable = priced.contains { $0.share >= 0.5 }
        self.isOfTable = isOfTable
        rows = priced.map { network in
            Row(
                name: AbsolutePath.baseName(network.measured.architecture), runs: network.runs, measuredMs: network.measuredMs,
                saidMs: network.ms, share: network.share, isCounted: !isOfTable || network.share >= 0.5)
        }
        bias = TableBias(rows.filter(\.isCounted).map { (measuredMs: $0.measuredMs, tableMs: $0.saidMs) })
    }

    /// A row for each network.
    var table: String {
        var table = TextTable([
            ("network", .cut), ("in table", .right), ("says ms", .right), ("measured ms", .right), ("factor", .right),
        ])
        for row in rows {
            table.add([
                row.name + (row.runs > 1 ? " (\(row.runs) runs)" : ""), "\((100 * row.share).fixed(0)) %", row.saidMs.fixed(2), row.measuredMs.fixed(2),
                row.isCounted ? (row.measuredMs / row.saidMs).fixed(3) : "-",
            ])
        }
        return table.text
    }

    /// What the bias is and how sure, for people.
    func sentences(_ bias: TableBias) -> [String] {
        let found = "Whole networks take \(bias.factor.fixed(3)) times what \(device.name) says, "
            + "\(bias.interval.lowerBound.fixed(3)) to \(bias.interval.upperBound.fixed(3)) with 90 % confidence, by "
            + "\(bias.count.counted("network"))."
        let verdict = bias.interval.lowerBound > 1 ? "It says too little." : bias.interval.upperBound < 1 ? "It says too much."
            : "It may be right: 1 is among them."
        var sentences = [
            "\(found) \(verdict) One more network would take \(bias.spread.lowerBound.fixed(2)) to "
                + "\(bias.spread.upperBound.fixed(2)) times what it says."
        ]
        if let trend = bias.trend {
            sentences.append(
                "The factor changes with the network: \(trend.fastestFactor.fixed(3)) at \(trend.fastestMs.fixed(1)) ms, "
                    + "\(trend.slowestFactor.fixed(3)) at \(trend.slowestMs.fixed(1)) ms. One factor corrects only a part.")
        }
        if !isOfTable {
            sentences.append("None of the networks is in tables of \(device.name): this tells of its model. onepath device adapt, or "
                + "onepath calibrate where blocks were measured, draws the model to them.")
        }
        let left = rows.count { !$0.isCounted }
        if left > 0 { sentences.append("Not counted, because they are mostly modelled: \(left).") }
        if others > 0 {
            sentences.append(
                "Not counted, because they ran with other numbers of threads than \(device.runtime.threads), or on other "
                    + "cores: \(others).")
        }
        return sentences
    }

    /// The same for programs.
    func json(_ bias: TableBias, notes: [String]) -> JSON {
        [
            "factor": .number(bias.factor), "low": .number(bias.interval.lowerBound), "high": .number(bias.interval.upperBound),
            "network_low": .number(bias.spread.lowerBound), "network_high": .number(bias.spread.upperBound),
            "count": .integer(bias.count), "of_table": .bool(isOfTable),
            "trend": bias.trend?.json ?? .null, "networks": .array(rows.map(\.json)),
            "other_threads": .integer(others), "notes": .array(notes.map(JSON.string)),
        ]
    }
}

extension TableBias {
    /// An interval this narrow needs no more runs, and a bias within it no correction, in logarithms.
    private static let narrow = 0.03

    /// What to do next, for people.
    ///
    /// - Parameter device: the profile, as the user named it.
    func advice(for device: String) -> String {
        let unchanged = "Nothing was changed."
        if !interval.contains(1) {
            return "\(unchanged) The same with --apply FILE writes a copy of the profile whose tables are times \(factor.fixed(3))."
        }
        guard let needed = count(forHalfWidth: Self.narrow) else {
            return "\(unchanged) The networks differ too much for one factor: measure more blocks (onepath profile --plan)."
        }
        if needed <= count { return "\(unchanged) A correction is not needed." }
        // Twice as many less one are those that were run, and those between.
        let budget = count == 1 ? 2 : 2 * count - 1
        return "\(unchanged) A correction would not surely help. To know more, run more: onepath device check --device \(device) "
            + "--budget \(min(budget, 100)) names them; about \(needed) in all tell the factor within 3 %."
    }
}

extension TableBias.Trend {
    fileprivate var json: JSON {
        [
            "fastest_ms": .number(fastestMs), "fastest_factor": .number(fastestFactor), "slowest_ms": .number(slowestMs),
            "slowest_factor": .number(slowestFactor),
        ]
    }
}
