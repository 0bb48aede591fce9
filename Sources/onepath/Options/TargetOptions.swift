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
            Keep the multiply-accumulates of an image below so many millions. Several targets are all kept; the search \
            comes within 1 % of the one that binds.
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
