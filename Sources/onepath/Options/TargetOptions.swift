import ArgumentParser
import HardwareProfiles
import SupernetSearch

/// What the network that is found may cost.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Find a network of this latency, or up to 1 % less.", valueName: "ms"))
    var targetLatency: Double?

    @Option(help: ArgumentHelp("Find a network of this energy for an image, or up to 1 % less.", valueName: "mJ"))
    var targetEnergy: Double?

    @Option(help: ArgumentHelp("Find a network of this peak memory, or up to 1 % less.", valueName: "MiB"))
    var targetMemory: Double?

    @Option(
        help: ArgumentHelp(
            """
            Find a network of so many million multiply-accumulates, or up to 1 % fewer. Of several targets all are \
            kept, and one is within 1 %.
            """, valueName: "millions"))
    var targetMacs: Double?

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
