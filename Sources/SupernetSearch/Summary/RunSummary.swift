import Glibc
import JSONDocuments

/// Where a run stands that is going on, or has ended: what `onepath show run` tells.
///
///     let summary = try RunSummary(contentsOf: "runs/one")
///     print(summary.step, "of", summary.steps)
public struct RunSummary: Sendable {
    /// Whether somebody is at work on a run.
    public enum State: String, Hashable, Sendable {
        /// Its metrics have grown of late.
        case running
        /// Its metrics have not grown for longer than its steps take, and it has no result.
        case stopped
        /// It has a result.
        case finished
    }

    /// One thing that determines the run: "device", "pixel1".
    public struct Fact: Hashable, Sendable {
        public let name: String
        public let value: JSON
    }

    /// A figure over the logged steps.
    public struct Curve: Hashable, Sendable {
        /// As `metrics.jsonl` has it.
        public let name: String
        /// One at least.
        public let values: [Double]
    }

    /// The directory.
    public let path: String
    /// "search" or "training".
    public let kind: String
    public let facts: [Fact]
    public let state: State
    /// The last logged step; 0 where there is none yet.
    public let step: Int
    /// Of the whole run.
    public let steps: Int
    /// The epoch that `step` belongs to, from 1.
    public let epoch: Int
    public let epochs: Int
    /// What the last logged step trained; nil where a run has no phases.
    public let phase: SearchPhase?
    /// Over the last logged steps: their median; nil where there are none.
    public let imagesPerSecond: Double?
    /// Until the last step at that rate; nil where the run is not going on.
    public let secondsLeft: Double?
    public let curves: [Curve]
    /// What a search selects; nil for a run that selects nothing, and where nothing is logged.
    public let selection: SelectionSummary?
    /// How the test images are classified; nil where the run is not finished.
    public let result: Evaluation?

    /// Reads the run in the directory at `path`, which may be going on.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: `FileError`, with the line of damaged metrics.
    public init(contentsOf path: String, now: Double = Double(time(nil))) throws {
        let configuration = path + "/" + RunDirectory.configurationName
        let node = try JSONNode(contentsOf: configuration, what: "run (its \(RunDirectory.configurationName))")
        if case .string(TrainingPlan.schema)? = node.value["schema"] {
            self.init(try TrainingLog(contentsOf: path, configuration: node), now: now)
        } else {
            self.init(try RunRecord(contentsOf: path, isGrowing: true), now: now)
        }
    }

    private init(_ record: RunRecord, now: Double) {
        let last = record.steps.last
        let facts = [("space", record.space), ("device", record.device), ("data", record.data)].map {
            Fact(name: $0, value: .string($1))
        }
        let settings = record.settings.filter { ["seed", "batch", "lambda"].contains($0.name) }
        let figures: [(String, KeyPath<LoggedStep, Double>)] = [
            ("loss", \.loss), ("cross_entropy", \.crossEntropy), ("runtime_ms", \.runtimeMs),
            ("learning_rate", \.learningRate),
        ]
        self.init(
            path: record.path, kind: "search",
            facts: facts + [Fact(name: "train_examples", value: .integer(record.trainingImages))]
                + settings.map { Fact(name: $0.name, value: $0.value) },
            steps: record.plannedSteps, epochs: record.epochs,
            imagesPerStep: record.trainingImages / record.stepsPerEpoch,
            logged: record.steps.map { (step: $0.step, imagesPerSecond: $0.imagesPerSecond) }, epoch: last?.epoch,
            phase: last.flatMap { last in record.phases.last { $0.start < last.step }?.phase },
            curves: figures.map { name, figure in Curve(name: name, values: record.steps.map { $0[keyPath: figure] }) },
            selection: SelectionSummary(record), result: record.result, now: now)
    }

    private init(_ log: TrainingLog, now: Double) {
        self.init(
            path: log.path, kind: "training",
            facts: log.facts, steps: log.steps, epochs: log.epochs, imagesPerStep: log.batch,
            logged: log.lines.map { (step: $0.step, imagesPerSecond: $0.imagesPerSecond) },
            epoch: log.lines.last?.epoch, phase: nil, curves: log.curves, selection: nil, result: log.result, now: now)
    }

    private init(
        path: String, kind: String, facts: [Fact], steps: Int, epochs: Int, imagesPerStep: Int,
        logged: [(step: Int, imagesPerSecond: Double)], epoch: Int?, phase: SearchPhase?, curves: [Curve],
        selection: SelectionSummary?, result: Evaluation?, now: Double
    ) {
        self.path = path
        self.kind = kind
        self.facts = facts
        self.steps = steps
        self.epochs = epochs
        step = logged.last?.step ?? 0
        self.epoch = epoch ?? 1
        self.phase = phase
        self.curves = curves.filter { !$0.values.isEmpty }
        self.selection = selection
        self.result = result
        let rates = logged.suffix(10).map(\.imagesPerSecond).sorted()
        let rate = rates.isEmpty ? nil : rates[rates.count / 2]
        imagesPerSecond = rate
        func seconds(_ steps: Int) -> Double? {
            rate.flatMap { $0 > 0 ? Double(steps * imagesPerStep) / $0 : nil }
        }
        if result != nil {
            state = .finished
        } else {
            // A line is due every so many seconds; a minute is for what else a run does.
            let interval = zip(logged.dropFirst(), logged).map { $0.step - $1.step }.max() ?? 0
            let patience = 60 + 4 * (seconds(interval) ?? 0)
            let written = Self.modificationTime(of: path + "/" + RunDirectory.metricsName) ?? 0
            state = now - written <= patience ? .running : .stopped
        }
        secondsLeft = state == .running ? seconds(max(0, steps - step)) : nil
    }

    /// Seconds since 1970; nil where there is no such file.
    private static func modificationTime(of path: String) -> Double? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    public var json: JSON {
        [
            "run": .string(path), "kind": .string(kind),
            "facts": .object(facts.map { .init(key: $0.name, value: $0.value) }), "state": .string(state.rawValue),
            "step": .integer(step), "steps": .integer(steps), "epoch": .integer(epoch), "epochs": .integer(epochs),
            "phase": phase.map { .string($0.rawValue) } ?? .null,
            "images_per_second": imagesPerSecond.map(JSON.number) ?? .null,
            "seconds_left": secondsLeft.map(JSON.number) ?? .null,
            "curves": .object(curves.map { .init(key: $0.name, value: .array($0.values.map(JSON.number))) }),
            "selection": selection?.json ?? .null, "result": result?.json ?? .null,
        ]
    }
}
