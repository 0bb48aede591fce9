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
            ("layer", Self.layerColumn), ("choice", .cut), ("latency ms", .right), ("source", .left), ("MACs", .right),
            ("parameters", .right),
        ])
        for layer in layers {
            table.add([
                layer.name, layer.shortChoice, layer.latencyMs.fixed(4), layer.source.rawValue, layer.macs.grouped,
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

    /// The names of layers, which keep as many columns as most of them need.
    private static let layerColumn = TextTable.Alignment.name(atLeast: 16)
}

extension CostEstimate {
    /// The layers with their share of the time and what bounds them, then the totals; at most 80 columns.
    ///
    /// - Parameter confidence: of the interval of the latency, above 0 and below 1.
    func report(confidence: Double = 0.9) -> String {
        var table = TextTable([
            ("layer", Self.layerColumn), ("choice", .cut), ("ms", .right), ("±", .right), ("share", .left), ("source", .left),
            ("bound", .left), ("peak", .right),
        ])
        let total = latencyMs
        for layer in layers {
            table.add([
                layer.name, layer.shortChoice, layer.latencyMs.fixed(3), layer.spread, Self.bar(layer.latencyMs / total),
                layer.source.rawValue, layer.latencyMs > 0 ? layer.bound.rawValue : "",
                layer.latencyMs > 0 ? "\((100 * layer.utilisation).fixed(0))%" : "",
            ])
        }
        table.addRule()
        var totals = TextTable([("total", .left), ("", .right)], titled: false)
        totals.add(["latency", "\(total.fixed(4)) ms"])
        let interval = intervalMs(confidence: confidence)
        if interval.lowerBound < interval.upperBound {
            totals.add([
                "  \((100 * confidence).asWritten) % interval",
                "\(interval.lowerBound.significant(4)) to \(interval.upperBound.significant(4)) ms",
            ])
        }
        if let measuredWhole { totals.add(["  measured as a whole", "\(measuredWhole.latencyMs.fixed(4)) ms"]) }
        totals.add(["  layers measured", "\(measuredLayers) of \(layerCount)"])
        if extrapolatedLayers > 0 { totals.add(["  layers extrapolated", "\(extrapolatedLayers) of \(layerCount)"]) }
        if let energyMj { totals.add(["energy", "\(energyMj.fixed(2)) mJ"]) }
        totals.add(["peak memory", "\(memory.peakBytes.mebibytes) MiB"])
        totals.add(["  of it weights", "\(memory.weightBytes.mebibytes) MiB"])
        totals.add(["MACs", macs.grouped])
        totals.add(["parameters", parameters.grouped])
        let model =
            if let measuredWhole {
                "The whole network was measured on this device (\(measuredWhole.source))\(measuredWhole.oddity). Its layers are "
                    + (measuredLayers == 0 ? "" : "measured or ") + "modelled, \(basisOfModel)"
            } else if measuredLayers == 0 {
                Self.basisOfUnmeasured(by: basisOfModel).capitalisedFirst
            } else {
                "Model: \(basisOfModel)"
            }
        let far = Self.extrapolation(in: [self]).map { " \($0)." } ?? ""
        let basis = "\(model).\(far)".wrapped(columns: TextTable.columns)
        return "\(table.text)\(totals.text)\n\(basis)\n\(Self.text(of: gaps))"
    }

    /// What an estimate lacks, for people.
    ///
    /// - Parameter name: of the network, where several stand side by side.
    private static func text(of gaps: CostGaps, name: String? = nil) -> String {
        gaps.sentences.map { sentence in
            let text = name.map { "\($0): \(sentence)" } ?? sentence.capitalisedFirst
            return "\(text).".wrapped(columns: TextTable.columns) + "\n"
        }.joined()
    }

    /// What a latency of which nothing was measured is known from, for people.
    ///
    /// - Parameter basis: of the model.
    static func basisOfUnmeasured(by basis: String) -> String {
        let unmeasured = "not measured on this device: "
        return unmeasured + "modelled, "
            + (basis.hasPrefix(unmeasured) ? String(basis.dropFirst(unmeasured.count)) : basis)
    }

    /// An estimate beside others.
    struct Compared {
        let name: String
        let device: DeviceProfile
        let estimate: CostEstimate
        /// What the device's threads are, where they are fewer than were asked for.
        var threadsNote: String?
    }

    /// Several estimates side by side, how many layers of each were measured, and below what the others are modelled by.
    static func comparison(_ estimates: [Compared]) -> String {
        var table = TextTable([
            ("", .name(atLeast: 16)), ("latency ms", .right), ("measured", .right), ("mJ", .right), ("MiB", .right),
            ("M MACs", .right), ("M params", .right),
        ])
        for compared in estimates {
            let estimate = compared.estimate
            table.add([
                compared.name, estimate.latencyMs.fixed(2), "\(estimate.measuredLayers) of \(estimate.layerCount)",
                estimate.energyMj?.fixed(2) ?? "-", estimate.memory.peakBytes.mebibytes,
                (Double(estimate.macs) / 1e6).fixed(1), (Double(estimate.parameters) / 1e6).fixed(2),
            ])
        }
        var notes: [String] = estimates.compactMap { estimate in estimate.threadsNote.map { "\($0)." } }
        var told: Set<String> = []
        for compared in estimates {
            guard let whole = compared.estimate.measuredWhole else { continue }
            notes.append("\(compared.name) was measured as a whole: \(whole.latencyMs.fixed(2)) ms\(whole.oddity).")
        }
        for compared in estimates where told.insert(compared.device.name).inserted {
            let own = estimates.filter { $0.device == compared.device }.map(\.estimate)
            let basis = compared.device.basisOfModel
            let model =
                if own.contains(where: { $0.measuredLayers > 0 }) {
                    "layers that are not measured are modelled, \(basis)"
                } else if own.contains(where: { $0.measuredWhole != nil }) {
                    "the layers are modelled, \(basis)"
                } else {
                    CostEstimate.basisOfUnmeasured(by: basis)
                }
            let far = CostEstimate.extrapolation(in: own).map { " \($0)." } ?? ""
            notes.append("\(compared.device.name): \(model).\(far)")
        }
        return table.text + "\n" + notes.map { $0.wrapped(columns: TextTable.columns) + "\n" }.joined()
            + estimates.map { text(of: $0.estimate.gaps, name: $0.name) }.joined()
    }

    /// A bar of at most eight columns: the whole network would fill two and a half such bars.
    private static func bar(_ share: Double) -> String {
        let eighths = Int((min(share * 20, 8) * 8).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
}

extension MeasuredNetwork {
    /// What a person should know of a measurement that is unlike others, behind a sentence of it.
    fileprivate var oddity: String { isOdd ? ", which is unlike what all other devices suggest" : "" }
}

extension LayerCost {
    /// The choice in so few letters that a column shows its kernel and stride: "conv 3x3/2", "dw 5x5", "fc".
    fileprivate var shortChoice: String {
        choice.replacing("depthwise convolution", with: "dw").replacing("transposed convolution", with: "tconv")
            .replacing("convolution", with: "conv").replacing("fully connected", with: "fc")
    }

    /// Half of the interval that holds 90 % of such answers, milliseconds; nothing where it was measured without doubt.
    fileprivate var spread: String {
        intervalMs.map { latencyMs > 0 ? (($0.upperBound - $0.lowerBound) / 2).significant(2) : "" } ?? ""
    }
}

extension Double {
    /// With no more digits than it needs, and at most eight: "90", "99.99".
    fileprivate var asWritten: String { "\(Double(fixed(8)) ?? self)".replacing(/\.0$/, with: "") }
}

extension String {
    /// As the start of a sentence.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
