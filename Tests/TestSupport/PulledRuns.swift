import Files
import Training

extension ResumableRun {
    /// Goes on to the end or, where one is given, up to and with a step.
    public func run(upTo last: Int = .max, report: (Event.Step) throws -> Void = { _ in }) throws {
        while step < last, let event = try next() {
            if let step = event.finishedStep { try report(step) }
        }
    }

    /// The bytes of its checkpoint as it stands: all of its state.
    public func stateBytes() throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        try checkpoint().write(to: directory.file("state"))
        return try BinaryFile.read(directory.file("state"), what: "checkpoint")
    }

    /// The same after it was written to a file, in a new run that was taken to it.
    public func resumed(in new: Self) throws -> Self {
        let directory = try TemporaryDirectory()
        try checkpoint().write(to: directory.file("checkpoint"))
        try new.restore(Checkpoint(contentsOf: directory.file("checkpoint")))
        return new
    }
}

/// How a run that is stopped after each of some steps, and resumed from a file in a new run each time, differs from one
/// without a stop, in words; empty where both do the same steps and end in the same bits.
public func differencesWithStops<Run: ResumableRun>(after stops: [Int], _ make: () throws -> Run) throws -> [String] {
    var lines: [JSON] = [], resumed: [JSON] = [], differences: [String] = []
    let whole = try make()
    try whole.run { lines.append(whole.line(of: $0).without("images_per_second")) }
    if lines.count != whole.steps { differences.append("\(lines.count) steps of \(whole.steps)") }
    var run = try make()
    for stop in stops {
        try run.run(upTo: stop) { resumed.append(run.line(of: $0).without("images_per_second")) }
        run = try run.resumed(in: make())
        if run.step != stop { differences.append("at step \(run.step) in the place of \(stop)") }
    }
    try run.run { resumed.append(run.line(of: $0).without("images_per_second")) }
    if lines != resumed { differences.append("other lines of metrics") }
    if try whole.stateBytes() != run.stateBytes() { differences.append("another state at the end") }
    return differences
}

extension JSON {
    /// An object without one of its fields.
    public func without(_ key: String) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key })
    }
}
