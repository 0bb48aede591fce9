import Architectures
import Datasets
import Files
import HardwareProfiles
import SupernetSearch
import Training

/// Takes a sweep from event to event: the warm-up, the searches that branch from it, and the networks that what they find is
/// compared with. It writes what of them belongs on the disk, a directory for each run.
///
///     let sweep = try SweepDriver(plan, in: directory, task: task, export: export) { print($0) }
///     while let event = try sweep.next() { print(event) }
///     for point in sweep.points { print(point.name, point.estimate.latencyMs, point.inherited.accuracy) }
public final class SweepDriver<Export: RunExport> {
    /// A piece of work that was done.
    public enum Event: Sendable {
        /// In one of the searches or, by the name "warm-up", in what they share; `end` is the step it goes to.
        case search(name: String, SearchEvent, end: Int)
        /// So many of the networks have been evaluated with the weights that they inherit from the warm-up.
        case evaluated(done: Int, of: Int)
    }

    /// What the searches work on.
    public struct Task {
        let space: SearchSpace
        let costModel: CostModel
        let trainingImages: ImageDataset
        let testImages: ImageDataset

        public init(space: SearchSpace, costModel: CostModel, trainingImages: ImageDataset, testImages: ImageDataset) {
            self.space = space
            self.costModel = costModel
            self.trainingImages = trainingImages
            self.testImages = testImages
        }
    }

    /// What was found and what it is compared with, as far as it is known: found networks, uniform ones, random ones.
    public private(set) var points: [SweepPoint] = []

    private let plan: SweepPlan
    private let directory: SweepDirectory
    private let task: Task
    private let export: Export
    private let warning: (String) -> Void

    /// The search whose warm-up the others share.
    private let trunk: Search
    /// At the end of the warm-up.
    private var warmUp: Checkpoint?
    /// The run that goes on.
    private var current: Running?
    /// Searches that are done.
    private var finished = 0
    /// What is to be evaluated, once all searches are done.
    private var networks: [Network] = []

    private struct Running {
        let name: String
        let driver: RunDriver<Search>
        let log: any StepLog
        let plan: SearchPlan
        let end: Int
    }

    /// A network that is to be evaluated.
    private struct Network {
        let name: String
        let kind: SweepPoint.Kind
        let architecture: Architecture
        var search: SearchConfiguration?
        var searched: Evaluation?
    }

    private static var trunkName: String { "warm-up" }

    /// - Parameters:
    ///   - plan: what the sweep searches.
    ///   - directory: of this sweep, new or to be resumed.
    ///   - task: what its searches work on.
    ///   - export: writes what they find.
    ///   - warning: takes a sentence where not the newest checkpoint of a run serves, or none.
    /// - Throws: what `Search.init` throws.
    public init(
        _ plan: SweepPlan, in directory: SweepDirectory, task: Task, export: Export, warning: @escaping (String) -> Void
    ) throws {
        self.plan = plan
        self.directory = directory
        self.task = task
        self.export = export
        self.warning = warning
        trunk = try Search(
            space: task.space, costModel: task.costModel, trainingImages: task.trainingImages,
            configuration: plan.warmUp.configuration)
    }

    /// Does the next piece of work.
    ///
    /// - Returns: what was done; nil where the sweep is at its end.
    /// - Throws: `FileError`; what searches throw.
    public func next() throws -> Event? {
        while true {
            if let running = current {
                if let event = try step(running) { return event }
                continue
            }
            if warmUp == nil {
                try beginWarmUp()
            } else if finished < plan.searches.count {
                try beginSearch(plan.searches[finished])
            } else {
                return try evaluateNext()
            }
        }
    }

    /// Keeps a checkpoint of the search that goes on, from which `--resume` goes on.
    ///
    /// - Throws: `FileError.cannotWrite`, with what is kept of the run.
    public func stop() throws { try current?.driver.stop() }

    /// How far the search that goes on is, for people: nil between searches.
    public var runningStep: (name: String, step: Int, steps: Int)? {
        current.map { ($0.name, $0.driver.run.step, $0.driver.run.steps) }
    }

    /// The next piece of a run; nil where it is where it is to go, and finished.
    private func step(_ running: Running) throws -> Event? {
        let search = running.driver.run
        let isWarmUp = search === trunk
        if isWarmUp ? search.step < running.end : true, let event = try running.driver.next() {
            return .search(name: running.name, event, end: running.end)
        }
        if isWarmUp {
            try running.driver.stop()
            warmUp = try trunk.checkpoint()
        } else {
            let result = try running.driver.directory.recordFound(
                by: search, plan: running.plan, testImages: task.testImages, export: export, log: running.log)
            try finish(running.name, result)
        }
        current = nil
        return nil
    }

    private func beginWarmUp() throws {
        let path = directory.path(of: Self.trunkName), end = trunk.warmUpSteps
        try begin(trunk, plan: plan.warmUp, name: Self.trunkName, end: end) {
            try RunDirectory(creating: path, configuration: plan.warmUp.json)
        }
    }

    private func beginSearch(_ branch: SweepPlan.Search) throws {
        let path = directory.path(of: branch.name)
        if let result = try RunDirectory.result(ofRunIn: path) { return try finish(branch.name, result) }
        guard let warmUp else { return }
        let search = try Search(
            space: task.space, costModel: task.costModel, trainingImages: task.trainingImages,
            configuration: branch.configuration)
        let branchPlan = plan.warmUp.with(branch.configuration)
        try begin(search, plan: branchPlan, name: branch.name, end: search.steps) {
            try search.branch(from: warmUp)
            return try RunDirectory(
                branching: path, from: directory.path(of: Self.trunkName), run: search, configuration: branchPlan.json)
        }
    }

    /// Opens the directory of a run, which is made where there is none.
    private func begin(_ search: Search, plan: SearchPlan, name: String, end: Int, create: () throws -> RunDirectory) throws {
        let path = directory.path(of: name)
        let run = RunDirectory.isBegun(path)
            ? try RunDirectory(resuming: path, run: search, telling: warning) : try create()
        let log = try export.stepLog(in: path, resumingAfter: search.step)
        current = Running(
            name: name, driver: RunDriver(search, in: run, checkpointEvery: plan.checkpointInterval, log: log), log: log,
            plan: plan, end: end)
    }

    private func finish(_ name: String, _ result: Evaluation) throws {
        let path = RunDirectory.architecturePath(in: directory.path(of: name))
        networks.append(Network(
            name: name, kind: .found, architecture: try Architecture(contentsOf: path),
            search: plan.searches[finished].configuration, searched: result))
        finished += 1
        guard finished == plan.searches.count else { return }
        networks += SweepPlan.comparedNetworks(of: task.space).map { Network(name: $1.name, kind: $0, architecture: $1) }
        let drawn = task.space.randomArchitectures(plan.randomNetworks, seed: plan.warmUp.configuration.seed)
        networks += drawn.enumerated().map { Network(name: "random \($0 + 1)", kind: .random, architecture: $1) }
    }

    private func evaluateNext() throws -> Event? {
        guard points.count < networks.count else { return nil }
        let network = networks[points.count]
        let choices = try task.space.choices(of: network.architecture)
        points.append(SweepPoint(
            name: network.name, kind: network.kind, network: network.architecture.network,
            estimate: task.costModel.estimate(network.architecture.network),
            inherited: try trunk.inheritedAccuracy(of: choices, on: task.testImages), search: network.search,
            searched: network.searched))
        return .evaluated(done: points.count, of: networks.count)
    }
}
