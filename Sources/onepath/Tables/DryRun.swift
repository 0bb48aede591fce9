import Exporter
import Files
import Runs
import SupernetSearch
import Training

/// What a run would be, what memory and what time its phases would take.
struct DryRun {
    /// How long a run trains.
    struct Length {
        let steps: Int
        let epochs: Int
        let batch: Int
        let threads: Int

        init(steps: Int, _ configuration: TrainingConfiguration) {
            self.steps = steps
            epochs = configuration.epochs
            batch = configuration.batch
            threads = configuration.threads
        }
    }

    /// What runs on what, as pairs of a name and a text.
    let subject: [(name: String, value: String)]
    let length: Length
    let phases: [PhaseEstimate]
    /// Resident at the most, in bytes.
    let memory: Int
    let secondsPerStep: Double

    private var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }

    /// Says on standard error what is being timed, because it takes some seconds.
    static func showTiming(_ what: String) { writeError("timing \(what)\n") }

    var text: String {
        var table = TextTable([("", .left), ("", .cut)], titled: false)
        for line in subject { table.add([line.name, line.value]) }
        let steps = length.steps, epochs = length.epochs
        let count = "\(epochs.counted("epoch")) of \((steps / epochs).grouped)"
        table.add(["steps", "\(steps.grouped): \(count), \(length.batch) images each"])
        table.add(["threads", "\(length.threads)"])
        table.add(["memory", "about \((Double(memory) / 1048576).fixed(0)) MiB"])
        table.add(["time", "about \(seconds.clock), \((1000 * secondsPerStep).fixed(1)) ms per step"])
        var times = TextTable([("phase", .left), ("", .right), ("", .left), ("time", .right), ("MiB", .right)])
        for phase in phases {
            times.add([
                phase.name, phase.count.grouped, phase.unit, phase.seconds.clock,
                (Double(phase.memoryBytes) / 1048576).fixed(0),
            ])
        }
        return table.text + "\n" + times.text + "\nNothing was written.\n"
    }

    var json: JSON {
        .object(
            subject.map { JSON.Member(key: $0.name, value: .string($0.value)) } + [
                .init(key: "steps", value: .integer(length.steps)), .init(key: "epochs", value: .integer(length.epochs)),
                .init(key: "batch", value: .integer(length.batch)), .init(key: "threads", value: .integer(length.threads)),
                .init(key: "phases", value: .array(phases.map { phase in
                    [
                        "name": .string(phase.name), "count": .integer(phase.count), "unit": .string(phase.unit),
                        "seconds": .number(phase.seconds), "memory_bytes": .integer(phase.memoryBytes),
                    ]
                })),
                .init(key: "peak_memory_bytes", value: .integer(memory)),
                .init(key: "step_seconds", value: .number(secondsPerStep)),
                .init(key: "seconds", value: .number(seconds)),
            ])
    }

    func show(asJSON: Bool) { print(asJSON ? json.text(pretty: true) + "\n" : text, terminator: "") }
}

extension DryRun {
    /// Of a search.
    init(subject: [(name: String, value: String)], timing: SearchTiming, memory: Int) {
        self.init(
            subject: subject, length: Length(steps: timing.search.steps, timing.search.configuration.training),
            phases: timing.phases, memory: memory, secondsPerStep: timing.secondsPerStep)
    }

    /// Of several searches that share a warm-up, and of what is evaluated at the end.
    ///
    /// - Parameter timing: of one of them.
    init(subject: [(name: String, value: String)], sweep: SweepPlan, timing: SearchTiming, memory: Int) {
        let count = sweep.searches.count
        let compared = SweepPlan.comparedNetworks(of: timing.search.supernet.space).count
        let networks = count + compared + sweep.randomNetworks
        let phases = timing.phases.map { phase in
            phase.name == SearchPhase.warmUp.text ? phase : phase.repeated(count)
        }
        let evaluation = PhaseEstimate(
            name: "inherited accuracy", count: networks, unit: "networks",
            seconds: Double(networks) * timing.inheritedEvaluation, memoryBytes: phases[0].memoryBytes)
        self.init(
            subject: subject, length: Length(steps: timing.search.steps, timing.search.configuration.training),
            phases: phases + [evaluation], memory: memory, secondsPerStep: timing.secondsPerStep)
    }
}
