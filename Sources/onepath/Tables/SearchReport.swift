import Architectures
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// What a search came to, beside the largest and the smallest network of its space.
struct SearchReport {
    private let path: String
    private let found: CostEstimate
    private let largest: CostEstimate
    private let smallest: CostEstimate
    private let supernet: Evaluation
    private let decision: Decision?
    private let targets: [CostTarget]
    private let inputs: SearchInputs

    /// - Parameters:
    ///   - run: the directory of the search.
    ///   - targets: what the search had to keep.
    ///   - supernet: how the supernet, under its indicators, classifies the test images.
    /// - Throws: `FileError`.
    init(run: String, inputs: SearchInputs, targets: [CostTarget], supernet: Evaluation) throws {
        self.targets = targets
        self.inputs = inputs
        self.supernet = supernet
        decision = try RunDirectory.decision(ofRunIn: run)
        path = RunDirectory.architecturePath(in: run)
        found = inputs.costModel.estimate(try Architecture(contentsOf: path).network)
        largest = inputs.costModel.estimate(inputs.space.largest.network)
        smallest = inputs.costModel.estimate(inputs.space.smallest.network)
    }

    var text: String {
        """
        \(found.table(total: "found", beside: [("largest", largest), ("smallest", smallest)]))
        \(latency)
        \(keptTargets)Top-1 with the weights that it inherits: \((100 * supernet.accuracy).fixed(2)) % of \
        \(supernet.count.grouped) test images.
        The architecture is in \(path).
        \(certainty)
        """
    }

    /// How the latency is known.
    private var latency: String {
        ([inputs.device.basis(of: [found])] + [inputs.noteOnThreads].compactMap(\.self)
            .map { $0.wrapped(columns: TextTable.columns) }).joined(separator: "\n")
    }

    /// What the found network costs of what it may; empty without targets.
    private var keptTargets: String {
        targets.compactMap { target in
            found.value(of: target.quantity).map { value in
                let quantity = target.quantity
                let share = "\(quantity.text(value)) of \(quantity.text(target.limit)) \(quantity.rawValue): "
                    + "\((100 * value / target.limit).fixed(1)) % of the target."
                return isReached
                    ? share + "\n"
                    : (share + " The target did not bind: the search looked for the most accurate network that keeps it.")
                        .wrapped(columns: TextTable.columns) + "\n"
            }
        }.joined()
    }

    /// Whether the network comes within a percent of a target: of several one may be reached and the others kept.
    private var isReached: Bool {
        targets.contains { target in
            found.value(of: target.quantity).map { $0 >= (1 - CostTarget.tolerance) * target.limit } ?? false
        }
    }

    /// Whether the search was certain of what it found.
    private var certainty: String {
        guard let decision, decision.steps > 0 else { return "" }
        let isSettled = decision.undecided.isEmpty
        let changes = "in the last epoch of the search phase the selection changed in \(decision.changes) of "
            + "\(decision.steps) steps"
        var text = isSettled
            ? "Settled: \(changes). "
            : "Not settled: \(changes). These parts were on about as often as off: "
                + decision.undecided.joined(separator: ", ") + ". "
        if decision.compared > 1 {
            text += (isSettled ? "We" : "For these we") + " kept the best of \(decision.compared) candidates, ranked by "
                + "inherited loss and then by a short training."
        } else if !isSettled {
            text += "More epochs, or another seed, may decide them."
        }
        return text.wrapped(columns: TextTable.columns) + "\n"
    }

    var json: JSON {
        [
            "architecture": .string(path), "device_threads": .integer(inputs.device.runtime.threads),
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
