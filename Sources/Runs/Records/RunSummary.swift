import Files
import HardwareProfiles
import SupernetSearch
import Training

/// The state of a run, in progress or finished, for `onepath show run`.
///
///     let summary = try RunSummary(contentsOf: "runs/one")
///     print(summary.step, "of", summary.steps)
public struct RunSummary: Sendable {
    /// Whether a program works on a run.
    public enum State: String, Hashable, Sendable {
        /// A program has locked its directory.
        case running
        /// No program has locked it, and it has no result.
        case stopped
        /// It has a result.
        case finished
    }

    /// Whether a search still has to rank its candidates, or ranks them now; this takes as long as many steps.
    public enum Ranking: String, Hashable, Sendable { case later, now }

    /// One input or setting of the run: "device", "pixel1".
    public struct Fact: Hashable, Sendable {
        public let name: String
        public let value: JSON
    }

    /// A figure over the logged steps.
    public struct Curve: Hashable, Sendable {
        /// The name in `metrics.jsonl`.
        public let name: String
        /// At least one value.
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
    /// The step of the last checkpoint of a stopped run, which may be before or after `step`; nil where there is none, and
    /// where the run is not stopped.
    public let resumesAfter: Int?
    /// The steps of the whole run.
    public let steps: Int
    /// The epoch that `step` belongs to, from 1.
    public let epoch: Int
    public let epochs: Int
    /// The phase of the last logged step; nil where a run has no phases.
    public let phase: SearchPhase?
    /// The median over the last logged steps; nil where there are none.
    public let imagesPerSecond: Double?
    /// The time to the last step at that rate; nil where the run is not in progress, and while candidates are ranked.
    public let secondsLeft: Double?
    /// nil where the run is not in progress, where it has ranked them and where it ranks none.
    public let ranking: Ranking?
    /// Whether a search compares candidates when its search phase ends, or has done so; false for a training.
    public let comparesCandidates: Bool
    public let curves: [Curve]
    /// The selection of a search; nil for a training, and where nothing is logged.
    public let selection: SelectionSummary?
    /// The latency of the network that a search found (`RunRecord.foundLatencyMs`); nil for a training.
    public let foundLatencyMs: Double?
    /// The evaluation on the test images; nil where the run is not finished.
    public let result: Evaluation?

    /// Reads the run in the directory at `path`, which may be in progress.
    ///
    /// - Throws: `FileError`, with the line of damaged metrics.
    public init(contentsOf path: String) throws {
        let node = try RunKind.configuration(ofAnyRunIn: path, what: "run")
        let isHeld = DirectoryLock.isHeld(path)
        switch RunKind.kind(of: node) {
        case .training: self.init(try TrainingLog(contentsOf: path, configuration: node), isHeld: isHeld)
        case .sweep: throw RunKind.refusal(ofSweep: node)
        case .search, nil: self.init(try RunRecord(contentsOf: path, isGrowing: true), isHeld: isHeld)
        }
    }

    /// The part that both kinds of run have.
    private struct Log {
        let path: String
        let kind: String
        let facts: [Fact]
        let length: Length
        let logged: [(step: Int, epoch: Int, imagesPerSecond: Double)]
        let curves: [Curve]
    }

    /// What the whole run will do.
    private struct Length {
        let steps: Int
        let epochs: Int
        let imagesPerStep: Int
        /// nil where all steps have images of the size of the input.
        let resolution: TrainResolution?

        /// The number of pixels of the images of some steps, counted from 0, as a part of those of the last epoch.
        func relativePixels(ofSteps steps: Range<Int>) -> Double {
            resolution?.relativePixels(ofSteps: steps, of: self.steps, epochs: epochs) ?? 1
        }
    }

    /// The part that only a search has.
    private struct SearchState {
        let phase: SearchPhase?
        let selection: SelectionSummary?
        /// The step after which candidates are ranked; nil where they are not.
        let rankedAfter: Int?
        let foundLatencyMs: Double?
    }

    private init(_ record: RunRecord, isHeld: Bool) {
        let last = record.steps.last
        func fact(_ name: String, _ value: String) -> Fact { Fact(name: name, value: .string(value)) }
        let threads = record.deviceThreads.map { [Fact(name: "device_threads", value: .integer($0))] } ?? []
        let others = record.otherDevices.map(\.name).joined(separator: ", ")
        let devices = [fact("device", record.device)] + (others.isEmpty ? [] : [fact("other_devices", others)])
        let facts = [fact("space", record.space)] + devices + threads + [fact("data", record.images.data)]
        let targets = CostQuantity.allCases.map(SearchConfiguration.setting(of:))
        let isTargeted = record.settings.contains { targets.contains($0.name) }
        // With targets, λ moves.
        let shown = ["seed", "batch"] + (isTargeted ? targets : ["lambda"])
        let settings = record.settings.filter { shown.contains($0.name) }
        let ranks = record.settings.contains { $0.name == "candidates" && $0.value != 1 }
            && !record.settings.contains { $0.name == "strategy" && $0.value == .string(SearchStrategy.gradient.rawValue) }
        let figures: [(String, KeyPath<LoggedStep, Double>)] = [
            ("loss", \.loss), ("cross_entropy", \.crossEntropy), ("runtime_ms", \.runtimeMs),
            ("learning_rate", \.learningRate),
        ]
        self.init(
            Log(
                path: record.path, kind: "search",
                facts: facts + record.images.facts + settings.map { Fact(name: $0.name, value: $0.value) },
                length: Length(
                    steps: record.plannedSteps, epochs: record.epochs, imagesPerStep: record.batch,
                    resolution: record.trainResolution),
                logged: record.steps.map { ($0.step, $0.epoch, $0.imagesPerSecond) },
                curves: figures.map { name, figure in
                    Curve(name: name, values: record.steps.map { $0[keyPath: figure] })
                }),
            search: SearchState(
                phase: last.flatMap { last in record.phases.last { $0.start < last.step }?.phase },
                selection: SelectionSummary(record), rankedAfter: ranks ? record.lastSearchStep : nil,
                foundLatencyMs: record.foundLatencyMs),
            result: record.result, isHeld: isHeld)
    }

    private init(_ log: TrainingLog, isHeld: Bool) {
        self.init(
            Log(
                path: log.path, kind: "training", facts: log.facts,
                length: Length(
                    steps: log.steps, epochs: log.epochs, imagesPerStep: log.batch, resolution: log.resolution),
                logged: log.lines.map { ($0.step, $0.epoch, $0.imagesPerSecond) }, curves: log.curves),
            search: nil, result: log.result, isHeld: isHeld)
    }

    private init(_ log: Log, search: SearchState?, result: Evaluation?, isHeld: Bool) {
        path = log.path
        kind = log.kind
        facts = log.facts
        steps = log.length.steps
        epochs = log.length.epochs
        step = log.logged.last?.step ?? 0
        epoch = log.logged.last?.epoch ?? 1
        phase = search?.phase
        curves = log.curves.filter { !$0.values.isEmpty }
        selection = search?.selection
        comparesCandidates = search?.rankedAfter != nil
        foundLatencyMs = search?.foundLatencyMs
        self.result = result
        let recent = log.logged.suffix(10)
        imagesPerSecond = recent.isEmpty ? nil : recent.map(\.imagesPerSecond).median
        state = result != nil ? .finished : isHeld ? .running : .stopped
        resumesAfter = state == .stopped ? RunDirectory.newestStep(ofRunIn: log.path) : nil
        if state == .running, let rankedAfter = search?.rankedAfter, step <= rankedAfter {
            ranking = step == rankedAfter ? .now : .later
        } else {
            ranking = nil
        }
        // Where images grow, later ones take longer: a step takes as long as its images have pixels. Rates are those of images
        // of the last size.
        let length = log.length, left = min(step, steps)..<steps
        let rates = recent.map { $0.imagesPerSecond * length.relativePixels(ofSteps: max(0, $0.step - 1)..<max(1, $0.step)) }
        let imagesLeft = Double(left.count * length.imagesPerStep) * length.relativePixels(ofSteps: left)
        // A rate near zero gives no usable estimate.
        let rate = rates.isEmpty ? 0 : rates.median, seconds = rate > 0 ? imagesLeft / rate : .infinity
        secondsLeft = state == .running && ranking != .now && seconds < 1e12 ? seconds : nil
    }

    public var json: JSON {
        [
            "run": .string(path), "kind": .string(kind),
            "facts": .object(facts.map { .init(key: $0.name, value: $0.value) }), "state": .string(state.rawValue),
            "step": .integer(step), "resumes_after": resumesAfter.map(JSON.integer) ?? .null,
            "steps": .integer(steps), "epoch": .integer(epoch), "epochs": .integer(epochs),
            "phase": phase.map { .string($0.rawValue) } ?? .null,
            "images_per_second": imagesPerSecond.map(JSON.number) ?? .null,
            "seconds_left": secondsLeft.map(JSON.number) ?? .null,
            "ranking": ranking.map { .string($0.rawValue) } ?? .null,
            "curves": .object(curves.map { .init(key: $0.name, value: .array($0.values.map(JSON.number))) }),
            "selection": selection?.json ?? .null,
            "found_latency_ms": foundLatencyMs.map(JSON.number) ?? .null, "result": result?.json ?? .null,
        ]
    }
}

extension RunImages {
    /// Their numbers, for people.
    var facts: [RunSummary.Fact] { counts.map { .init(name: $0.name, value: .integer($0.count)) } }
}
