import Exporter
import HardwareProfiles

extension CostEstimate {
    /// The layers, one a row, then the sums of this and of other estimates.
    ///
    /// - Parameters:
    ///   - name: of this estimate's sums.
    ///   - others: what stands beside them.
    func table(total name: String, beside others: [(name: String, estimate: CostEstimate)] = []) -> String {
        var table = TextTable([
            ("layer", .left), ("choice", .cut), ("latency ms", .right), ("source", .left), ("MACs", .right),
            ("parameters", .right),
        ])
        for layer in layers {
            table.add([
                layer.name, layer.choice, layer.latencyMs.fixed(4), layer.source.rawValue, layer.macs.grouped,
                layer.parameters.grouped,
            ])
        }
        table.addRule()
        for (name, estimate) in [(name, self)] + others {
            table.add([
                name, "", estimate.latencyMs.fixed(4), "", estimate.macs.grouped, estimate.parameters.grouped,
            ])
        }
        return table.text
    }
}

extension CostEstimate {
    /// The layers with their share of the time and what bounds them, then the totals; at most 80 columns.
    var report: String {
        var table = TextTable([
            ("layer", .left), ("choice", .cut), ("ms", .right), ("share", .left), ("source", .left), ("bound", .left),
            ("peak", .right),
        ])
        let total = latencyMs
        for layer in layers {
            table.add([
                layer.name.shortened(to: 16), layer.choice, layer.latencyMs.fixed(3), Self.bar(layer.latencyMs / total),
                layer.source.rawValue, layer.latencyMs > 0 ? layer.bound.rawValue : "",
                layer.latencyMs > 0 ? "\((100 * layer.utilisation).fixed(0))%" : "",
            ])
        }
        table.addRule()
        var totals = TextTable([("total", .left), ("", .right)], titled: false)
        totals.add(["latency", "\(total.fixed(4)) ms"])
        if let energyMj { totals.add(["energy", "\(energyMj.fixed(2)) mJ"]) }
        totals.add(["peak memory", "\(memory.peakBytes.mebibytes) MiB"])
        totals.add(["  of it weights", "\(memory.weightBytes.mebibytes) MiB"])
        totals.add(["MACs", macs.grouped])
        totals.add(["parameters", parameters.grouped])
        let basis = "Model: \(basisOfModel).".wrapped(columns: TextTable.columns)
        return "\(table.text)\(totals.text)\n\(basis)\n"
    }

    /// Several estimates side by side.
    static func comparison(_ estimates: [(name: String, estimate: CostEstimate)]) -> String {
        var table = TextTable([
            ("", .left), ("latency ms", .right), ("energy mJ", .right), ("peak MiB", .right), ("MACs", .right),
            ("parameters", .right),
        ])
        for (name, estimate) in estimates {
            table.add([
                name, estimate.latencyMs.fixed(2), estimate.energyMj?.fixed(2) ?? "-",
                estimate.memory.peakBytes.mebibytes, estimate.macs.grouped, estimate.parameters.grouped,
            ])
        }
        return table.text
    }

    /// A bar of at most eight columns: the whole network would fill two and a half such bars.
    private static func bar(_ share: Double) -> String {
        let eighths = Int((min(share * 20, 8) * 8).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
}
