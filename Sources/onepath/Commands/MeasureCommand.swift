import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measures a whole network on this machine, a phone or a board, from end to end.",
        discussion: """
            With --tflite and --adb or --ssh, a TensorFlow Lite model of any program, as it is: attention, normalisation and \
            operators that no profile knows run as the device's runtime runs them. With --runtime ncnn, ncnn's benchncnn \
            measures an architecture, and the fastest of its loops counts.
            """)

    @Option(help: "The architecture: a name, a path, or the folder of a run.", completion: .architectures)
    var architecture: String?

    @Option(
        help: "With --adb or --ssh: a TensorFlow Lite model of any program, instead of an architecture.",
        completion: .file(extensions: ["tflite"]))
    var tflite: String?

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

    func validate() throws {
        if (architecture == nil) == (tflite == nil) {
            throw ValidationError("expected either an --architecture or a --tflite model")
        }
        if tflite != nil {
            if !remote.isGiven {
                throw ValidationError("--tflite: only with --adb or --ssh; this machine has no runtime for such files")
            }
            if measuring.dataType != .float32 {
                throw ValidationError("--data-type: expected no --tflite, which has a type of its own, found both")
            }
            if measuring.runtime == .ncnn {
                throw ValidationError("--tflite: expected a runtime that reads such files, found --runtime ncnn")
            }
        }
    }

    func run() throws {
        let file = try tflite.map(MeasuredFile.init)
        let network = try file?.network ?? Catalogue.architecture(named: architecture ?? "").network
        let predicted = try device.map { try self.estimate(network, file, on: $0) }
        let (result, facts, machine, clockGHz) = try measure(network, file)
        var estimate = predicted?.estimate
        if let profile = predicted?.profile, let cores = remote.cores, profile.hardware.clusters.count > 1 {
            let measured = profile.hardware.cluster(clockGHz: clockGHz)
            if measured != profile.runtime.cluster {
                estimate?.add(CostGaps(assumptions: [
                    "\(profile.name) is a profile of the cores \(profile.runtime.cluster), and the processors \(cores) that were "
                        + "measured are " + (measured.map { "the cores \($0)" } ?? "not known by their clock")
                ]))
            }
        }
        if json {
            let profile: JSON = device.map(JSON.string) ?? .null
            let notes: JSON = estimate.map { .array($0.gaps.sentences.map(JSON.string)) } ?? .null
            let document: JSON = [
                "architecture": .string(network.name), "latency_ms": .number(result.latencyMs),
                "deviation_ms": .number(result.deviationMs), "count": .integer(result.count),
                "interval_ms": [.number(result.interval.lowerBound), .number(result.interval.upperBound)],
                "uncertain": .bool(result.isUncertain),
                "estimate_device": profile,
                "estimate_ms": estimate.map { .number($0.latencyMs) } ?? .null,
                "estimate_interval_ms": estimate.map { estimate in
                    let interval = estimate.intervalMs()
                    return [.number(interval.lowerBound), .number(interval.upperBound)]
                } ?? .null,
                "estimate_complete": estimate.map { .bool($0.gaps.isComplete) } ?? .null,
                "estimate_notes": notes,
                "runtime": facts.json, "machine": machine.json,
            ]
            print(document.text(pretty: true))
        } else {
            let median = MeasuredMedian(latencyMs: result.latencyMs, intervalMs: result.interval)
            var sentences = [
                "\(network.name): \(median.text)\(result.isUncertain ? ", which is uncertain" : ""); \(facts.name), "
                    + "\(facts.dataType.rawValue), \(facts.threads.threads), \(machine.processor)"
            ]
            if let estimate, let device {
                let error = 100 * (estimate.latencyMs / result.latencyMs - 1)
                let interval = estimate.intervalMs()
                // What was measured layer by layer has no interval of the model's.
                let certainty = interval.lowerBound == interval.upperBound ? "the sum of measured latencies"
                    : "90 % interval: \(interval.lowerBound.fixed(3)) to \(interval.upperBound.fixed(3)) ms"
                sentences.append("\(device) predicts \(estimate.latencyMs.fixed(4)) ms (\(certainty)), \(error.fixed(2)) % off")
                sentences += estimate.gaps.sentences.map { "\($0.capitalisedFirst)." }
            }
            for sentence in sentences { print(sentence.wrapped(columns: TextTable.columns)) }
        }
    }

    /// What a profile predicts for what is measured: with its threads and its data type. A file has types of its own.
    private func estimate(
        _ network: Network, _ file: MeasuredFile?, on name: String
    ) throws -> (estimate: CostEstimate, profile: DeviceProfile) {
        let profile = try Catalogue.device(named: name, for: network)
        let threads = try DeviceThreadCount(argument: "\(measuring.threads)", of: "threads")
        let (device, note) = threads.fitted(to: profile)
        if let note { writeError("onepath: \(note).\n") }
        var estimate = CostModel(device: device)
            .estimate(file == nil ? device.priced(network, in: measuring.dataType) : network)
        if let file { estimate.add(file.priced.gaps) }
        if device.runtime.name != measuring.runtime {
            estimate.add(CostGaps(assumptions: [
                "\(device.name) is a profile of \(device.runtime.name.rawValue), and \(measuring.runtime.rawValue) was measured"
            ]))
        }
        return (estimate, profile)
    }

    /// The time of a network, the runtime, the machine, and the clock of the processors that were chosen.
    private func measure(
        _ network: Network, _ file: MeasuredFile?
    ) throws -> (NetworkTiming.Result, RuntimeFacts, MachineState, clockGHz: Double?) {
        Interruption.listen()
        if remote.isGiven {
            return try remote.measure(measuring, file: file) { bench in
                let timing = NetworkTiming(bench: bench, settings: measuring.remoteSettings)
                return (
                    try run(timing, network), bench.facts, bench.machine,
                    try remote.cores.flatMap { try bench.device.clockGHz(ofCores: $0) }
                )
            }
        }
        let machine = MachineState.current()
        return try measuring.measure { runtime in
            let timing = NetworkTiming(runtime: runtime, settings: measuring.settings, machine: machine)
            return (try run(timing, network), runtime.facts, machine, nil)
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
