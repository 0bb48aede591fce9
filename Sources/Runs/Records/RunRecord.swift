import Architectures
import Files
import Glibc
import HardwareProfiles
import SupernetSearch
import Training

/// The content of a search's directory, finished or interrupted.
///
///     let record = try RunRecord(contentsOf: "runs/one")
///     record.steps.last?.runtimeMs
public struct RunRecord: Sendable {
    /// A value of the run's configuration.
    public struct Setting: Hashable, Sendable {
        public let name: String
        public let value: JSON
    }

    /// The directory.
    public let path: String
    /// The name of the search space.
    public let space: String
    /// The name or the path that was given for the search space.
    public let spaceSource: String
    /// The name of the device profile, and the name or the path that was given.
    public let device: String
    public let deviceSource: String
    /// The devices on which the targets were also to be met.
    public let otherDevices: [RunInput]
    /// The device's number of threads; nil for that of its profile.
    public let deviceThreads: Int?
    /// What it trains on.
    public let images: RunImages
    /// Images in a step.
    let batch: Int
    public let settings: [Setting]
    public let provenance: Provenance
    /// Optimiser steps of the whole run, even if it is not finished.
    public var plannedSteps: Int { epochs * stepsPerEpoch }
    public let epochs: Int
    public let stepsPerEpoch: Int
    /// In the order of the log.
    public let steps: [LoggedStep]
    /// The supernet's evaluation on the test images; nil where the run has no result.
    public let result: Evaluation?
    /// The network that was found; nil where the run is not finished, or its file is gone.
    public let found: Architecture?

    /// The shorter side of the images; nil where all have the size of the space's input.
    public var trainResolution: TrainResolution? {
        TrainResolution(recorded: settings.first { $0.name == "train_resolution" }?.value)
    }

    private let boundaries: SearchPhase.Boundaries

    /// The files that were read.
    public let files: [String]
    public var architecturePath: String { path + "/" + RunDirectory.architectureName }

    /// The last step of the search phase, after which candidates are ranked.
    var lastSearchStep: Int { boundaries.fineTune }

    /// Each phase of the run, with the step after which it begins.
    public var phases: [(phase: SearchPhase, start: Int)] {
        boundaries.phases(steps: plannedSteps).map { ($0.phase, $0.steps.lowerBound) }
    }

    /// The latency of the network that was found, on the first device, milliseconds; nil where the run is not finished, and
    /// where no step knew that network and the device's profile is not what it was any more.
    public var foundLatencyMs: Double? {
        guard let found else { return nil }
        // While it fine-tunes, the choice is the one that was found.
        if let last = steps.last, last.step > lastSearchStep { return last.runtimeMs }
        guard let profile = provenance.deviceProfile(named: device, at: deviceSource) else { return nil }
        let threads = deviceThreads ?? profile.runtime.threads
        guard (1...profile.bigCores).contains(threads) else { return nil }
        return CostModel(device: profile.running(threads: threads)).estimate(found.network).latencyMs
    }

    /// Reads the configuration and the metrics in the directory at `path`, and the result if there is one, strictly.
    ///
    /// - Parameter isGrowing: whether the run may be in progress, so that a last line of metrics without a newline is
    ///   ignored.
    /// - Throws: `FileError`, with the line of damaged metrics.
    public init(contentsOf path: String, isGrowing: Bool = false) throws {
        self.path = path
        let configuration = path + "/" + RunDirectory.configurationName
        let metrics = path + "/" + RunDirectory.metricsName

        let node = try RunKind.search.configuration(ofRunIn: path, what: "run")
        let plan = try node.object { fields in
            try fields.schema(RunKind.search.schema)
            _ = fields.optionalNode("checkpoint_every")
            let otherDevices = try SearchPlan.otherDevices(&fields)
            let images = try RunImages(&fields)
            return (
                space: try fields.string("space"), spaceSource: try fields.string("space_source"),
                device: try fields.string("device"), deviceSource: try fields.string("device_source"),
                otherDevices: otherDevices, deviceThreads: try SearchPlan.deviceThreads(&fields),
                data: images.data, images: images,
                settings: try fields.node("configuration"),
                provenance: try Provenance(json: fields.node("provenance"))
            )
        }
        (space, device, images) = (plan.space, plan.device, plan.images)
        spaceSource = plan.spaceSource
        deviceSource = plan.deviceSource
        otherDevices = plan.otherDevices
        deviceThreads = plan.deviceThreads
        provenance = plan.provenance
        settings = try plan.settings.members().map { key, node in
            switch node.value {
            case .object, .null: throw node.mismatch(expected: "a number, a string, true or false, or a list")
            case .bool, .integer, .number, .string, .array: return Setting(name: key, value: node.value)
            }
        }
        func setting(_ name: String) throws(FileError) -> JSONNode {
            guard let found = try plan.settings.members().first(where: { $0.key == name }) else {
                throw plan.settings.problem("missing field \"\(name)\"")
            }
            return found.node
        }
        batch = try setting("batch").integer(in: 1...plan.images.trained)
        epochs = try setting("epochs").integer(in: 1...1 << 20)
        stepsPerEpoch = plan.images.trained / batch
        let fineTuneField = SearchConfiguration.fineTuneField(of: Set(settings.map(\.name)))
        boundaries = SearchPhase.Boundaries(
            steps: epochs * stepsPerEpoch, warmUpFraction: try setting("warm_up_fraction").number(in: 0...1),
            fineTuneFraction: try setting(fineTuneField).number(in: 0...1))

        var last: LoggedStep?
        steps = try JSONLines.read(metrics, what: "metrics", isGrowing: isGrowing) { line in
            let step = try LoggedStep(json: line, after: last)
            last = step
            return step
        }
        result = try RunDirectory.result(ofRunIn: path)
        let architecture = path + "/" + RunDirectory.architectureName
        found = result != nil && access(architecture, F_OK) == 0 ? try Architecture(contentsOf: architecture) : nil
        files = [configuration, metrics] + (result == nil ? [] : [path + "/" + RunDirectory.resultName])
    }
}
