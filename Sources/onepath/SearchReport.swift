import Architectures
import Exporter
import HardwareProfiles
import JSONDocuments
import SupernetSearch

/// What a search came to, beside the largest and the smallest network of its space.
struct SearchReport {
    private let path: String
    private let found: CostEstimate
    private let largest: CostEstimate
    private let smallest: CostEstimate
    private let supernet: Evaluation
    private let decision: Decision?

    /// - Parameters:
    ///   - path: where the architecture was written.
    ///   - supernet: how the supernet, under its indicators, classifies the test images.
    ///   - decision: how certain the search was.
    init(
        path: String, space: SearchSpace, costModel: CostModel, architecture: Architecture, supernet: Evaluation,
        decision: Decision?
    ) {
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
        The supernet, as it decided, classifies \((100 * supernet.accuracy).fixed(2)) % of \
        \(supernet.count.grouped) test images.
        The architecture is in \(path).
        \(certainty)
        """
    }

    /// Whether the search was certain of what it found; empty where it was.
    private var certainty: String {
        guard let decision, !decision.undecided.isEmpty else { return "" }
        let text = "Not settled: in the last epoch before the settling the selection changed in \(decision.changes) of "
            + "\(decision.steps) steps, and these parts were on about as often as off: "
            + decision.undecided.joined(separator: ", ") + ". "
            + (decision.compared > 1
                ? "They are as in the best of \(decision.compared) networks that were compared, by the loss that they "
                    + "inherit and how they train from there." : "More epochs, or another seed, may decide them.")
        return text.wrapped(columns: TextTable.columns) + "\n"
    }

    var json: JSON {
        [
            "architecture": .string(path),
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
