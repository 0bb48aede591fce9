import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measures a whole network on this machine, a phone or a board, from end to end.")

    @Option(help: "The architecture: a name, or a path.", completion: .architectures)
    var architecture: String

    @OptionGroup
    var measuring: MeasuringOptions

    @OptionGroup
    var remote: RemoteOptions

    @Option(
        help: "A device profile, as `onepath profile` writes it, to compare with: a name, or a path.",
        completion: .devices)
    var device: String?

    @Flag(help: "Print one JSON document instead of a sentence.")
    var json = false

    func run() throws {
        let architecture = try Catalogue.architecture(named: architecture)
        let estimate = try device.map { name in
            CostModel(device: try Catalogue.device(named: name, for: architecture.network))
                .estimate(architecture.network)
        }
        let (result, facts, machine) = try measure(architecture.network)
        if json {
            let document: JSON = [
                "architecture": .string(architecture.name), "latency_ms": .number(result.latencyMs),
                "deviation_ms": .number(result.deviationMs), "count": .integer(result.count),
                "interval_ms": [.number(result.interval.lowerBound), .number(result.interval.upperBound)],
                "uncertain": .bool(result.isUncertain),
                "estimate_ms": estimate.map { .number($0.latencyMs) } ?? .null,
                "runtime": facts.json, "machine": machine.json,
            ]
            print(document.text(pretty: true))
        } else {
            let median = MeasuredMedian(latencyMs: result.latencyMs, intervalMs: result.interval)
            print(
                "\(architecture.name): \(median.text)\(result.isUncertain ? ", which is uncertain" : ""); \(facts.name), \(facts.dataType.rawValue), \(facts.threads) thread\(facts.threads == 1 ? "" : "s"), "
                    + machine.processor)
            if let estimate, let device {
                let error = 100 * (estimate.latencyMs / result.latencyMs - 1)
                print("the tables of \(device) sum to \(estimate.latencyMs.fixed(4)) ms, \(error.fixed(2)) % off")
            }
        }
    }

    /// The time of a network, the runtime and the machine.
    private func measure(_ network: Network) throws -> (NetworkTiming.Result, RuntimeFacts, MachineState) {
        Interruption.listen()
        if remote.isGiven {
            return try remote.measure(measuring) { bench in
                let timing = NetworkTiming(bench: bench, settings: measuring.remoteSettings)
                return (try run(timing, network), bench.facts, bench.machine)
            }
        }
        let machine = MachineState.current
        return try measuring.measure { runtime in
            let timing = NetworkTiming(runtime: runtime, settings: measuring.settings, machine: machine)
            return (try run(timing, network), runtime.facts, machine)
        }
    }

    private func run(_ timing: NetworkTiming, _ network: Network) throws -> NetworkTiming.Result {
        var display = ProgressDisplay()
        var isTold = false
        return try timing.run([network]) { progress in
            if let unsteadiness = progress.unsteadiness, !isTold {
                isTold = true
                display.finish()
                writeError("onepath: \(unsteadiness)\n")
            }
            display.show(fraction: progress.fraction, "visit \(progress.visits)")
            if Interruption.isRequested {
                display.finish()
                throw Interruption(description: "interrupted after visit \(progress.visits); nothing is kept")
            }
        }[0]
    }
}
