import Exporter
import Files
import SupernetSearch

/// What a run would be, what memory and what time it would take.
struct DryRun {
    /// What runs on what, as pairs of a name and a text.
    let subject: [(name: String, value: String)]
    let steps: Int
    let epochs: Int
    let batch: Int
    let threads: Int
    let phases: [(name: String, steps: Int)]
    /// Resident at the most, in bytes.
    let memory: Int
    let secondsPerStep: Double
    let seconds: Double

    var text: String {
        var table = TextTable([("", .left), ("", .cut)], titled: false)
        for line in subject { table.add([line.name, line.value]) }
        table.add(["steps", "\(steps.grouped): \(epochs) epoch\(epochs == 1 ? "" : "s") of \((steps / epochs).grouped), \(batch) images each"])
        if !phases.isEmpty {
            table.add(["phases", phases.map { "\($0.name) \($0.steps.grouped)" }.joined(separator: ", ")])
        }
        table.add(["threads", "\(threads)"])
        table.add(["memory", "about \((Double(memory) / 1048576).fixed(0)) MiB"])
        table.add(["time", "about \(seconds.clock), \((1000 * secondsPerStep).fixed(1)) ms a step"])
        return table.text + "\nNothing was written.\n"
    }

    var json: JSON {
        .object(
            subject.map { JSON.Member(key: $0.name, value: .string($0.value)) } + [
                .init(key: "steps", value: .integer(steps)), .init(key: "epochs", value: .integer(epochs)),
                .init(key: "batch", value: .integer(batch)), .init(key: "threads", value: .integer(threads)),
                .init(
                    key: "phases",
                    value: .object(phases.map { JSON.Member(key: $0.name, value: .integer($0.steps)) })),
                .init(key: "peak_memory_bytes", value: .integer(memory)),
                .init(key: "step_seconds", value: .number(secondsPerStep)),
                .init(key: "seconds", value: .number(seconds)),
            ])
    }

    func show(asJSON: Bool) { print(asJSON ? json.text(pretty: true) + "\n" : text, terminator: "") }
}
