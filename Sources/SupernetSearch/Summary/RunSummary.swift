import Files
import HardwareProfiles

/// Where a run stands that is going on, or has ended: what `onepath show run` tells.
///
///     let summary = try RunSummary(contentsOf: "runs/one")
///     print(summary.step, "of", summary.steps)
public struct RunSummary: Sendable {
    /// Whether somebody is at work on a run.
    public enum State: String, Hashable, Sendable {
        /// A program holds its directory.
        case running
        /// None does, and it has no result.
        case stopped
        /// It has a result.
        case finished
    }

    /// When a search compares networks, which takes as long as many steps.
    public enum Comparing: String, Hashable, Sendable { case later, now }

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
    /// Until the last step at that rate; nil where the run is not going on, and while networks are compared.
    public let secondsLeft: Double?
    /// nil where the run is not going on, where it has compared them and where it compares none.
    public let comparing: Comparing?
    public let curves: [Curve]
    /// What a search selects; nil for a run that selects nothing, and where nothing is logged.
    public let selection: SelectionSummary?
    /// How the test images are classified; nil where the run is not finished.
    public let result: Evaluation?

    /// Reads the run in the directory at `path`, which may be going on.
    ///
    /// - Throws: `FileError`, with the line of damaged metrics.
    public init(contentsOf path: String) throws {
        let node = try RunKind.configuration(ofAnyRunIn: path, what: "run")
        let isHeld = DirectoryLock.isHeld(path)
        switch RunKind.kind(of: node) {
        case .training: self.init(try TrainingLog(contentsOf: path, configuration: node), isHeld: isHeld)
        case .sweep:
            throw node.problem("expected that of one run, found that of a sweep, whose runs have directories in this one")
        case .search, nil: self.init(try RunRecord(contentsOf: path, isGrowing: true), isHeld: isHeld)
        }
    }

    private init(_ record: RunRecord, isHeld: Bool) {
        let last = record.steps.last
        let facts = [("space", record.space), ("device", record.device), ("data", record.data)].map {
            Fact(name: $0, value: .string($1))
        }
        let targets = CostQuantity.allCases.map(SearchConfiguration.setting(of:))
        let isTargeted = record.settings.contains { targets.contains($0.name) }
        // With targets, λ moves.
        let told = ["seed", "batch"] + (isTargeted ? targets : ["lambda"])
        let settings = record.settings.filter { told.contains($0.name) }
        let compares = record.settings.contains { $0.name == "candidates" && $0.value != 1 }
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
            selection: SelectionSummary(record), result: record.result, comparedAfter: compares ? record.decidedStep : nil,
            isHeld: isHeld)
    }

    private init(_ log: TrainingLog, isHeld: Bool) {
        self.init(
            path: log.path, kind: "training",
            facts: log.facts, steps: log.steps, epochs: log.epochs, imagesPerStep: log.batch,
            logged: log.lines.map { (step: $0.step, imagesPerSecond: $0.imagesPerSecond) },
            epoch: log.lines.last?.epoch, phase: nil, curves: log.curves, selection: nil, result: log.result,
            comparedAfter: nil, isHeld: isHeld)
    }

    private init(
        path: String, kind: String, facts: [Fact], steps: Int, epochs: Int, imagesPerStep: Int,
        logged: [(step: Int, imagesPerSecond: Double)], epoch: Int?, phase: SearchPhase?, curves: [Curve],
        selection: SelectionSummary?, result: Evaluation?, comparedAfter: Int?, isHeld: Bool
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
            // At a rate that is hardly one there is no telling.
            rate.flatMap { $0 > 0 ? Double(steps * imagesPerStep) / $0 : nil }.flatMap { $0 < 1e12 ? $0 : nil }
        }
        state = result != nil ? .finished : isHeld ? .running : .stopped
        if state == .running, let comparedAfter, step <= comparedAfter {
            comparing = step == comparedAfter ? .now : .later
        } else {
            comparing = nil
        }
        secondsLeft = state == .running && comparing != .now ? seconds(max(0, steps - step)) : nil
    }

    public var json: JSON {
        [
            "run": .string(path), "kind": .string(kind),
            "facts": .object(facts.map { .init(key: $0.name, value: $0.value) }), "state": .string(state.rawValue),
            "step": .integer(step), "steps": .integer(steps), "epoch": .integer(epoch), "epochs": .integer(epochs),
            "phase": phase.map { .string($0.rawValue) } ?? .null,
            "images_per_second": imagesPerSecond.map(JSON.number) ?? .null,
            "seconds_left": secondsLeft.map(JSON.number) ?? .null,
            "comparing": comparing.map { .string($0.rawValue) } ?? .null,
            "curves": .object(curves.map { .init(key: $0.name, value: .array($0.values.map(JSON.number))) }),
            "selection": selection?.json ?? .null, "result": result?.json ?? .null,
        ]
    }
}
