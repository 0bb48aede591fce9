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
    /// What the found network costs on the other devices that targets are kept on.
    private let others: [(device: String, estimate: CostEstimate)]
    private let largest: CostEstimate
    private let smallest: CostEstimate
    private let supernet: Evaluation
    private let decision: Decision?
    private let configuration: SearchConfiguration
    private var targets: [CostTarget] { configuration.targets }
    private let inputs: SearchInputs

    /// - Parameters:
    ///   - run: the directory of the search.
    ///   - configuration: of the search.
    ///   - supernet: how the supernet, under its indicators, classifies the test images.
    /// - Throws: `FileError`.
    init(run: String, inputs: SearchInputs, configuration: SearchConfiguration, supernet: Evaluation) throws {
        self.configuration = configuration
        self.inputs = inputs
        self.supernet = supernet
        decision = try RunDirectory.decision(ofRunIn: run)
        path = RunDirectory.architecturePath(in: run)
        let network = try Architecture(contentsOf: path).network
        found = inputs.costModel.estimate(network)
        others = inputs.others.map { ($0.name, $0.costModel.estimate(network)) }
        largest = inputs.costModel.estimate(inputs.space.largest.network)
        smallest = inputs.costModel.estimate(inputs.space.smallest.network)
    }

    var text: String {
        """
        \(found.table(total: "found", beside: [("largest", largest), ("smallest", smallest)]))
        \(inputs.latencyBasis(of: [found]).wrapped(columns: TextTable.columns))
        \(keptTargets)\(resolution)Top-1 with the weights that it inherits: \((100 * supernet.accuracy).fixed(2)) % of \
        \(supernet.count.grouped) test images.
        The architecture is in \(path).
        \(certainty)
        """
    }

    /// At which size of images it was trained, where that is not the space's input.
    private var resolution: String {
        guard let resolution = configuration.training.trainResolution else { return "" }
        let trained = configuration.training.trainedInput(of: inputs.space.input), input = inputs.space.input
        let sides = resolution.isSchedule ? "\(resolution)" : "\(trained.height)x\(trained.width)"
        return "Trained at \(sides) pixels; the latency is that of \(input.height)x\(input.width).\n"
    }

    /// What the found network costs of what it may, on each device; empty without targets.
    private var keptTargets: String {
        var lines: [String] = []
        let devices: [(String?, CostEstimate)] = [(others.isEmpty ? nil : inputs.device.name, found)] + others.map { ($0, $1) }
        for (place, (name, estimate)) in devices.enumerated() {
            // Multiply-accumulates are the same everywhere.
            for target in targets where place == 0 || target.quantity != .macs {
                let device = target.quantity == .macs ? nil : name
                guard let share = share(of: target, in: estimate), let value = estimate.value(of: target.quantity) else { continue }
                let quantity = target.quantity
                lines.append(
                    "\(quantity.text(value)) of \(quantity.text(target.limit)) \(quantity.rawValue)"
                        + (device.map { " on \($0)" } ?? "") + ": \((100 * share).fixed(1)) % of the target.\n")
            }
        }
        if !lines.isEmpty, !isReached {
            let sentence = "No target was binding: the search looked for the most accurate network that keeps them."
            lines.append(sentence.wrapped(columns: TextTable.columns) + "\n")
        }
        return lines.joined()
    }

    /// nil where the device does not know the quantity.
    private func share(of target: CostTarget, in estimate: CostEstimate) -> Double? {
        estimate.value(of: target.quantity).map { $0 / target.limit }
    }

    /// Whether the network comes within a percent of a target: of several one may be reached and the others kept.
    private var isReached: Bool {
        ([found] + others.map(\.estimate)).contains { estimate in
            targets.contains { share(of: $0, in: estimate) ?? 0 >= 1 - CostTarget.tolerance }
        }
    }

    /// How many undecided parts the table names; the result file has all.
    private static let shown = 6

    /// Whether the search was certain of what it found.
    private var certainty: String {
        guard let decision, decision.steps > 0 else { return "" }
        let isSettled = decision.undecided.isEmpty
        let changes = "in the last tenth of the search phase the selection changed in \(decision.changes) of "
            + "\(decision.steps) steps"
        var text = isSettled
            ? "Settled: \(changes). "
            : "\(changes.capitalisedFirst). It is not certain whether these parts are worth what "
                + "they cost: " + decision.undecided.prefix(Self.shown).joined(separator: ", ")
                + (decision.undecided.count > Self.shown ? " and \(decision.undecided.count - Self.shown) more. " : ". ")
        if decision.compared > 1 {
            text += "The result is the best of \(decision.compared) candidates, ranked by "
                + (configuration.activationWeight > 0 ? "inherited loss and number of activations" : "inherited loss")
                + (configuration.strategy == .halving ? ", and then by a short training." : ".")
        } else if !isSettled {
            text += "More epochs, or another seed, may decide them."
        }
        return text.wrapped(columns: TextTable.columns) + "\n"
    }

    var json: JSON {
        [
            "architecture": .string(path), "device_threads": .integer(inputs.device.runtime.threads),
            "latency_basis": .string(inputs.latencyBasis(of: [found])),
            "targets": .object(targets.map {
                .init(key: SearchConfiguration.setting(of: $0.quantity), value: .number($0.limit))
            }),
            "is_target_reached": targets.isEmpty ? .null : .bool(isReached),
            "train_resolution": configuration.training.trainResolution.map(\.json) ?? .null,
            "estimate": found.json,
            "other_devices": .array(others.map { device, estimate in
                .object([
                    .init(key: "device", value: .string(device)),
                    .init(key: "latency_ms", value: .number(estimate.latencyMs)),
                    .init(key: "energy_mj", value: estimate.energyMj.map(JSON.number) ?? .null),
                    .init(key: "peak_memory_bytes", value: .integer(estimate.memory.peakBytes)),
                ])
            }),
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
