import Architectures
import ArgumentParser
import HardwareProfiles
import SupernetSearch

/// What the network that is found may cost.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the latency of an image below this.", valueName: "ms"))
    var targetLatency: Double?

    @Option(help: ArgumentHelp("Keep the energy of an image below this.", valueName: "mJ"))
    var targetEnergy: Double?

    @Option(help: ArgumentHelp("Keep the peak memory below this.", valueName: "MiB"))
    var targetMemory: Double?

    @Option(
        help: ArgumentHelp(
            """
            Keep the multiply-accumulates of an image below this many millions. Several targets are all kept; the search \
            comes within 1 % of the one that binds.
            """, valueName: "millions"))
    var targetMacs: Double?

    @Option(
        help: ArgumentHelp(
            """
            Keep the target latency with this confidence, above 0 and below 1: the estimate and the interval of the model \
            around it stay below (default: the estimate alone).
            """, valueName: "share"))
    var confidence: Double?

    func validate() throws {
        guard let confidence else { return }
        if !(confidence > 0 && confidence < 1) {
            throw ValidationError("--confidence: expected a number above 0 and below 1, found \(confidence)")
        }
        if targetLatency == nil { throw ValidationError("--confidence: expected --target-latency too") }
    }

    /// The targets, that of the latency so much lower that the upper end of the model's interval keeps it.
    ///
    /// - Parameters:
    ///   - models: of all devices on which it is kept.
    ///   - space: that is searched; the network whose interval is widest for its latency counts.
    func kept(on models: [CostModel], for space: SearchSpace) -> [CostTarget] {
        guard let confidence else { return given }
        // Both ends of an interval are left out with equal chances; only the upper one matters here.
        let twoSided = max(2 * confidence - 1, 1e-3)
        let share = models.map { $0.largestMargin(of: space, confidence: twoSided) }.max() ?? 1
        return given.map { target in
            target.quantity == .latency ? CostTarget(.latency, atMost: target.limit / max(1, share)) : target
        }
    }

    /// What the confidence makes of the target latency, for people; nil without one.
    ///
    /// - Parameter kept: the targets by `kept(on:for:)`.
    func explanation(of kept: [CostTarget]) -> String? {
        func latency(_ targets: [CostTarget]) -> String? {
            targets.first { $0.quantity == .latency }.map { $0.quantity.text($0.limit) }
        }
        guard let confidence, let asked = latency(given), let limit = latency(kept) else { return nil }
        return "--confidence \(confidence): the model's estimate has to stay below \(limit), so that \(asked) is kept with that confidence"
    }

    /// The targets that were given.
    var given: [CostTarget] {
        let limits: [(CostQuantity, Double?)] = [
            (.latency, targetLatency), (.energy, targetEnergy), (.memory, targetMemory), (.macs, targetMacs),
        ]
        return limits.compactMap { quantity, limit in
            limit.map { CostTarget(quantity, atMost: $0 * quantity.unit.size) }
        }
    }
}
