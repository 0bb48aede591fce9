import Architectures
import Datasets
import Files
import HardwareProfiles
import SupernetSearch
import Training

/// Drives a sweep from event to event: the warm-up, the searches that branch from it, and the networks to compare with.
/// It writes a directory for each run.
///
///     let sweep = try SweepDriver(plan, in: directory, task: task, export: export) { print($0) }
///     while let event = try sweep.next() { print(event) }
///     for point in sweep.points { print(point.name, point.estimate.latencyMs, point.inherited.accuracy) }
public final class SweepDriver<Export: RunExport> {
    /// A finished piece of work.
    public enum Event: Sendable {
        /// In one of the searches or, with the name "warm-up", in their common warm-up; `end` is its last step.
        case search(name: String, SearchEvent, end: Int)
        /// The number of networks that are evaluated with the weights inherited from the warm-up.
        case evaluated(done: Int, of: Int)
    }

    /// The results so far: found networks, and the uniform and random ones that they are compared with.
    public private(set) var points: [SweepPoint] = []

    private let plan: SweepPlan
    private let directory: SweepDirectory
    private let task: SearchTask
    private let export: Export
    private let warning: (String) -> Void

    /// The search that does the common warm-up.
    private let trunk: Search
    /// The checkpoint at the end of the warm-up.
    private var warmUp: Checkpoint?
    /// The present run.
    private var current: Running?
    /// The number of finished searches.
    private var finished = 0
    /// The networks to evaluate after all searches.
    private var networks: [Network] = []

    private struct Running {
        let name: String
        let driver: RunDriver<Search>
        let log: any StepLog
        let plan: SearchPlan
        let end: Int
    }

    /// A network to evaluate.
    private struct Network {
        let name: String
        let kind: SweepPoint.Kind
        let architecture: Architecture
        var searched: Evaluation?
    }

    /// - Parameters:
    ///   - directory: of this sweep, new or resumed.
    ///   - warning: called with a sentence where an older checkpoint of a run is used, or none.
    /// - Throws: what `Search.init` throws.
    public init(
        _ plan: SweepPlan, in directory: SweepDirectory, task: SearchTask, export: Export, warning: @escaping (String) -> Void
    ) throws {
        self.plan = plan
        self.directory = directory
        self.task = task
        self.export = export
        self.warning = warning
        trunk = try task.search(plan.warmUp.configuration)
    }

    /// Does the next piece of work.
    ///
    /// - Returns: the event; nil at the end of the sweep.
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

    /// Writes a checkpoint of the present search, from which `--resume` continues.
    ///
    /// - Throws: `FileError.cannotWrite`, with the steps that are saved.
    public func stop() throws { try current?.driver.stop() }

    /// The progress of the present search, for people; nil between searches.
    public var runningStep: (name: String, step: Int, steps: Int)? {
        current.map { ($0.name, $0.driver.run.step, $0.driver.run.steps) }
    }

    /// Does the next piece of a run; nil where the run has reached its last step and is finished.
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
        let path = directory.path(of: SweepDirectory.warmUpName), end = trunk.warmUpSteps
        try begin(trunk, plan: plan.warmUp, name: SweepDirectory.warmUpName, end: end) {
            try RunDirectory(creating: path, configuration: plan.warmUp.json)
        }
        guard trunk.step <= end else {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected the warm-up of a sweep, which ends with step \(end), found a run that went on to step "
                    + "\(trunk.step); remove it, and the sweep does its warm-up again")
        }
    }

    private func beginSearch(_ branch: SweepPlan.Search) throws {
        let path = directory.path(of: branch.name)
        if let result = try RunDirectory.result(ofRunIn: path) {
            try check(branch, in: path)
            return try finish(branch.name, result)
        }
        guard let warmUp else { return }
        let search = try task.search(branch.configuration)
        let branchPlan = plan.warmUp.with(branch.configuration)
        try begin(search, plan: branchPlan, name: branch.name, end: search.steps) {
            try search.branch(from: warmUp)
            return try RunDirectory(
                branching: path, from: directory.path(of: SweepDirectory.warmUpName), run: search, configuration: branchPlan.json)
        }
    }

    /// Checks that the finished search in a directory is that of the sweep.
    private func check(_ branch: SweepPlan.Search, in path: String) throws {
        let found = try SearchPlan(run: path).configuration.json, expected = branch.configuration.json
        guard let (place, own, other) = found.firstDifference(from: expected, free: [], at: "/configuration") else { return }
        throw FileError.invalid(
            path: RunDirectory.configurationPath(in: path), place: place,
            problem: "expected \(other) as in the search \(branch.name) of the sweep, found \(own)")
    }

    /// Opens the directory of a run, or creates it.
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
            name: name, kind: .found, architecture: try Architecture(contentsOf: path), searched: result))
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
            inherited: try trunk.inheritedAccuracy(of: choices, on: task.testImages), searched: network.searched))
        return .evaluated(done: points.count, of: networks.count)
    }
}
