import Architectures
import Exporter
import Files
import HardwareProfiles
import SupernetSearch

/// What a search came to, beside the largest and the smallest network of its space.
struct SearchReport {
    private let path: String
    private let found: CostEstimate
    private let largest: CostEstimate
    private let smallest: CostEstimate
    private let supernet: Evaluation
    private let decision: Decision?
    private let targets: [CostTarget]

    /// - Parameters:
    ///   - path: where the architecture was written.
    ///   - targets: what the search had to keep.
    ///   - supernet: how the supernet, under its indicators, classifies the test images.
    ///   - decision: how certain the search was.
    init(
        path: String, space: SearchSpace, costModel: CostModel, architecture: Architecture,
        targets: [CostTarget], supernet: Evaluation, decision: Decision?
    ) {
        self.targets = targets
        self.decision = decision
        self.path = path
        self.supernet = supernet
        found = costModel.estimate(architecture.network)
        largest = costModel.estimate(space.largest.network)
        smallest = costModel.estimate(space.smallest.network)
    }

    var text: String {
        """
        \(found.table(total: "found", beside: [("largest", largest), ("smallest", smallest)]))
        \(keptTargets)The supernet, as it decided, classifies \((100 * supernet.accuracy).fixed(2)) % of \
        \(supernet.count.grouped) test images.
        The architecture is in \(path).
        \(certainty)
        """
    }

    /// What was found costs of what it might; empty without targets.
    private var keptTargets: String {
        targets.compactMap { target in
            found.value(of: target.quantity).map { value in
                "Of \(target.quantity.text(target.limit)) of \(target.quantity.rawValue) it takes "
                    + "\(target.quantity.text(value)), \((100 * value / target.limit).fixed(1)) %.\n"
            }
        }.joined()
    }

    /// Whether the search was certain of what it found.
    private var certainty: String {
        guard let decision, decision.steps > 0 else { return "" }
        let isSettled = decision.undecided.isEmpty
        let changes = "in the last epoch before the settling the selection changed in \(decision.changes) of "
            + "\(decision.steps) steps"
        var text = isSettled
            ? "Settled: \(changes). "
            : "Not settled: \(changes), and these parts were on about as often as off: "
                + decision.undecided.joined(separator: ", ") + ". "
        if decision.compared > 1 {
            text += (isSettled ? "What was found is" : "They are as in") + " the best of \(decision.compared) networks that "
                + "were compared, by the loss that they inherit and how they train from there."
        } else if !isSettled {
            text += "More epochs, or another seed, may decide them."
        }
        return text.wrapped(columns: TextTable.columns) + "\n"
    }

    var json: JSON {
        [
            "architecture": .string(path),
            "targets": .object(targets.map {
                .init(key: SearchConfiguration.setting(of: $0.quantity), value: .number($0.limit))
            }),
            "estimate": found.json,
            "largest": totals(largest),
            "smallest": totals(smallest),
            "supernet": supernet.json,
            "decision": decision?.json ?? .null,
        ]
    }

    private func totals(_ estimate: CostEstimate) -> JSON {
        [
            "latency_ms": .number(estimate.latencyMs), "macs": .integer(estimate.macs),
            "parameters": .integer(estimate.parameters),
        ]
    }
}
