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
            ("layer", .left), ("choice", .left), ("latency ms", .right), ("source", .left), ("MACs", .right),
            ("parameters", .right),
        ])
        for layer in layers {
            table.add([
                layer.name.shortened(to: 24), layer.choice.shortened(to: 20), layer.latencyMs.fixed(4), layer.source.rawValue, layer.macs.grouped,
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
